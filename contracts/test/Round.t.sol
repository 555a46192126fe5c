// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Verdict} from "../src/Types.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// A whole round, every call in its phase, with all balances at its end.
contract RoundTest is World {
    uint256 internal task;

    function setUp() public override {
        super.setUp();
        task = create(paramsOf(1));
        for (uint256 i; i < 3; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, (100 + 10 * i) * T);
            stakeIn(task, validator(i), Role.Validator, (200 + 10 * i) * T);
        }
    }

    /// Trainer 0 wins, 1 is better by less, 2 is far worse; validator 2 seals and does not reveal.
    function test_wholeRound() public {
        enterAll(task, 0, 3, 3);
        sealAs(task, 0, 0, validator(0), row(1_000_000, 800_000, 900_000, 1_200_000));
        sealAs(task, 0, 0, validator(1), row(1_000_010, 800_010, 900_010, 1_200_010));
        sealAs(task, 0, 0, validator(2), row(1_000_000, 800_000, 900_000, 1_200_000));
        revealAll(task, 0, 2);
        Verdict[] memory v = one(settleBatch(task, 0, 0));
        goTo(task, 0, Phase.Dispute);
        vm.assertEq(phase(task, 0), uint8(Phase.Dispute), "settled");
        goTo(task, 0, Phase.Final);
        conclude(task, 0, v);

        vm.assertEq(arena.stakeOf(task, trainer(2)).amount, 120 * T * 95 / 100, "worse than base: 5 %");
        vm.assertEq(arena.stakeOf(task, validator(2)).amount, 220 * T * 90 / 100, "not revealed: 10 %");
        // T = 330, S = 410 (who revealed), gamma 0.1: trainers 90 + 720 * 330 / 740.
        uint256 pool = 90 * T + 720 * T * 330 / 740;
        uint256 w0 = 100 * 1e18;
        uint256 w1 = 110 * 0.6e18;
        vm.assertEq(arena.owed(address(usd), trainer(0)), pool * w0 / (w0 + w1), "first");
        vm.assertEq(arena.owed(address(usd), trainer(1)), pool * w1 / (w0 + w1), "second");
        vm.assertEq(arena.owed(address(usd), trainer(2)), 0, "slashed");
        vm.assertEq(arena.owed(address(usd), validator(2)), 0, "did not reveal");
        uint256 left = 900 * T - pool;
        uint256 paid = arena.owed(address(usd), validator(0)) + arena.owed(address(usd), validator(1));
        vm.assertApproxEqAbs(paid, left, 10, "validators share the rest");
        // Half of the slashes, 3 and 11, to the honest validators.
        paid = arena.owed(address(token), validator(0)) + arena.owed(address(token), validator(1));
        vm.assertApproxEqAbs(paid, 14 * T, 10, "honest side");
        vm.assertEq(arena.owed(address(token), CREATOR), 100 * T, "bond");

        arena.claim(address(usd), trainer(0));
        vm.assertEq(usd.balanceOf(trainer(0)), pool * w0 / (w0 + w1), "claimed");
        vm.prank(trainer(0));
        arena.unstake(task, uint128(100 * T));
        vm.assertEq(token.balanceOf(trainer(0)), 100 * T, "stake is free");
    }
}
