// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import "../src/Errors.sol";
import {DelegationVault} from "../src/delegation/DelegationVault.sol";
import {VaultFactory} from "../src/delegation/VaultFactory.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// FLock's worked example to the cent, with delegation; and what delegators can and cannot do.
contract DelegationTest is World {
    uint256 internal task;
    DelegationVault internal vault;
    address internal constant ANN = address(0xA1);
    address internal constant BOB = address(0xB1);

    function setUp() public override {
        super.setUp();
        TaskParams memory p = paramsOf(1);
        p.bounty = 309157680000000000000000;
        p.rules.gamma = 0;
        // g 0.501435 and 0.498565: their ratio.
        p.rules.q = 994276426655498718;
        p.rules.lambda = 1e18;
        task = create(p);
        stakeIn(task, trainer(0), Role.Trainer, 3000 * T);
        stakeIn(task, trainer(1), Role.Trainer, 3500 * T);
        stakeIn(task, validator(0), Role.Validator, 3000 * T);
        stakeIn(task, validator(1), Role.Validator, 6000 * T);
        stakeIn(task, validator(2), Role.Validator, 3000 * T);
        VaultFactory factory = VaultFactory(vm.deployCode("VaultFactory.sol:VaultFactory", abi.encode(arena)));
        vm.startPrank(trainer(0));
        vault = factory.make("Vault of 0", "V0");
        arena.setVault(address(vault));
        arena.setSharing(task, 0.4e18);
        vm.stopPrank();
        for (uint256 i; i < 2; ++i) {
            address who = i == 0 ? ANN : BOB;
            token.draw(who, 5000 * T);
            vm.prank(who);
            token.approve(address(vault), type(uint256).max);
        }
        vm.prank(ANN);
        vault.deposit(600 * T, ANN);
        vm.prank(BOB);
        vault.deposit(400 * T, BOB);
        vm.prank(trainer(0));
        vault.back(task, uint128(1000 * T));
        vm.warp(block.timestamp + 5);
    }

    function play(uint32 first) internal {
        for (uint256 i; i < 2; ++i) submitAs(task, 0, trainer(i));
        for (uint256 i; i < 3; ++i) enrollAs(task, 0, validator(i));
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < 2; ++i) openAs(task, 0, trainer(i));
        arena.revealKey(task, 0, KEY);
        goTo(task, 0, Phase.Validate);
        for (uint256 i; i < 3; ++i) sealAs(task, 0, 0, validator(i), row(1_000_000, first, 900_000));
        goTo(task, 0, Phase.Reveal);
        for (uint256 i; i < 3; ++i) revealOne(task, 0, 0, validator(i));
        goTo(task, 0, Phase.Settle);
        Verdict memory v = settleBatch(task, 0, 0);
        goTo(task, 0, Phase.Final);
        conclude(task, 0, one(v));
    }

    function cents(uint256 amount) internal pure returns (uint256) {
        return (amount + 0.005e18) / 0.01e18;
    }

    function test_flockExample() public {
        play(800_000);
        vm.assertEq(cents(arena.owed(address(usd), trainer(0))), 4937429, "owner of A");
        vm.assertEq(cents(arena.shareOf(task, 0, trainer(0)).bounty), 871311, "delegators of A");
        vm.assertEq(cents(arena.owed(address(usd), trainer(1))), 5053557, "B");
        vault.harvest(task, 0);
        vm.assertEq(vault.distributionCount(), 1, "one token");
        vm.prank(ANN);
        vault.claim(list(0));
        vm.assertEq(cents(usd.balanceOf(ANN)), 522787, "six tenths");
        vm.prank(ANN);
        vault.claim(list(0));
        vm.assertEq(cents(usd.balanceOf(ANN)), 522787, "once");
        vm.prank(trainer(0));
        vault.release(task, uint128(1000 * T));
        vm.prank(ANN);
        vault.redeem(600 * T, ANN, ANN);
        vm.assertEq(token.balanceOf(ANN), 5000 * T, "all back");
    }

    /// Worse than the base by more than the margin: 5 % of own and delegated stake.
    function test_slashReachesDelegators() public {
        play(1_200_000);
        vm.assertEq(arena.stakeOf(task, trainer(0)).amount, 2850 * T, "own");
        vm.assertEq(arena.backingOf(task, trainer(0)).amount, 950 * T, "delegated");
        vm.assertEq(vault.totalAssets(), 950 * T, "vault");
        vm.assertEq(vault.previewRedeem(600 * T), 570 * T, "six tenths of it");
        vault.release(task, uint128(950 * T));
        vm.assertEq(vault.idle(), 950 * T, "task over: anyone");
    }

    /// Leaving in an open round pays half for what is at risk; nothing of it can be taken out at all while it stands there.
    function test_leaving() public {
        submitAs(task, 0, trainer(0));
        vm.assertEq(vault.atRisk(), 1000 * T, "at risk");
        vm.assertEq(vault.maxWithdraw(ANN), 0, "nothing idle");
        vm.prank(BOB);
        vault.deposit(1000 * T, BOB);
        vm.assertEq(vault.previewRedeem(600 * T), 600 * T * 1500 / 2000, "half for what is at risk");
        vm.prank(ANN);
        vault.giveNotice(600 * T);
        vm.expectPartialRevert(DelegationVault.NotIdle.selector);
        vm.prank(trainer(0));
        vault.back(task, uint128(401 * T));
        vm.expectPartialRevert(DelegationVault.NotOperator.selector);
        vault.back(task, 1);
        vm.expectPartialRevert(DelegationVault.StillRunning.selector);
        vm.prank(ANN);
        vault.release(task, 1);
        vm.expectPartialRevert(DelegationVault.NoticeTooLarge.selector);
        vm.prank(ANN);
        vault.giveNotice(601 * T);
        vm.prank(ANN);
        vault.transfer(BOB, 100 * T);
        vm.assertEq(vault.noticeOf(ANN), 500 * T, "notice follows the balance");
        vm.expectPartialRevert(StakeBusy.selector);
        vm.prank(trainer(0));
        vault.release(task, 1);
    }

    /// Who comes after the stake was engaged has no part in what it earns.
    function test_comingLate() public {
        for (uint256 i; i < 2; ++i) submitAs(task, 0, trainer(i));
        goTo(task, 0, Phase.Open);
        openAs(task, 0, trainer(0));
        vm.prank(BOB);
        vault.deposit(4000 * T, BOB);
        uint256 time = arena.shareOf(task, 0, trainer(0)).time;
        vm.assertEq(time, block.timestamp, "same second");
        vm.assertEq(vault.balanceOf(BOB), 4400 * T, "shares");
        vm.assertEq(vault.distributionCount(), 0, "nothing yet");
    }

    function test_onlyTheVault() public {
        vm.expectPartialRevert(NotVault.selector);
        arena.unback(task, trainer(0), 1);
        vm.expectPartialRevert(NotVault.selector);
        arena.collect(task, 0, trainer(0));
        vm.expectPartialRevert(VaultKnown.selector);
        vm.prank(trainer(0));
        arena.setVault(address(token));
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(trainer(1));
        arena.setVault(address(3));
        vm.expectPartialRevert(SharingFrozen.selector);
        vm.prank(trainer(0));
        arena.setSharing(task, 0.5e18);
    }
}
