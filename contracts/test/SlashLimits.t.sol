// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Role, TaskParams} from "../src/Types.sol";
import {DelegationVault} from "../src/delegation/DelegationVault.sol";
import {Delegating} from "./helpers/Delegating.sol";
import {Disputing} from "./helpers/Disputing.sol";
import {vm} from "./helpers/Vm.sol";

/// Slashes of one round that come to more than there is take what there is, of own and of delegated stake.
contract SlashLimitsTest is Delegating, Disputing {
    DelegationVault internal vault;

    function setUp() public override {
        super.setUp();
        TaskParams memory p = paramsOf(1);
        p.rules.slashVerdict = 5000;
        task = create(p);
        for (uint256 i; i < 2; ++i) stakeIn(task, trainer(i), Role.Trainer, 100 * T);
        // 0 and 1 lie; 2 to 5 are the jury.
        for (uint256 i; i < 6; ++i) stakeIn(task, validator(i), Role.Validator, 100 * T);
        vault = makeVault(validator(0), task, 0.5e18);
        delegate(vault, ANN, 100 * T);
        backWith(vault, task, 100 * T);
        give(DISPUTER, 100 * T, 0);
    }

    function test_threeTimesHalf() public {
        uint32[] memory truth = row(1_000_000, 800_000, 900_000);
        enterAll(task, 0, 2, 3);
        for (uint256 i; i < 2; ++i) sealAs(task, 0, 0, validator(i), row(1_300_000, 1_400_000, 1_500_000));
        sealAs(task, 0, 0, validator(2), truth);
        revealAll(task, 0, 3);
        settleNow();
        for (uint256 item; item < 3; ++item) open_(item);
        hear(truth);
        for (uint256 item; item < 3; ++item) count(item, truth[item]);
        for (uint256 i; i < 2; ++i) vm.assertEq(arena.stakeOf(task, validator(i)).amount, 0, "all, no more");
        vm.assertEq(arena.backingOf(task, validator(0)).amount, 0, "all that was delegated, no more");
        vm.assertEq(vault.totalAssets(), 0, "the vault knows");
        // 300 were taken: half is burned, a quarter is the disputer's, beside its bonds of 20.
        vm.assertEq(arena.owed(address(token), address(0xdEaD)), 150 * T, "burned");
        vm.assertEq(arena.owed(address(token), DISPUTER), 75 * T + 60 * T, "disputer");
        juryPhase(3);
        arena.rank(task, 0, one(verdict), list(0, 1), new uint256[](0));
        arena.payTrainers(task, 0, list(0, 1));
        arena.payValidators(task, 0, 0, verdict);
        vm.assertTrue(arena.isDone(task, 0), "done");
    }
}
