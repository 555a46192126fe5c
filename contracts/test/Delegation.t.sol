// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import "../src/Errors.sol";
import {DelegationVault} from "../src/delegation/DelegationVault.sol";
import {VaultFactory} from "../src/delegation/VaultFactory.sol";
import {Delegating} from "./helpers/Delegating.sol";
import {deployVaultFactory} from "./helpers/Deploy.sol";
import {vm} from "./helpers/Vm.sol";

/// FLock's worked example to the cent, with delegation; and what delegators can and cannot do.
contract DelegationTest is Delegating {
    uint256 internal task;
    DelegationVault internal vault;

    function setUp() public override {
        super.setUp();
        TaskParams memory p = paramsOf(1);
        p.bounty = 309157680000000000000000;
        p.rules.gamma = 0;
        // g 0.501435 and 0.498565: their ratio.
        p.rules.q = 994276426655498718;
        p.rules.lambda = 1e18;
        p.rules.tolerance = 0.9e18;
        task = create(p);
        stakeIn(task, trainer(0), Role.Trainer, 3000 * T);
        stakeIn(task, trainer(1), Role.Trainer, 3500 * T);
        stakeIn(task, validator(0), Role.Validator, 3000 * T);
        stakeIn(task, validator(1), Role.Validator, 6000 * T);
        stakeIn(task, validator(2), Role.Validator, 3000 * T);
        vault = makeVault(trainer(0), task, 0.4e18);
        delegate(vault, ANN, 600 * T);
        delegate(vault, BOB, 400 * T);
        backWith(vault, task, 1000 * T);
        token.draw(ANN, 4400 * T);
        token.draw(BOB, 4600 * T);
        vm.warp(block.timestamp + 5);
    }

    function play(uint32 first) internal {
        enterTwo();
        finish(first);
    }

    function enterTwo() internal {
        enterAll(task, 0, 2, 3);
    }

    function finish(uint32 first) internal {
        conclude(task, 0, one(judgeAll(task, 0, 3, row(1_000_000, first, 900_000))));
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
        vm.assertEq(vault.distributionOf(0).token, address(usd), "the bounty's");
        vm.assertEq(vault.distributionOf(0).amount, usd.balanceOf(address(vault)), "all that came");
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

    /// More for a task that it stands in already is no other task.
    function test_backMore() public {
        vm.prank(BOB);
        vault.deposit(100 * T, BOB);
        vm.prank(trainer(0));
        vault.back(task, uint128(100 * T));
        vm.assertEq(vault.tasks().length, 1, "one task");
        vm.assertEq(arena.backingOf(task, trainer(0)).amount, 1100 * T, "all of it");
        vm.assertEq(vault.totalAssets(), 1100 * T, "counted once");
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

    /// Who comes after the stake was engaged has no part in what it earns, not even by coming in the same second.
    function test_comingLate() public {
        for (uint256 i; i < 2; ++i) submitAs(task, 0, trainer(i));
        for (uint256 i; i < 3; ++i) enrollAs(task, 0, validator(i));
        goTo(task, 0, Phase.Open);
        arena.revealKey(task, 0, KEY);
        for (uint256 i; i < 2; ++i) openAs(task, 0, trainer(i));
        vm.prank(BOB);
        vault.deposit(4000 * T, BOB);
        vm.assertEq(arena.shareOf(task, 0, trainer(0)).time, block.timestamp, "same second");
        vm.assertEq(vault.balanceOf(BOB), 4400 * T, "more shares than anybody");
        goTo(task, 0, Phase.Validate);
        finish(800_000);
        vault.harvest(task, 0);
        uint256 earned = usd.balanceOf(address(vault));
        vm.assertEq(vault.partOf(0, ANN), earned * 600 / 1000, "as before it came");
        vm.assertEq(vault.partOf(0, BOB), earned * 400 / 1000, "as before it came");
        vm.prank(BOB);
        vault.claim(list(0));
        vm.assertEq(usd.balanceOf(BOB), earned * 400 / 1000, "no more");
        // What is left is Ann's, whoever asks first.
        vm.prank(ANN);
        vault.claim(list(0));
        vm.assertLe(usd.balanceOf(address(vault)), 1, "dust");
    }

    /// Nor by a transfer of shares that earned.
    function test_boughtLate() public {
        enterTwo();
        vm.prank(ANN);
        vault.transfer(address(0xE1), 600 * T);
        finish(800_000);
        vault.harvest(task, 0);
        vm.assertEq(vault.partOf(0, address(0xE1)), 0, "bought after the stake was engaged");
        vm.assertEq(vault.partOf(0, ANN), usd.balanceOf(address(vault)) * 600 / 1000, "earned before it was sold");
    }

    /// A vault whose first deposit came in the very second in which the stake was engaged.
    function test_firstSecond() public {
        DelegationVault other = makeVault(trainer(1), task, 0.4e18);
        for (uint256 i; i < 2; ++i) submitAs(task, 0, trainer(i));
        for (uint256 i; i < 3; ++i) enrollAs(task, 0, validator(i));
        goTo(task, 0, Phase.Open);
        arena.revealKey(task, 0, KEY);
        delegate(other, ANN, 100 * T);
        backWith(other, task, 100 * T);
        for (uint256 i; i < 2; ++i) openAs(task, 0, trainer(i));
        goTo(task, 0, Phase.Validate);
        finish(800_000);
        other.harvest(task, 0);
        vm.assertEq(other.partOf(0, ANN), usd.balanceOf(address(other)), "all of it");
    }

    function test_oneVaultEach() public {
        VaultFactory factory = deployVaultFactory(arena);
        vm.startPrank(trainer(1));
        DelegationVault other = factory.make("Vault of 1", "V1");
        vm.expectRevert(abi.encodeWithSelector(VaultFactory.VaultExists.selector, trainer(1), other));
        factory.make("Another", "V2");
        vm.stopPrank();
    }

    /// FLock's worked example, validators' side: F 0.472768, 0.280226, 0.247006 come of deviations of 0, ln(F0/F1), ln(F0/F2)
    /// at lambda 1, which a tolerance of 0.9 lets pass.
    function test_flockValidators() public {
        enterTwo();
        sealAs(task, 0, 0, validator(0), row(2_000_000_000, 1_600_000_000, 1_800_000_000));
        sealAs(task, 0, 0, validator(1), row(3_046_016_723, 2_436_813_378, 2_741_415_051));
        sealAs(task, 0, 0, validator(2), row(701_615_692, 561_292_553, 631_454_123));
        revealAll(task, 0, 3);
        Verdict memory v = settleBatch(task, 0, 0);
        vm.assertEq(v.consensus, vectorOf[0][validator(0)], "3,000 below, 6,000 above: the median is the first's");
        goTo(task, 0, Phase.Final);
        conclude(task, 0, one(v));
        vm.assertEq(cents(arena.owed(address(usd), validator(0))), 7405442, "first");
        vm.assertEq(cents(arena.owed(address(usd), validator(1))), 8778925, "second");
        vm.assertEq(cents(arena.owed(address(usd), validator(2))), 3869104, "third");
        vm.assertEq(cents(arena.owed(address(usd), trainer(0))), 4937429, "owner of A");
        vm.assertEq(cents(arena.owed(address(usd), trainer(1))), 5053557, "B");
    }

    /// A validator's reward is shared with its delegators by the same formula: 74,054.42 with 1,000 delegated to 3,000, sigma 0.4.
    function test_flockValidatorsDelegators() public {
        DelegationVault other = makeVault(validator(0), task, 0.4e18);
        delegate(other, BOB, 1000 * T);
        backWith(other, task, 1000 * T);
        enterTwo();
        finish(800_000);
        uint256 owner = arena.owed(address(usd), validator(0));
        uint256 delegators = arena.shareOf(task, 0, validator(0)).bounty;
        vm.assertApproxEqAbs(owner, (owner + delegators) * (400 + 600 * 3 / 4) / 1000, 2, "f (sigma + (1 - sigma) own / all)");
        // 4,000 of 13,000 by weight, although S counts 12,000: delegated stake earns within its own side.
        uint256 pool = uint256(p_bounty()) * 12_000 / 18_500;
        vm.assertApproxEqAbs(owner + delegators, pool * 4000 / 13_000, 10, "by weight");
    }

    function p_bounty() internal pure returns (uint128) {
        return 309157680000000000000000;
    }

    /// Backing what one may not, taking more than there is, too many tasks.
    function test_refusals() public {
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(trainer(1));
        arena.setSharing(task, 1e18 + 1);
        DelegationVault other;
        vm.startPrank(validator(0));
        other = deployVaultFactory(arena).make("V", "V");
        arena.setVault(address(other));
        vm.stopPrank();
        delegate(other, BOB, 100 * T);
        vm.expectPartialRevert(BadParameter.selector);
        vm.prank(validator(0));
        other.back(task, 1);
        uint256 next = create(paramsOf(1));
        vm.expectPartialRevert(WrongRole.selector);
        vm.prank(trainer(0));
        vault.back(next, 0);
        vm.expectPartialRevert(StakeTooSmall.selector);
        vm.prank(trainer(0));
        vault.release(task, uint128(1001 * T));
        vm.assertEq(vault.tasks().length, 1, "tasks it stands in");
        vm.assertEq(vault.decimals(), 18, "the asset's");
        vm.assertEq(vault.distributionCount(), 0, "none");
        vm.prank(BOB);
        vault.deposit(100 * T, BOB);
        for (uint256 i; i < 15; ++i) {
            uint256 more = create(paramsOf(1));
            stakeIn(more, trainer(0), Role.Trainer, 10 * T);
            vm.startPrank(trainer(0));
            arena.setSharing(more, 0.5e18);
            vault.back(more, uint128(T));
            vm.stopPrank();
        }
        uint256 last = create(paramsOf(1));
        vm.expectPartialRevert(DelegationVault.TooManyTasks.selector);
        vm.prank(trainer(0));
        vault.back(last, 1);
    }

    /// Notice given, the operator idle: a delegator may call stake back itself, and takes its part.
    function test_noticeReleases() public {
        vm.prank(ANN);
        vault.giveNotice(600 * T);
        vm.assertEq(vault.maxRedeem(ANN), 0, "nothing lies here");
        vm.prank(ANN);
        vault.release(task, uint128(600 * T));
        vm.expectPartialRevert(DelegationVault.StillRunning.selector);
        vm.prank(ANN);
        vault.release(task, 1);
        vm.assertEq(vault.maxWithdraw(ANN), 600 * T, "hers");
        vm.assertEq(vault.previewWithdraw(600 * T), 600 * T, "no round is open: at full value");
        vm.prank(ANN);
        vault.withdraw(600 * T, ANN, ANN);
        vm.assertEq(token.balanceOf(ANN), 5000 * T, "all of it");
        vm.assertEq(vault.noticed(), 0, "notice is used up");
    }

    /// An amount in nobody's favour: nothing was held yet.
    function test_partOfNothing() public {
        enterTwo();
        finish(800_000);
        vault.harvest(task, 0);
        vm.assertEq(vault.partOf(0, address(0xE1)), 0, "held nothing");
        vm.prank(address(0xE1));
        vault.claim(list(0));
        vm.assertEq(usd.balanceOf(address(0xE1)), 0, "got nothing");
    }

    function test_onlyTheVault() public {
        vm.expectPartialRevert(NotVault.selector);
        arena.unback(task, trainer(0), 1);
        vm.expectPartialRevert(NotVault.selector);
        arena.collect(task, 0, trainer(0), address(usd));
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
