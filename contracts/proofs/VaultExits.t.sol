// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AnyVault} from "./harness/AnyVault.sol";
import {cheats} from "./harness/Cheats.sol";

/// How tokens leave a delegation vault: for exactly the shares or the distribution of their owner, and once. The vault holds any
/// number of shares of HOLDER and of others, any amount lies there, and any stands in a task, at risk or not.
contract VaultExitProofs is AnyVault {
    address private constant STRANGER = address(0xC1);

    struct Numbers {
        uint112 shares;
        uint112 rest;
        uint112 idle;
        uint112 backing;
        bool busy;
    }

    /// Where redeem and withdraw end, at any price: exactly the owner's shares go, and only with the owner's leave.
    function check_leave(Numbers calldata n, uint112 assets, uint112 shares, address caller, address receiver) external {
        _set(n);
        uint256 held = token.balanceOf(address(vault));
        uint256 has = token.balanceOf(receiver);
        cheats.assume(receiver != address(vault) && has <= type(uint256).max - held);
        vault.depart(caller, receiver, HOLDER, assets, shares);
        assert(caller == HOLDER || shares == 0);
        assert(vault.balanceOf(HOLDER) == n.shares - shares);
        assert(vault.balanceOf(OTHERS) == n.rest);
        assert(vault.idle() == n.idle - assets);
        assert(token.balanceOf(receiver) == has + assets);
        assert(token.balanceOf(address(vault)) == held - assets);
    }

    /// A holder's part of a distribution is the exact one rounded down. Parts together are no more than the amount, as shares of a
    /// pool are (Pools.t.sol, check_onePaymentMore).
    function check_partsRoundDown(Numbers calldata n, uint112 amount) external {
        _distribution(n, amount);
        uint256 supply = uint256(n.shares) + n.rest;
        assert(vault.partOf(0, HOLDER) * supply <= uint256(amount) * n.shares);
        assert(supply > 0 || vault.partOf(0, HOLDER) == 0);
    }

    /// A distribution is paid to who claims it, and once.
    function check_claimOnce(Numbers calldata n, uint112 amount) external {
        _distribution(n, amount);
        uint256 part = vault.partOf(0, HOLDER);
        uint256 held = token.balanceOf(address(vault));
        uint256 has = token.balanceOf(HOLDER);
        cheats.assume(has <= type(uint256).max - held);
        cheats.prank(HOLDER);
        vault.claim(new uint256[](2));
        assert(token.balanceOf(HOLDER) == has + part);
        assert(token.balanceOf(address(vault)) == held - part);
        assert(vault.hasClaimed(0, HOLDER));
    }

    /// Who held nothing when the stake was engaged gets nothing, whatever they hold now.
    function check_strangersGetNothing(Numbers calldata n, uint112 amount) external {
        _distribution(n, amount);
        assert(vault.partOf(0, STRANGER) == 0);
    }

    /// Tokens sent to a vault without a deposit change no price: nobody can inflate it.
    function check_giftsCountForNothing(Numbers calldata n, address giver, uint112 gift) external {
        _set(n);
        cheats.assume(giver != address(vault));
        uint256 assets = vault.totalAssets();
        assert(assets == uint256(n.idle) + n.backing);
        cheats.prank(giver);
        token.transfer(address(vault), gift);
        assert(vault.totalAssets() == assets);
    }

    /// Of an amount that came in at 2000 for stake engaged at 1500; the shares are there since 1000.
    function _distribution(Numbers calldata n, uint112 amount) private {
        cheats.assume(amount > 0);
        cheats.warp(1000);
        _set(n);
        cheats.warp(2000);
        vault.distribute(address(token), amount, 1500);
    }

    function _set(Numbers calldata n) private {
        vault.set(HOLDER, n.shares, OTHERS, n.rest, n.idle);
        arena.set(n.backing, n.busy);
    }
}
