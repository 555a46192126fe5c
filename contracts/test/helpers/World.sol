// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArena} from "../../src/IArena.sol";
import {Clock, Phase, Role, Rules, TaskParams, Verdict} from "../../src/Types.sol";
import {Events} from "../../src/Events.sol";
import {Clocks} from "../../src/libraries/Clocks.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {deployArena} from "./Deploy.sol";
import {Judge} from "./Judge.sol";
import {Lists} from "./Lists.sol";
import {Scribe} from "./Scribe.sol";
import {vm, Vm} from "./Vm.sol";

/// An arena with two tokens, and people who walk tasks through their rounds.
abstract contract World is Events, Lists {
    uint256 internal constant T = 1e18;
    bytes32 internal constant KEY = keccak256("the key of every round");
    address internal constant CREATOR = address(0xC0FFEE);

    IArena internal arena;
    Scribe internal scribe;
    TestToken internal token;
    TestToken internal usd;

    /// What each validator has sealed.
    mapping(uint256 round => mapping(address validator => bytes)) internal vectorOf;
    mapping(uint256 round => mapping(address validator => bool)) internal hasRevealed;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1000);
        token = new TestToken("Stake", "STK", type(uint128).max);
        usd = new TestToken("Dollar", "USD", type(uint128).max);
        arena = deployArena(address(token));
        scribe = new Scribe(arena);
    }

    function rulesDefault() internal pure virtual returns (Rules memory) {
        return Rules({
            committeeSize: 5,
            batchSize: 100,
            quorum: 1,
            slashInvalid: 1000,
            slashWorse: 500,
            slashNotSealed: 200,
            slashNotRevealed: 1000,
            slashDeviant: 500,
            slashVerdict: 1000,
            slashKey: 5000,
            slashShard: 5000,
            gamma: 0.1e18,
            q: 0.6e18,
            eta: 0.002e18,
            alpha: 1e18,
            tolerance: 0.01e18,
            margin: 0.05e18,
            lambda: 30e18
        });
    }

    function paramsOf(uint256 rounds) internal view virtual returns (TaskParams memory p) {
        p.specDigest = keccak256("spec");
        p.bountyToken = address(usd);
        p.bounty = uint128(900 * T);
        p.bond = uint128(100 * T);
        p.trainerMinStake = uint128(10 * T);
        p.validatorMinStake = uint128(20 * T);
        p.clock = Clock(0, 60, 61, 62, 63, 64, 65, 0);
        p.rules = rulesDefault();
        p.keyHashes = new bytes32[](rounds);
        p.plaintextDigests = new bytes32[](rounds);
        for (uint256 r; r < rounds; ++r) {
            p.keyHashes[r] = keccak256(abi.encode(KEY));
            p.plaintextDigests[r] = keccak256(abi.encode("rows", r));
        }
    }

    function create(TaskParams memory p) internal returns (uint256 taskId) {
        give(CREATOR, p.bond, p.bounty);
        vm.prank(CREATOR);
        taskId = arena.createTask(p);
    }

    /// Gives stake tokens and bounty tokens, approved for the arena.
    function give(address account, uint256 stakes, uint256 bounty) internal {
        token.draw(account, stakes);
        usd.draw(account, bounty);
        vm.startPrank(account);
        token.approve(address(arena), type(uint256).max);
        usd.approve(address(arena), type(uint256).max);
        vm.stopPrank();
    }

    function trainer(uint256 i) internal pure returns (address) {
        return address(uint160(0x1000000 + i));
    }

    function validator(uint256 i) internal pure returns (address) {
        return address(uint160(0x2000000 + i));
    }

    function stakeIn(uint256 taskId, address account, Role role, uint256 amount) internal {
        give(account, amount, 0);
        vm.prank(account);
        arena.stake(taskId, role, uint128(amount), 0, new bytes32[](0));
    }

    /// Goes to the first second of a phase of a round.
    function goTo(uint256 taskId, uint256 round, Phase target) internal {
        (, Clock memory c,) = arena.taskOf(taskId);
        uint256 time = uint8(target) == 0 ? c.start - 1 : Clocks.endOf(c, round, Phase(uint8(target) - 1));
        vm.warp(time);
        vm.roll(block.number + 1);
    }

    function submitAs(uint256 taskId, uint256 round, address who) internal {
        vm.prank(who);
        arena.submit(taskId, round, commitmentOf(taskId, round, who));
    }

    function commitmentOf(uint256 taskId, uint256 round, address who) internal pure returns (bytes32) {
        return keccak256(abi.encode(taskId, round, who, digestOf(who), bytes32("salt")));
    }

    function digestOf(address who) internal pure returns (bytes32) {
        return keccak256(abi.encode("adapter", who));
    }

    function openAs(uint256 taskId, uint256 round, address who) internal {
        vm.prank(who);
        arena.open(taskId, round, digestOf(who), "salt");
    }

    function enrollAs(uint256 taskId, uint256 round, address who) internal {
        vm.prank(who);
        arena.enroll(taskId, round);
    }

    function sealOf(uint256 taskId, uint256 round, uint256 batch, address who, bytes memory vector)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(taskId, round, batch, who, bytes32("v"), keccak256(vector)));
    }

    function sealAs(uint256 taskId, uint256 round, uint256 batch, address who, uint32[] memory scores) internal {
        bytes memory vector = Judge.pack(scores);
        vectorOf[round][who] = vector;
        vm.prank(who);
        arena.seal(taskId, round, sealOf(taskId, round, batch, who, vector));
    }

    /// What `sealFor` takes beside a seal: 65 bytes by the account whose key it is.
    function signedSeal(uint256 key, uint256 taskId, uint256 round, bytes32 seal) internal view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Lanista"),
                keccak256("1"),
                block.chainid,
                address(arena)
            )
        );
        bytes32 hash = keccak256(abi.encode(keccak256("Seal(uint256 taskId,uint256 round,bytes32 seal)"), taskId, round, seal));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, keccak256(abi.encodePacked("\x19\x01", domain, hash)));
        return abi.encodePacked(r, s, v);
    }

    function revealOne(uint256 taskId, uint256 round, uint256 batch, address who) internal {
        address[] memory who_ = new address[](1);
        bytes32[] memory salts = new bytes32[](1);
        who_[0] = who;
        salts[0] = "v";
        hasRevealed[round][who] = true;
        arena.reveal(taskId, round, batch, who_, salts, vectorOf[round][who]);
    }

    /// The right consensus and vectors of a batch.
    function evidence(uint256 taskId, uint256 round, uint256 batch)
        internal
        view
        returns (bytes memory consensus, bytes memory vectors)
    {
        address[] memory members = arena.committeeOf(taskId, round, batch);
        bytes[] memory known = new bytes[](members.length);
        for (uint256 p; p < members.length; ++p) {
            if (hasRevealed[round][members[p]]) known[p] = vectorOf[round][members[p]];
        }
        return scribe.evidence(taskId, round, batch, members, known);
    }

    function settleBatch(uint256 taskId, uint256 round, uint256 batch) internal returns (Verdict memory v) {
        (bytes memory consensus, bytes memory vectors) = evidence(taskId, round, batch);
        return settleWith(taskId, round, batch, consensus, vectors);
    }

    function settleWith(uint256 taskId, uint256 round, uint256 batch, bytes memory consensus, bytes memory vectors)
        internal
        returns (Verdict memory v)
    {
        vm.recordLogs();
        arena.settle(taskId, round, batch, consensus, vectors);
        return recordedVerdict();
    }

    /// The verdict in BatchSettled, the last event since vm.recordLogs.
    function recordedVerdict() internal returns (Verdict memory v) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (, v.consensus, v.results) = abi.decode(logs[logs.length - 1].data, (address, bytes, uint128[]));
    }

    /// Trainers and validators 0 … take part, up to the first second in which scores are sealed.
    function enterAll(uint256 taskId, uint256 round, uint256 trainers, uint256 validators) internal {
        for (uint256 i; i < trainers; ++i) submitAs(taskId, round, trainer(i));
        for (uint256 i; i < validators; ++i) enrollAs(taskId, round, validator(i));
        goTo(taskId, round, Phase.Open);
        for (uint256 i; i < trainers; ++i) openAs(taskId, round, trainer(i));
        arena.revealKey(taskId, round, KEY);
        goTo(taskId, round, Phase.Validate);
    }

    function sealAll(uint256 taskId, uint256 round, uint256 validators, uint32[] memory scores) internal {
        for (uint256 i; i < validators; ++i) sealAs(taskId, round, 0, validator(i), scores);
    }

    function revealAll(uint256 taskId, uint256 round, uint256 validators) internal {
        goTo(taskId, round, Phase.Reveal);
        for (uint256 i; i < validators; ++i) revealOne(taskId, round, 0, validator(i));
        goTo(taskId, round, Phase.Settle);
    }

    /// All validators seal the same scores; the round goes on to where it can be ranked.
    function judgeAll(uint256 taskId, uint256 round, uint256 validators, uint32[] memory scores)
        internal
        returns (Verdict memory v)
    {
        sealAll(taskId, round, validators, scores);
        revealAll(taskId, round, validators);
        v = settleBatch(taskId, round, 0);
        goTo(taskId, round, Phase.Final);
    }

    /// Ranks a settled round and pays everybody, in one page each.
    function conclude(uint256 taskId, uint256 round, Verdict[] memory verdicts) internal {
        (uint256[] memory order, uint256[] memory slashed) = scribe.orderOf(taskId, round, verdicts);
        conclude(taskId, round, verdicts, order, slashed);
    }

    function conclude(
        uint256 taskId,
        uint256 round,
        Verdict[] memory verdicts,
        uint256[] memory order,
        uint256[] memory slashed
    ) internal {
        arena.rank(taskId, round, verdicts, order, slashed);
        arena.payTrainers(taskId, round, order);
        for (uint256 b; b < verdicts.length; ++b) {
            arena.payValidators(taskId, round, b, verdicts[b]);
        }
    }

    function phase(uint256 taskId, uint256 round) internal view returns (uint256) {
        return uint8(arena.phaseOf(taskId, round));
    }
}
