// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import {DelegationVault} from "../src/delegation/DelegationVault.sol";
import {Delegating} from "./helpers/Delegating.sol";
import {INVALID} from "./helpers/Judge.sol";
import {vm} from "./helpers/Vm.sol";

/// Random lives of a vault: deposits, withdrawals, notices, transfers and gifts between and during rounds that earn or slash.
/// - Who takes out gets no more than its part of the assets, and no other delegator's part falls by it.
/// - Every wei is accounted for: what was put in is what was taken out, what was slashed, and the assets.
/// - All parts together are no more than the assets, and what lies here covers them and the rewards not yet claimed.
contract VaultSharesTest is Delegating {
    uint256 internal constant PEOPLE = 3;
    uint256 internal constant ROUNDS = 6;
    uint256 internal constant STEPS = 40;
    uint256 internal task;
    DelegationVault internal vault;
    /// Rounds that ended, and whether the next one is under way.
    uint256 internal rounds;
    bool internal running;
    bool internal slashing;
    /// Wei of the asset.
    uint256 internal put;
    uint256 internal taken;
    uint256 internal slashed;

    function delegator(uint256 i) internal pure returns (address) {
        return address(uint160(0xD00 + i % PEOPLE));
    }

    /// The bounty is in the vault's own asset, or in another token.
    function begin(bool ownAsset) internal {
        TaskParams memory p = paramsOf(ROUNDS);
        if (ownAsset) p.bountyToken = address(token);
        give(CREATOR, p.bounty, 0);
        task = create(p);
        stakeIn(task, trainer(0), Role.Trainer, 1000 * T);
        stakeIn(task, trainer(1), Role.Trainer, 1000 * T);
        stakeIn(task, validator(0), Role.Validator, 1000 * T);
        vault = makeVault(trainer(0), task, 0.4e18);
        for (uint256 i; i < PEOPLE; ++i) {
            vm.prank(delegator(i));
            token.approve(address(vault), type(uint256).max);
        }
    }

    function testFuzz_shares(uint256 seed) public {
        begin(seed % 2 == 0);
        for (uint256 i; i < STEPS; ++i) step(uint256(keccak256(abi.encode(seed, i))));
        allLeave();
    }

    /// The walk is not idle: it reaches slashes, exits at a discount, rewards claimed.
    function test_walkGetsSomewhere() public {
        begin(true);
        uint256 discounts;
        for (uint256 i; i < 300 && rounds < ROUNDS; ++i) {
            step(uint256(keccak256(abi.encode("walk", i))));
            if (vault.atRisk() > 0 && vault.idle() > 0) ++discounts;
        }
        vm.assertGe(rounds, ROUNDS, "rounds ended");
        vm.assertGe(slashed, 1, "slashed");
        vm.assertGe(discounts, 1, "could be left at a discount");
        vm.assertGe(vault.distributionCount(), 1, "earned");
        allLeave();
    }

    function step(uint256 x) internal {
        address who = delegator(x >> 8);
        uint256[] memory before = parts();
        slashing = false;
        act(x % 12, who, x >> 16);
        uint256[] memory later = parts();
        for (uint256 i; i < PEOPLE; ++i) {
            if (!slashing && delegator(i) != who) vm.assertGe(later[i], before[i], "another's part fell");
        }
        check();
    }

    function act(uint256 kind, address who, uint256 x) internal {
        if (kind < 3) return deposit(who, 1 + (x >> 8) % (x % 4 == 0 ? 1000 : 1000 * T));
        if (kind == 3) return redeem(who, x);
        if (kind == 4) return withdraw(who, x);
        if (kind == 5) {
            uint256 shares = x % (1 + vault.balanceOf(who));
            vm.prank(who);
            vault.giveNotice(shares);
        }
        if (kind == 6) {
            uint256 shares = (x >> 8) % (1 + vault.balanceOf(who));
            vm.prank(who);
            vault.transfer(delegator(x), shares);
        }
        if (kind == 7 || kind == 8) back(x);
        if (kind == 9) release(x);
        if (kind == 10) token.draw(address(vault), x % T);
        if (kind == 11) play(x);
    }

    function deposit(address who, uint256 amount) internal {
        token.draw(who, amount);
        vm.prank(who);
        vault.deposit(amount, who);
        put += amount;
    }

    function redeem(address who, uint256 x) internal {
        uint256 most = vault.maxRedeem(who);
        if (most == 0) return;
        uint256 shares = 1 + x % most;
        uint256 part = shares * vault.totalAssets() / vault.totalSupply();
        vm.prank(who);
        uint256 got = vault.redeem(shares, who, who);
        // The virtual share of ERC-4626's first deposit: less than one wei.
        vm.assertLe(got, part + 1, "more than its part");
        taken += got;
    }

    function withdraw(address who, uint256 x) internal {
        uint256 most = vault.maxWithdraw(who);
        if (most == 0) return;
        uint256 assets = 1 + x % most;
        (uint256 total, uint256 supply) = (vault.totalAssets(), vault.totalSupply());
        vm.prank(who);
        uint256 shares = vault.withdraw(assets, who, who);
        vm.assertLe(assets, shares * total / supply + 1, "more than its part");
        taken += assets;
    }

    /// As much as is free: nothing on notice goes.
    function back(uint256 x) internal {
        uint256 noticed = vault.convertToAssets(vault.noticed()) + 1;
        if (vault.idle() <= noticed) return;
        uint256 amount = 1 + x % (vault.idle() - noticed);
        vm.prank(trainer(0));
        vault.back(task, uint128(amount));
    }

    function release(uint256 x) internal {
        uint256 amount = arena.backingOf(task, trainer(0)).amount;
        if (running || amount == 0) return;
        vm.prank(trainer(0));
        vault.release(task, uint128(1 + x % amount));
    }

    /// The next round begins, or the one under way ends: the vault's operator wins, is far worse, or handed in rubbish.
    function play(uint256 x) internal {
        if (rounds == ROUNDS) return;
        if (!running) {
            goTo(task, rounds, Phase.Submit);
            enterAll(task, rounds, 2, 1);
        } else {
            uint256 backing = arena.backingOf(task, trainer(0)).amount;
            slashing = true;
            uint32 score = x % 3 == 0 ? 1_200_000 : x % 3 == 1 ? INVALID : 800_000;
            conclude(task, rounds, one(judgeAll(task, rounds, 1, row(1_000_000, score, 900_000))));
            slashed += backing - arena.backingOf(task, trainer(0)).amount;
            if (score == 800_000) vm.assertEq(backing, arena.backingOf(task, trainer(0)).amount, "no slash");
            vault.harvest(task, rounds);
            if (x % 5 == 0) claimAll(delegator(x >> 16));
            ++rounds;
        }
        running = !running;
    }

    /// Each delegator's shares in wei of the asset.
    function parts() internal view returns (uint256[] memory values) {
        values = new uint256[](PEOPLE);
        for (uint256 i; i < PEOPLE; ++i) values[i] = vault.convertToAssets(vault.balanceOf(delegator(i)));
    }

    function check() internal view {
        uint256 total = vault.totalAssets();
        vm.assertEq(put, taken + slashed + total, "every wei");
        uint256 sum;
        uint256[] memory values = parts();
        for (uint256 i; i < PEOPLE; ++i) {
            sum += values[i];
            vm.assertLe(vault.previewRedeem(vault.balanceOf(delegator(i))), values[i], "leaving pays no more than staying");
        }
        vm.assertLe(sum, total, "parts together");
        vm.assertGe(token.balanceOf(address(vault)), vault.idle() + unclaimed(), "what lies here");
    }

    /// Wei of the asset that were shared out and not yet claimed. Of any token no more is shared out than came.
    function unclaimed() internal view returns (uint256 sum) {
        for (uint256 n; n < vault.distributionCount(); ++n) {
            uint256 all;
            for (uint256 i; i < PEOPLE; ++i) {
                uint256 part = vault.partOf(n, delegator(i));
                all += part;
                if (vault.distributionOf(n).token == address(token) && !vault.hasClaimed(n, delegator(i))) sum += part;
            }
            vm.assertLe(all, vault.distributionOf(n).amount, "parts of a reward");
        }
    }

    function claimAll(address who) internal {
        uint256[] memory numbers = new uint256[](vault.distributionCount());
        for (uint256 n; n < numbers.length; ++n) numbers[n] = n;
        vm.prank(who);
        vault.claim(numbers);
    }

    /// In the end everybody gets everything that is theirs, in any order.
    function allLeave() internal {
        if (running) play(2);
        uint256 amount = arena.backingOf(task, trainer(0)).amount;
        if (amount > 0) {
            vm.prank(trainer(0));
            vault.release(task, uint128(amount));
        }
        for (uint256 i; i < PEOPLE; ++i) {
            address who = delegator(i);
            claimAll(who);
            uint256 shares = vault.balanceOf(who);
            uint256 part = vault.previewRedeem(shares);
            vm.prank(who);
            vm.assertEq(vault.redeem(shares, who, who), part, "all of it");
            taken += part;
            check();
        }
        vm.assertEq(vault.totalSupply(), 0, "nobody left");
        vm.assertEq(unclaimed(), 0, "all claimed");
    }
}
