// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Arena} from "../../src/Arena.sol";
import {Round, Rules, Verdict} from "../../src/Types.sol";
import {ABSTAIN, INVALID, Judge} from "./Judge.sol";

/// Prepares what settling needs, the plain way. A contract of its own, so that it is compiled once.
contract Scribe {
    Arena private immutable arena;

    constructor(Arena arena_) {
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

    /// Winners in their order, and who is slashed; by plain selection.
    function orderOf(uint256 taskId, uint256 round, Verdict[] memory verdicts)
        external
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

}
