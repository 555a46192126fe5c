// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Verdict} from "../src/Types.sol";
import "../src/Errors.sol";
import {ThreeEach} from "./helpers/ThreeEach.sol";
import {vm} from "./helpers/Vm.sol";

/// Who settles or ranks a round may lie in no way.
contract HostileTest is ThreeEach {
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
}
