// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round} from "../src/Types.sol";
import "../src/Errors.sol";
import {ThreeEach} from "./helpers/ThreeEach.sol";
import {vm} from "./helpers/Vm.sol";

/// Who sits in which committee, and whose seals count.
contract SealingTest is ThreeEach {
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

    /// Signed seals: by whom they name, once, for who is enrolled, in their phase.
    function test_signedSeals() public {
        address signer = vm.addr(77);
        stakeIn(task, signer, Role.Validator, 100 * T);
        enrollAs(task, 0, signer);
        address[] memory who = new address[](1);
        bytes32[] memory seals = new bytes32[](1);
        (who[0], seals[0]) = (signer, "seal");
        bytes memory signature = signedSeal(77, task, 0, "seal");
        vm.expectPartialRevert(WrongPhase.selector);
        arena.sealFor(task, 0, who, seals, signature);
        goTo(task, 0, Phase.Validate);
        vm.expectRevert(abi.encodeWithSelector(BadLength.selector, 0, 1));
        arena.sealFor(task, 0, who, new bytes32[](0), signature);
        vm.expectRevert(abi.encodeWithSelector(BadLength.selector, 64, 65));
        arena.sealFor(task, 0, who, seals, part(signature, 0, 64));
        bytes memory other = signedSeal(78, task, 0, "seal");
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
}
