// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Arena} from "../../src/Arena.sol";
import {BackOffice} from "../../src/BackOffice.sol";
import {Clock, Phase, Role, Round, Rules, Submission, TaskParams, Verdict} from "../../src/Types.sol";
import {Events} from "../../src/Events.sol";
import {Clocks} from "../../src/libraries/Clocks.sol";
import {TestToken} from "../../src/testing/TestToken.sol";
import {ABSTAIN, INVALID, Judge} from "./Judge.sol";
import {vm, Vm} from "./Vm.sol";

/// An arena with two tokens, and people who walk tasks through their rounds.
abstract contract World is Events {
    uint256 internal constant T = 1e18;
    bytes32 internal constant KEY = keccak256("the key of every round");
    address internal constant CREATOR = address(0xC0FFEE);

    Arena internal arena;
    BackOffice internal back;
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
        BackOffice office = new BackOffice(address(token));
        arena = new Arena(address(token), office);
        back = BackOffice(address(arena));
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
        taskId = back.createTask(p);
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
    function goTo(uint256 taskId, uint256 round, Phase phase) internal {
        (, Clock memory c,) = arena.taskOf(taskId);
        uint256 time = uint8(phase) == 0 ? c.start - 1 : Clocks.endOf(c, round, Phase(uint8(phase) - 1));
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
        (uint256 from, uint256 to) = arena.batchRange(taskId, round, batch);
        uint256 n;
        uint256[] memory all = new uint256[](members.length);
        uint32[][] memory rows = new uint32[][](members.length);
        for (uint256 p; p < members.length; ++p) {
            if (!hasRevealed[round][members[p]]) continue;
            vectors = bytes.concat(vectors, vectorOf[round][members[p]]);
            rows[n] = Judge.unpack(vectorOf[round][members[p]]);
            all[n++] = weightIn(taskId, round, members[p]);
        }
        (,, Rules memory rules) = arena.taskOf(taskId);
        uint32[] memory medians = new uint32[](1 + to - from);
        uint32[] memory scores = new uint32[](n);
        uint256[] memory weights = new uint256[](n);
        for (uint256 j; j < n; ++j) {
            weights[j] = all[j];
        }
        for (uint256 i; i < medians.length; ++i) {
            for (uint256 j; j < n; ++j) {
                scores[j] = rows[j][i];
            }
            medians[i] = n < rules.quorum ? ABSTAIN : Judge.median(scores, weights);
        }
        consensus = Judge.pack(medians);
    }

    function weightIn(uint256 taskId, uint256 round, address who) internal view returns (uint256) {
        (Round memory r,,) = arena.roundOf(taskId, round);
        for (uint256 i; i < r.enrolled; ++i) {
            if (arena.enrolmentOf(taskId, round, i).validator == who) return arena.enrolmentOf(taskId, round, i).weight;
        }
        return 0;
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
        Vm.Log[] memory logs = vm.getRecordedLogs();
        (, v.consensus, v.results) = abi.decode(logs[logs.length - 1].data, (address, bytes, uint128[]));
    }

    /// Winners in their order, and who is slashed; by plain selection.
    function orderOf(uint256 taskId, uint256 round, Verdict[] memory verdicts)
        internal
        view
        returns (uint256[] memory order, uint256[] memory slashed)
    {
        (,, Rules memory rules) = arena.taskOf(taskId);
        (Round memory r,,) = arena.roundOf(taskId, round);
        uint256[] memory place = new uint256[](r.submissions);
        bool[] memory bad = new bool[](r.submissions);
        uint256 lowest = ABSTAIN;
        for (uint256 b; b < verdicts.length; ++b) {
            uint256 base = Judge.unpack(verdicts[b].consensus)[0];
            if (base < lowest) lowest = base;
        }
        uint256 step = lowest * rules.eta / 1e18;
        if (step == 0) step = 1;
        uint256 i;
        uint256 winners;
        uint256 losers;
        for (uint256 b; b < verdicts.length; ++b) {
            uint32[] memory scores = Judge.unpack(verdicts[b].consensus);
            for (uint256 item = 1; item < scores.length; ++item) {
                (place[i], bad[i]) = placeOf(taskId, round, i, scores[item], scores[0], step, rules.margin);
                if (place[i] != 0) ++winners;
                if (bad[i]) ++losers;
                ++i;
            }
        }
        order = new uint256[](winners);
        slashed = new uint256[](losers);
        uint256 s;
        for (i = 0; i < r.submissions; ++i) {
            if (bad[i]) slashed[s++] = i;
        }
        for (uint256 k; k < winners; ++k) {
            uint256 best = type(uint256).max;
            for (i = 0; i < r.submissions; ++i) {
                if (place[i] != 0 && place[i] < best) {
                    best = place[i];
                    order[k] = i;
                }
            }
            place[order[k]] = 0;
        }
    }

    function placeOf(
        uint256 taskId,
        uint256 round,
        uint256 i,
        uint32 score,
        uint32 base,
        uint256 step,
        uint256 margin
    ) private view returns (uint256 place, bool bad) {
        if (score == INVALID) return (0, true);
        if (score >= ABSTAIN || base >= ABSTAIN) return (0, false);
        if (score / step < base / step) {
            address who = arena.submissionOf(taskId, round, i).trainer;
            return ((score / step) << 64 | arena.commitmentOf(taskId, round, who), false);
        }
        return (0, uint256(score) * 1e18 > uint256(base) * (1e18 + margin));
    }

    /// Ranks a settled round and pays everybody, in one page each.
    function conclude(uint256 taskId, uint256 round, Verdict[] memory verdicts) internal {
        (uint256[] memory order, uint256[] memory slashed) = orderOf(taskId, round, verdicts);
        back.rank(taskId, round, verdicts, order, slashed);
        back.payTrainers(taskId, round, order);
        for (uint256 b; b < verdicts.length; ++b) {
            back.payValidators(taskId, round, b, verdicts[b]);
        }
    }

    function phase(uint256 taskId, uint256 round) internal view returns (uint256) {
        return uint8(arena.phaseOf(taskId, round));
    }

    function list(uint256 a) internal pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = a;
    }

    function list(uint256 a, uint256 b) internal pure returns (uint256[] memory l) {
        l = new uint256[](2);
        l[0] = a;
        l[1] = b;
    }

    function row(uint32 a, uint32 b) internal pure returns (uint32[] memory s) {
        s = new uint32[](2);
        s[0] = a;
        s[1] = b;
    }

    function row(uint32 a, uint32 b, uint32 c) internal pure returns (uint32[] memory s) {
        s = new uint32[](3);
        s[0] = a;
        s[1] = b;
        s[2] = c;
    }

    function row(uint32 a, uint32 b, uint32 c, uint32 d) internal pure returns (uint32[] memory s) {
        s = new uint32[](4);
        s[0] = a;
        s[1] = b;
        s[2] = c;
        s[3] = d;
    }

    function one(Verdict memory v) internal pure returns (Verdict[] memory l) {
        l = new Verdict[](1);
        l[0] = v;
    }
}
