// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Round, Verdict} from "../../src/Types.sol";
import {ABSTAIN, INVALID, Judge} from "./Judge.sol";
import {Watch} from "./Watch.sol";

/// What the crowd does in several calls that are taken or refused as one.
abstract contract Procedures is Watch {
    /// Crowds of different numbers do different things at the same seeds.
    uint256 internal immutable number;
    /// Disputes that changed a consensus.
    uint256 public upheld;
    mapping(uint256 task => mapping(uint256 round => mapping(uint256 batch => Verdict))) internal verdictOf;
    mapping(uint256 task => mapping(uint256 round => mapping(uint256 batch => bytes))) internal vectorsOf;

    /// What a jury put in the place of batch 0's consensus for item 1.
    mapping(uint256 task => mapping(uint256 round => uint32)) private correction;

    /// A promise was broken inside a call that may as well be refused.
    error Broken();

    constructor(uint256 number_) {
        number = number_;
    }

    /// What becomes of a round: of eight, one never gets its key, and one has rows that are not the committed ones.
    function fate(uint256 round) internal view returns (uint256) {
        return uint256(keccak256(abi.encode(number, task, round))) % 8;
    }

    function doSeal(uint256 round, address who, uint256 seed) external {
        uint256 batch = batchOf(round, who);
        (uint256 from, uint256 to) = arena.batchRange(task, round, batch);
        uint32[] memory s = new uint32[](1 + to - from);
        for (uint256 i; i < s.length; ++i) {
            uint256 x = uint256(keccak256(abi.encode(seed, i)));
            s[i] = x % 12 == 0 ? INVALID : x % 12 == 1 ? ABSTAIN : uint32(1_000_000 - 50_000 * i + x % 3000);
        }
        if (fate(round) == 1) s[0] = INVALID;
        sealAs(task, round, batch, who, s);
    }

    function batchOf(uint256 round, address who) private view returns (uint256) {
        for (uint256 b; b < arena.batchCount(task, round); ++b) {
            address[] memory members = arena.committeeOf(task, round, b);
            for (uint256 p; p < members.length; ++p) {
                if (members[p] == who) return b;
            }
        }
        revert("not dealt in");
    }

    function doReveal(uint256 round, address who) external {
        revealOne(task, round, batchOf(round, who), who);
    }

    /// The truth, as sorting finds it.
    function doSettle(uint256 round, uint256 seed) external {
        uint256 batch = seed % arena.batchCount(task, round);
        (bytes memory consensus, bytes memory vectors) = evidence(task, round, batch);
        verdictOf[task][round][batch] = settleWith(task, round, batch, consensus, vectors);
        vectorsOf[task][round][batch] = vectors;
        everybodyCounted(round, batch);
    }

    /// Where the truth would be taken: a consensus one off, a vector left out, one more than there are.
    function doLie(uint256 round, uint256 seed) external {
        uint256 batch = seed % arena.batchCount(task, round);
        require(arena.phaseOf(task, round) == Phase.Settle && arena.recordOf(task, round, batch) == 0, "nothing to lie about");
        (bytes memory consensus, bytes memory vectors) = evidence(task, round, batch);
        uint32[] memory wrong = Judge.unpack(consensus);
        uint256 item = (seed >> 16) % wrong.length;
        unchecked {
            wrong[item] = (seed >> 8) % 2 == 0 ? wrong[item] + 1 : wrong[item] - 1;
        }
        refused(round, batch, Judge.pack(wrong), vectors);
        if (vectors.length == 0) return;
        bytes memory fewer = new bytes(vectors.length - consensus.length);
        for (uint256 i; i < fewer.length; ++i) fewer[i] = vectors[i];
        refused(round, batch, consensus, fewer);
        refused(round, batch, consensus, bytes.concat(vectors, consensus));
    }

    function refused(uint256 round, uint256 batch, bytes memory consensus, bytes memory vectors) private {
        (bool ok,) = address(arena).call(abi.encodeCall(arena.settle, (task, round, batch, consensus, vectors)));
        if (ok) revert Broken();
    }

    /// Who revealed is not called silent, and who did not is.
    function everybodyCounted(uint256 round, uint256 batch) private view {
        address[] memory members = arena.committeeOf(task, round, batch);
        for (uint256 p; p < members.length; ++p) {
            uint256 code = uint8(verdictOf[task][round][batch].results[p]);
            bool silent = code == 3 || code == 4;
            if (silent == hasRevealed[round][members[p]]) revert Broken();
        }
    }

    /// Ranked by what the jury put into the consensus's place, where it did.
    function doConclude(uint256 round) external {
        Verdict[] memory verdicts = new Verdict[](arena.batchCount(task, round));
        Verdict[] memory corrected = new Verdict[](verdicts.length);
        for (uint256 b; b < verdicts.length; ++b) {
            verdicts[b] = verdictOf[task][round][b];
            corrected[b] = Verdict(bytes.concat(verdicts[b].consensus), verdicts[b].results);
        }
        if (correction[task][round] != 0) {
            bytes memory score = abi.encodePacked(correction[task][round]);
            for (uint256 i; i < 4; ++i) corrected[0].consensus[4 + i] = score[i];
        }
        (uint256[] memory order, uint256[] memory slashed) = scribe.orderOf(task, round, corrected);
        conclude(task, round, verdicts, order, slashed);
    }

    /// What the jury found, if there is one.
    function doResolve(uint256 round, uint256 item) external {
        (Round memory before,,) = arena.roundOf(task, round);
        bool any = item == 1 && heard(round, arena.disputeOf(task, round, 0, 1).jurors);
        uint32 score = any ? 500_000 : ABSTAIN;
        arena.resolve(task, round, 0, item, score, verdictOf[task][round][0], vectorsOf[task][round][0]);
        (Round memory later,,) = arena.roundOf(task, round);
        if (later.upheld == before.upheld) return;
        if (!any) revert Broken();
        correction[task][round] = score;
        ++upheld;
    }

    function heard(uint256 round, uint256 jurors) private view returns (bool any) {
        for (uint256 i; i < jurors; ++i) {
            if (arena.jurorOf(task, round, 0, 1, i).revealed) any = true;
        }
    }
}
