// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IArena} from "../../src/IArena.sol";
import {Round, Rules, Verdict} from "../../src/Types.sol";
import {ABSTAIN, INVALID, Judge} from "./Judge.sol";

/// Prepares what settling needs, the plain way. A contract of its own, so that it is compiled once.
contract Scribe {
    IArena private immutable arena;

    constructor(IArena arena_) {
        arena = arena_;
    }

    /// The right consensus of a batch, and all vectors in a row.
    /// @param known by position; empty for those who did not reveal.
    function evidence(uint256 taskId, uint256 round, uint256 batch, address[] calldata members, bytes[] calldata known)
        external
        view
        returns (bytes memory consensus, bytes memory vectors)
    {
        uint256 n;
        for (uint256 p; p < members.length; ++p) {
            if (known[p].length == 0) continue;
            ++n;
            vectors = bytes.concat(vectors, known[p]);
        }
        (uint256 from, uint256 to) = arena.batchRange(taskId, round, batch);
        uint32[] memory medians = new uint32[](1 + to - from);
        (,, Rules memory rules) = arena.taskOf(taskId);
        uint256[] memory weights = _weights(taskId, round, members, known, n);
        for (uint256 i; i < medians.length; ++i) {
            medians[i] = n < rules.quorum ? ABSTAIN : Judge.median(_column(known, i, n), weights);
        }
        consensus = Judge.pack(medians);
    }

    function _column(bytes[] calldata known, uint256 item, uint256 n) private pure returns (uint32[] memory column) {
        column = new uint32[](n);
        uint256 j;
        for (uint256 p; p < known.length; ++p) {
            if (known[p].length > 0) column[j++] = uint32(bytes4(known[p][4 * item:4 * item + 4]));
        }
    }

    function _weights(
        uint256 taskId,
        uint256 round,
        address[] calldata members,
        bytes[] calldata known,
        uint256 n
    ) private view returns (uint256[] memory weights) {
        weights = new uint256[](n);
        uint256 j;
        for (uint256 p; p < members.length; ++p) {
            if (known[p].length > 0) weights[j++] = weightIn(taskId, round, members[p]);
        }
    }

    function weightIn(uint256 taskId, uint256 round, address who) public view returns (uint256) {
        (Round memory r,,) = arena.roundOf(taskId, round);
        for (uint256 i; i < r.enrolled; ++i) {
            if (arena.enrolmentOf(taskId, round, i).validator == who) return arena.enrolmentOf(taskId, round, i).weight;
        }
        return 0;
    }

    /// Where each submission stands: place 0 none, otherwise lower is better.
    struct Board {
        uint256 taskId;
        uint256 round;
        uint256 step;
        uint256 margin;
        uint256[] place;
        bool[] bad;
    }

    /// Winners in their order, and who is slashed; by plain selection. Medians as in the verdicts.
    function orderOf(uint256 taskId, uint256 round, Verdict[] calldata verdicts)
        external
        view
        returns (uint256[] memory order, uint256[] memory slashed)
    {
        Board memory b = _board(taskId, round, verdicts);
        uint256 n = b.place.length;
        uint256 winners;
        uint256 losers;
        for (uint256 i; i < n; ++i) {
            if (b.place[i] != 0) ++winners;
            if (b.bad[i]) ++losers;
        }
        order = new uint256[](winners);
        slashed = new uint256[](losers);
        losers = 0;
        for (uint256 i; i < n; ++i) {
            if (b.bad[i]) slashed[losers++] = i;
        }
        for (uint256 k; k < winners; ++k) {
            order[k] = _best(b.place);
            b.place[order[k]] = 0;
        }
    }

    function _best(uint256[] memory place) private pure returns (uint256 best) {
        uint256 least = type(uint256).max;
        for (uint256 i; i < place.length; ++i) {
            if (place[i] == 0 || place[i] >= least) continue;
            least = place[i];
            best = i;
        }
    }

    function _board(uint256 taskId, uint256 round, Verdict[] calldata verdicts) private view returns (Board memory b) {
        (,, Rules memory rules) = arena.taskOf(taskId);
        (Round memory r,,) = arena.roundOf(taskId, round);
        b.taskId = taskId;
        b.round = round;
        b.margin = rules.margin;
        b.place = new uint256[](r.submissions);
        b.bad = new bool[](r.submissions);
        uint256 lowest = ABSTAIN;
        for (uint256 v; v < verdicts.length; ++v) {
            uint256 base = Judge.unpack(verdicts[v].consensus)[0];
            if (base < lowest) lowest = base;
        }
        b.step = lowest * rules.eta / 1e18;
        if (b.step == 0) b.step = 1;
        uint256 i;
        for (uint256 v; v < verdicts.length; ++v) {
            uint32[] memory scores = Judge.unpack(verdicts[v].consensus);
            for (uint256 item = 1; item < scores.length; ++item) _put(b, i++, scores[item], scores[0]);
        }
    }

    function _put(Board memory b, uint256 i, uint256 score, uint256 base) private view {
        b.bad[i] = score == INVALID;
        if (score >= ABSTAIN || base >= ABSTAIN) return;
        if (score / b.step < base / b.step) {
            address who = arena.submissionOf(b.taskId, b.round, i).trainer;
            b.place[i] = (score / b.step) << 64 | arena.commitmentOf(b.taskId, b.round, who);
        } else {
            b.bad[i] = score * 1e18 > base * (1e18 + b.margin);
        }
    }
}
