// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round, TaskParams, Verdict} from "../src/Types.sol";
import "../src/Errors.sol";
import {deployAnnex, deployBackOffice, deployFront} from "./helpers/Deploy.sol";
import {ABSTAIN, INVALID} from "./helpers/Judge.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// Everything that is refused, and the rounds that cannot be judged.
contract ErrorsTest is World {
    uint256 internal task;

    function setUp() public override {
        super.setUp();
        task = create(paramsOf(2));
        for (uint256 i; i < 3; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, 100 * T);
            stakeIn(task, validator(i), Role.Validator, 100 * T);
        }
    }

    function refused(TaskParams memory p, bytes32 name, uint256 value) internal {
        give(CREATOR, p.bond, p.bounty);
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, name, value));
        vm.prank(CREATOR);
        arena.createTask(p);
    }

    function test_taskParameters() public {
        TaskParams memory p = paramsOf(0);
        refused(p, "rounds", 0);
        p = paramsOf(257);
        refused(p, "rounds", 257);
        p = paramsOf(1);
        p.plaintextDigests = new bytes32[](2);
        refused(p, "plaintextDigests", 2);
        p = paramsOf(1);
        p.bountyToken = address(7);
        refused(p, "bountyToken", 7);
        p = paramsOf(1);
        p.trainerMinStake = 1;
        refused(p, "trainerMinStake", 1);
        p = paramsOf(1);
        p.validatorMinStake = 1;
        refused(p, "validatorMinStake", 1);
        p = paramsOf(1);
        p.bond = 1;
        refused(p, "bond", 1);
        p = paramsOf(1);
        p.clock.start = 1;
        refused(p, "start", 1);
        p = paramsOf(1);
        p.clock.start = uint40(block.timestamp + 366 days);
        refused(p, "start", block.timestamp + 366 days);
        p = paramsOf(1);
        p.clock.submit = 0;
        refused(p, "submit", 0);
        p = paramsOf(1);
        p.clock.open = 0;
        refused(p, "open", 0);
        p = paramsOf(1);
        p.clock.validate = 0;
        refused(p, "validate", 0);
        p = paramsOf(1);
        p.clock.reveal = 0;
        refused(p, "reveal", 0);
        p = paramsOf(1);
        p.clock.settle = 0;
        refused(p, "settle", 0);
        p = paramsOf(1);
        p.clock.dispute = 0;
        refused(p, "dispute", 0);
        p = paramsOf(1);
        p.rules.committeeSize = 257;
        refused(p, "committeeSize", 257);
        p = paramsOf(1);
        p.rules.batchSize = 1001;
        refused(p, "batchSize", 1001);
        p = paramsOf(1);
        p.rules.quorum = 6;
        refused(p, "quorum", 6);
        p = paramsOf(1);
        p.rules.slashInvalid = 5001;
        refused(p, "slashInvalid", 5001);
        p = paramsOf(1);
        p.rules.gamma = 0.6e18;
        refused(p, "gamma", 0.6e18);
        p = paramsOf(1);
        p.rules.eta = 0;
        refused(p, "eta", 0);
        p = paramsOf(1);
        p.rules.alpha = 0;
        refused(p, "alpha", 0);
        p = paramsOf(1);
        p.rules.slashShard = 10_001;
        refused(p, "slashShard", 10_001);
        p = paramsOf(1);
        p.rules.q = 1e18;
        refused(p, "q", 1e18);
        p = paramsOf(1);
        p.rules.tolerance = 1e18;
        refused(p, "tolerance", 1e18);
    }

    function test_stakes() public {
        vm.expectRevert(abi.encodeWithSelector(WrongRole.selector, task, trainer(0), Role.Trainer, Role.Validator));
        vm.prank(trainer(0));
        arena.stake(task, Role.Validator, 0, 0, new bytes32[](0));
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(trainer(0));
        arena.stake(task, Role.Trainer, 0, uint40(block.timestamp + 366 days), new bytes32[](0));
        vm.expectPartialRevert(NoSuchTask.selector);
        arena.stake(9, Role.Trainer, 0, 0, new bytes32[](0));
        vm.expectPartialRevert(StakeTooSmall.selector);
        vm.prank(trainer(0));
        arena.unstake(task, uint128(101 * T));
        vm.prank(trainer(0));
        arena.stake(task, Role.Trainer, 0, uint40(block.timestamp + 90 days), new bytes32[](0));
        vm.expectPartialRevert(StakeLocked.selector);
        vm.prank(trainer(0));
        arena.unstake(task, 1);
        // n * (1 + 2.19 * (90 - 30) / 365), in millionths.
        submitAs(task, 0, trainer(0));
        vm.expectPartialRevert(StakeBusy.selector);
        vm.prank(trainer(0));
        arena.unstake(task, 1);
        goTo(task, 0, Phase.Open);
        openAs(task, 0, trainer(0));
        uint256 left = 90 days - 60;
        uint256 weight = 100e6 + uint256(100e6) * 219 * (left - 30 days) / (100 * 365 days);
        vm.assertEq(arena.submissionOf(task, 0, 0).weight, weight, "lock multiplier");
        vm.assertEq(arena.submissionOf(task, 0, 0).own, 100e6, "own stake");
    }

    function test_allowlist() public {
        TaskParams memory p = paramsOf(1);
        bytes32 other = keccak256(abi.encode(trainer(1)));
        bytes32 leaf = keccak256(abi.encode(trainer(0)));
        p.allowlistRoot = other < leaf ? keccak256(abi.encode(other, leaf)) : keccak256(abi.encode(leaf, other));
        uint256 closed = create(p);
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = other;
        give(trainer(0), 0, 0);
        vm.prank(trainer(0));
        arena.stake(closed, Role.Trainer, 0, 0, proof);
        vm.expectRevert(abi.encodeWithSelector(NotAllowed.selector, closed, trainer(2)));
        vm.prank(trainer(2));
        arena.stake(closed, Role.Trainer, 0, 0, proof);
        vm.expectPartialRevert(NotCreator.selector);
        arena.liftAllowlist(closed);
        vm.prank(CREATOR);
        arena.liftAllowlist(closed);
        vm.prank(trainer(2));
        arena.stake(closed, Role.Trainer, 0, 0, new bytes32[](0));
    }

    function test_wrongPhases() public {
        vm.expectRevert(abi.encodeWithSelector(WrongPhase.selector, task, 1, Phase.Pending, Phase.Submit));
        vm.prank(trainer(0));
        arena.submit(task, 1, "c");
        vm.expectRevert(abi.encodeWithSelector(NoSuchRound.selector, task, 2));
        vm.prank(trainer(0));
        arena.submit(task, 2, "c");
        submitAs(task, 0, trainer(0));
        vm.expectRevert(abi.encodeWithSelector(WrongPhase.selector, task, 0, Phase.Submit, Phase.Open));
        vm.prank(trainer(0));
        arena.open(task, 0, "a", "salt");
        enrollAs(task, 0, validator(0));
        vm.expectPartialRevert(AlreadyEnrolled.selector);
        vm.prank(validator(0));
        arena.enroll(task, 0);
        goTo(task, 0, Phase.Open);
        vm.expectPartialRevert(CommitmentMismatch.selector);
        vm.prank(trainer(0));
        arena.open(task, 0, "a", "salt");
        openAs(task, 0, trainer(0));
        vm.expectPartialRevert(CommitmentMismatch.selector);
        vm.prank(trainer(0));
        arena.open(task, 0, digestOf(trainer(0)), "salt");
        vm.expectPartialRevert(KeyMismatch.selector);
        arena.revealKey(task, 0, "wrong");
        arena.revealKey(task, 0, KEY);
        vm.expectPartialRevert(KeyAlreadyRevealed.selector);
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        vm.expectPartialRevert(NotEnrolled.selector);
        vm.prank(validator(1));
        arena.seal(task, 0, "s");
        vm.expectPartialRevert(WrongPhase.selector);
        vm.prank(validator(1));
        arena.enroll(task, 0);
        sealAs(task, 0, 0, validator(0), row(1_000_000, 900_000));
        goTo(task, 0, Phase.Reveal);
        vm.expectPartialRevert(WrongPhase.selector);
        vm.prank(validator(0));
        arena.seal(task, 0, "s");
        bytes memory good = vectorOf[0][validator(0)];
        vectorOf[0][validator(0)] = hex"000f4240000dbba1";
        vm.expectPartialRevert(SealMismatch.selector);
        this.reveal_(0, validator(0));
        vectorOf[0][validator(0)] = hex"00";
        vm.expectPartialRevert(BadLength.selector);
        this.reveal_(0, validator(0));
        vectorOf[0][validator(0)] = good;
        vm.expectPartialRevert(NoSuchBatch.selector);
        this.reveal_(1, validator(0));
        revealOne(task, 0, 0, validator(0));
        vm.expectPartialRevert(SealMismatch.selector);
        this.reveal_(0, validator(0));
    }

    function reveal_(uint256 batch, address who) external {
        revealOne(task, 0, batch, who);
    }

    function ready() internal returns (bytes memory consensus, bytes memory vectors) {
        for (uint256 i; i < 3; ++i) {
            submitAs(task, 0, trainer(i));
            enrollAs(task, 0, validator(i));
        }
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < 3; ++i) openAs(task, 0, trainer(i));
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        for (uint256 i; i < 3; ++i) {
            uint32 x = uint32(100 * i);
            sealAs(task, 0, 0, validator(i), row(1_000_000 + x, 800_000 + x, 850_000 + x, 900_000 + x));
        }
        goTo(task, 0, Phase.Reveal);
        for (uint256 i; i < 3; ++i) revealOne(task, 0, 0, validator(i));
        goTo(task, 0, Phase.Settle);
        return evidence(task, 0, 0);
    }

    /// No revealed vector can be left out, counted twice, changed or moved; no other consensus passes.
    function test_hostilePoster() public {
        (bytes memory consensus, bytes memory vectors) = ready();
        for (uint256 item; item < 4; ++item) {
            for (uint256 up; up < 2; ++up) {
                bytes memory wrong = bytes.concat(consensus);
                wrong[4 * item + 3] = bytes1(up == 0 ? uint8(wrong[4 * item + 3]) - 1 : uint8(wrong[4 * item + 3]) + 1);
                vm.expectPartialRevert(NotTheMedian.selector);
                arena.settle(task, 0, 0, wrong, vectors);
            }
        }
        vm.expectPartialRevert(BadLength.selector);
        arena.settle(task, 0, 0, consensus, part(vectors, 0, 32));
        vm.expectPartialRevert(BadLength.selector);
        arena.settle(task, 0, 0, consensus, bytes.concat(vectors, part(vectors, 0, 16)));
        vm.expectPartialRevert(VectorMismatch.selector);
        arena.settle(task, 0, 0, consensus, bytes.concat(part(vectors, 0, 16), part(vectors, 0, 32)));
        vm.expectPartialRevert(VectorMismatch.selector);
        arena.settle(task, 0, 0, consensus, bytes.concat(part(vectors, 16, 16), part(vectors, 0, 16), part(vectors, 32, 16)));
        vm.expectPartialRevert(BadLength.selector);
        arena.settle(task, 0, 0, part(consensus, 0, 12), vectors);
        vm.expectPartialRevert(NoSuchBatch.selector);
        arena.settle(task, 0, 1, consensus, vectors);
        arena.settle(task, 0, 0, consensus, vectors);
        vm.expectPartialRevert(AlreadySettled.selector);
        arena.settle(task, 0, 0, consensus, vectors);
    }

    function test_hostileRanker() public {
        (bytes memory consensus, bytes memory vectors) = ready();
        Verdict memory v = settleWith(task, 0, 0, consensus, vectors);
        vm.expectPartialRevert(WrongPhase.selector);
        arena.rank(task, 0, one(v), list(0, 1), new uint256[](0));
        goTo(task, 0, Phase.Final);
        vm.expectPartialRevert(NotRanked.selector);
        arena.payTrainers(task, 0, list(0));
        vm.expectPartialRevert(NotRanked.selector);
        arena.payValidators(task, 0, 0, v);
        vm.expectPartialRevert(BadLength.selector);
        arena.rank(task, 0, new Verdict[](0), list(0, 1), new uint256[](0));
        vm.expectPartialRevert(OutOfOrder.selector);
        arena.rank(task, 0, one(v), list(1, 0), new uint256[](0));
        vm.expectPartialRevert(OutOfOrder.selector);
        arena.rank(task, 0, one(v), list(0, 0), new uint256[](0));
        vm.expectPartialRevert(NoSuchSubmission.selector);
        arena.rank(task, 0, one(v), list(0, 3), new uint256[](0));
        vm.expectPartialRevert(NotSlashable.selector);
        arena.rank(task, 0, one(v), list(0), list(1));
        vm.expectRevert(abi.encodeWithSelector(NoSuchSubmission.selector, task, 0, 3));
        arena.rank(task, 0, one(v), list(0), list(3));
        Verdict memory w = Verdict(v.consensus, new uint128[](3));
        vm.expectPartialRevert(RecordMismatch.selector);
        arena.rank(task, 0, one(w), list(0), new uint256[](0));
        // In pages.
        arena.rank(task, 0, one(v), list(0), new uint256[](0));
        arena.rank(task, 0, one(v), list(1, 2), new uint256[](0));
        vm.expectPartialRevert(AlreadyRanked.selector);
        arena.rank(task, 0, one(v), list(1, 2), new uint256[](0));
        arena.payTrainers(task, 0, list(2, 0));
        vm.expectPartialRevert(AlreadyPaid.selector);
        arena.payTrainers(task, 0, list(0));
        vm.expectPartialRevert(NotAWinner.selector);
        arena.payTrainers(task, 0, list(7));
        arena.payValidators(task, 0, 0, v);
        vm.expectPartialRevert(AlreadyPaid.selector);
        arena.payValidators(task, 0, 0, v);
        vm.expectPartialRevert(NothingOwed.selector);
        arena.claim(address(usd), address(99));
        vm.expectPartialRevert(NothingToRefund.selector);
        arena.refund(task, CREATOR);
    }

    /// The key never comes: the creator's bond pays, stakes are free, the bounty goes back after the last round.
    function test_keyWithheld() public {
        submitAs(task, 0, trainer(0));
        enrollAs(task, 0, validator(0));
        goTo(task, 0, Phase.Open);
        openAs(task, 0, trainer(0));
        goTo(task, 0, Phase.Validate);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        vm.expectPartialRevert(EarlierRoundOpen.selector);
        this.closeLater();
        arena.closeVoid(task, 0);
        vm.expectPartialRevert(NothingToDo.selector);
        arena.closeVoid(task, 0);
        arena.payVoid(task, 0, list(0));
        vm.expectPartialRevert(NoSuchSubmission.selector);
        arena.payVoid(task, 0, list(1));
        vm.assertEq(arena.owed(address(token), trainer(0)), 25 * T, "half of half the bond");
        vm.prank(trainer(0));
        arena.unstake(task, uint128(100 * T));
        vm.prank(validator(0));
        arena.unstake(task, uint128(100 * T));
        goTo(task, 1, Phase.Validate);
        arena.closeVoid(task, 1);
        vm.assertEq(arena.owed(address(token), CREATOR), 50 * T, "rest of the bond: nobody was harmed in round 1");
        arena.refund(task, CREATOR);
        vm.assertEq(arena.owed(address(usd), CREATOR), 900 * T, "bounty");
        vm.expectPartialRevert(NothingToRefund.selector);
        arena.refund(task, CREATOR);
        arena.claim(address(usd), CREATOR);
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(CREATOR);
        arena.fund(task, 1);
    }

    function closeLater() external {
        uint256 time = block.timestamp;
        goTo(task, 1, Phase.Validate);
        vm.warp(time + 400);
        arena.closeVoid(task, 1);
    }

    /// Nobody settles in time: void, and nobody is slashed.
    function test_notSettled() public {
        ready();
        goTo(task, 0, Phase.Dispute);
        vm.assertEq(phase(task, 0), uint8(Phase.Void), "void");
        arena.closeVoid(task, 0);
        vm.assertEq(arena.stakeOf(task, validator(0)).amount, 100 * T, "untouched");
        (Round memory r,,) = arena.roundOf(task, 0);
        vm.assertEq(r.voidShare, 0, "not the creator's fault");
    }

    /// All abstain: no consensus, no winner, the reward rolls over.
    function test_allAbstainAndAllInvalid() public {
        for (uint256 i; i < 2; ++i) {
            submitAs(task, 0, trainer(i));
            enrollAs(task, 0, validator(i));
        }
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < 2; ++i) openAs(task, 0, trainer(i));
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        for (uint256 i; i < 2; ++i) sealAs(task, 0, 0, validator(i), row(1_000_000, ABSTAIN, INVALID));
        goTo(task, 0, Phase.Reveal);
        for (uint256 i; i < 2; ++i) revealOne(task, 0, 0, validator(i));
        goTo(task, 0, Phase.Settle);
        Verdict memory v = settleBatch(task, 0, 0);
        goTo(task, 0, Phase.Final);
        conclude(task, 0, one(v));
        vm.assertEq(arena.stakeOf(task, trainer(0)).amount, 100 * T, "nobody could judge it");
        vm.assertEq(arena.stakeOf(task, trainer(1)).amount, 90 * T, "invalid");
        (Round memory r,,) = arena.roundOf(task, 0);
        vm.assertEq(r.trainerReward, 0, "no winner");
        vm.assertGe(r.validatorReward, 1, "work is paid");
    }

    function test_seedAndCommittees() public {
        for (uint256 i = 3; i < 12; ++i) stakeIn(task, validator(i), Role.Validator, 100 * T);
        for (uint256 i; i < 12; ++i) enrollAs(task, 0, validator(i));
        submitAs(task, 0, trainer(0));
        goTo(task, 0, Phase.Open);
        openAs(task, 0, trainer(0));
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        vm.expectPartialRevert(SeedNotFixed.selector);
        arena.committeeOf(task, 0, 0);
        arena.fixSeed(task, 0);
        vm.expectPartialRevert(NothingToDo.selector);
        arena.fixSeed(task, 0);
        vm.roll(block.number + 300);
        arena.fixSeed(task, 0);
        (Round memory r,,) = arena.roundOf(task, 0);
        vm.assertEq(r.seed, bytes32(0), "too late: asked again");
        vm.roll(block.number + 1);
        arena.fixSeed(task, 0);
        vm.expectPartialRevert(NothingToDo.selector);
        arena.fixSeed(task, 0);
        address[] memory members = arena.committeeOf(task, 0, 0);
        vm.assertEq(members.length, 5, "committee size");
        vm.expectRevert(abi.encodeWithSelector(NoSuchBatch.selector, task, 0, 1));
        arena.committeeOf(task, 0, 1);
        for (uint256 i; i < 5; ++i) {
            for (uint256 j; j < i; ++j) {
                vm.assertTrue(members[i] != members[j], "nobody sits twice");
            }
        }
    }

    /// Contracts made for different stake tokens are not put together.
    function test_partsOfDifferentArenas() public {
        address annex = deployAnnex(address(token));
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, bytes32("annex"), uint160(annex)));
        this.deployOther(annex, address(0));
        address office = deployBackOffice(address(token), annex);
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, bytes32("backOffice"), uint160(office)));
        this.deployOther(annex, office);
    }

    /// For another stake token: the back office, or where there is one, the arena before it.
    function deployOther(address annex, address office) external {
        if (office == address(0)) deployBackOffice(address(usd), annex);
        else deployFront(address(usd), office);
    }

    function test_noSuchThings() public {
        vm.expectRevert(abi.encodeWithSelector(NoSuchTask.selector, 9));
        arena.fund(9, 1);
        vm.expectRevert(abi.encodeWithSelector(NoSuchRound.selector, 9, 0));
        arena.currentRound(9);
        vm.expectPartialRevert(BadParameter.selector);
        arena.stake(task, Role.None, 0, 0, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(WrongRole.selector, task, validator(0), Role.Validator, Role.Trainer));
        submitAs(task, 0, validator(0));
        vm.assertEq(arena.currentRound(task), 0, "now");
        goTo(task, 1, Phase.Submit);
        vm.assertEq(arena.currentRound(task), 1, "the second");
        goTo(task, 1, Phase.Final);
        vm.assertEq(arena.currentRound(task), 1, "after the end the last");
        TaskParams memory p = paramsOf(1);
        p.clock.start = uint40(block.timestamp + 50);
        vm.assertEq(arena.currentRound(create(p)), 0, "before the start the first");
        (bool ok,) = address(arena).call(hex"deadbeef");
        vm.assertTrue(!ok, "no such function");
    }

    /// Less than the minimum, and a lock that may grow but not shrink.
    function test_minimumStake() public {
        address poor = address(0x9009);
        stakeIn(task, poor, Role.Trainer, 9 * T);
        vm.expectRevert(abi.encodeWithSelector(StakeTooSmall.selector, task, poor, 9 * T, 10 * T));
        submitAs(task, 0, poor);
        stakeIn(task, poor, Role.Trainer, T);
        submitAs(task, 0, poor);
        vm.startPrank(poor);
        arena.stake(task, Role.Trainer, 0, uint40(block.timestamp + 60 days), new bytes32[](0));
        arena.stake(task, Role.Trainer, 0, 0, new bytes32[](0));
        vm.stopPrank();
        vm.assertEq(arena.stakeOf(task, poor).lockUntil, block.timestamp + 60 days, "never earlier");
    }

    function test_fundedByOthers() public {
        give(address(0xF0), 0, 100 * T);
        vm.prank(address(0xF0));
        arena.fund(task, uint128(100 * T));
        vm.assertEq(arena.fundedBy(task, address(0xF0)), 100 * T, "remembered");
        goTo(task, 0, Phase.Validate);
        arena.closeVoid(task, 0);
        goTo(task, 1, Phase.Validate);
        arena.closeVoid(task, 1);
        arena.refund(task, address(0xF0));
        vm.assertEq(arena.owed(address(usd), address(0xF0)), 100 * T, "in proportion");
    }

    function signed(uint256 key, bytes32 seal) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Lanista"),
                keccak256("1"),
                block.chainid,
                address(arena)
            )
        );
        bytes32 hash = keccak256(abi.encode(keccak256("Seal(uint256 taskId,uint256 round,bytes32 seal)"), task, 0, seal));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked("\x19\x01", domain, hash)));
        return abi.encodePacked(r, s, v);
    }

    /// Signed seals: by whom they name, once, for who is enrolled, in their phase.
    function test_signedSeals() public {
        address signer = vm.addr(77);
        stakeIn(task, signer, Role.Validator, 100 * T);
        enrollAs(task, 0, signer);
        address[] memory who = new address[](1);
        bytes32[] memory seals = new bytes32[](1);
        (who[0], seals[0]) = (signer, "seal");
        bytes memory signature = signed(77, "seal");
        vm.expectPartialRevert(WrongPhase.selector);
        arena.sealFor(task, 0, who, seals, signature);
        goTo(task, 0, Phase.Validate);
        vm.expectRevert(abi.encodeWithSelector(BadLength.selector, 0, 1));
        arena.sealFor(task, 0, who, new bytes32[](0), signature);
        vm.expectRevert(abi.encodeWithSelector(BadLength.selector, 64, 65));
        arena.sealFor(task, 0, who, seals, part(signature, 0, 64));
        bytes memory other = signed(78, "seal");
        vm.expectRevert(abi.encodeWithSelector(SealMismatch.selector, task, 0, signer));
        arena.sealFor(task, 0, who, seals, other);
        seals[0] = "other";
        vm.expectRevert(abi.encodeWithSelector(SealMismatch.selector, task, 0, signer));
        arena.sealFor(task, 0, who, seals, signature);
        seals[0] = "seal";
        arena.sealFor(task, 0, who, seals, signature);
        vm.assertEq(bytes32(arena.scoresOf(task, 0, signer)), bytes32("seal"), "sealed");
        vm.expectRevert(abi.encodeWithSelector(NotEnrolled.selector, task, 0, signer));
        arena.sealFor(task, 0, who, seals, signature);
        who[0] = vm.addr(78);
        vm.expectRevert(abi.encodeWithSelector(NotEnrolled.selector, task, 0, vm.addr(78)));
        arena.sealFor(task, 0, who, seals, other);
    }

    /// What pages read.
    function test_reads() public {
        ready();
        vm.assertEq(arena.enrolmentOf(task, 0, 1).validator, validator(1), "enrolled");
        vm.assertEq(arena.commitmentOf(task, 0, trainer(2)), 3, "opened: the order alone");
        vm.assertEq(arena.scoresOf(task, 0, validator(0)) & 1, 1, "revealed");
        vm.assertEq(arena.recordOf(task, 0, 0), 0, "not settled");
        settleBatch(task, 0, 0);
        vm.assertTrue(arena.recordOf(task, 0, 0) != 0, "settled");
        vm.assertEq(arena.bountyTokenOf(task), address(usd), "bounty's token");
        vm.assertEq(arena.vaultOf(trainer(0)), address(0), "no vault");
        vm.assertEq(arena.disputeOf(task, 0, 0, 1).disputer, address(0), "no dispute");
        vm.assertEq(arena.jurorOf(task, 0, 0, 1, 0).juror, address(0), "no juror");
        vm.assertTrue(!arena.hasEnded(task), "running");
        vm.assertTrue(arena.backOffice() != address(0), "made of two");
    }

    function part(bytes memory b, uint256 from, uint256 length) internal pure returns (bytes memory p) {
        p = new bytes(length);
        for (uint256 i; i < length; ++i) p[i] = b[from + i];
    }
}
