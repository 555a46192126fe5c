// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AnyVault} from "./harness/AnyVault.sol";
import {cheats} from "./harness/Cheats.sol";

/// What shares of a delegation vault are worth, for any number of shares, any assets that lie there and that stand in a task,
/// at risk or not: rounding favours the vault, and nobody takes out more than they put in.
contract VaultPriceProofs is AnyVault {
    struct Numbers {
        uint112 supply;
        uint112 idle;
        uint112 backing;
        bool busy;
    }

    /// Shares for a deposit are worth no more than it, at the price before.
    function check_depositRoundsDown(Numbers calldata n, uint112 assets) external {
        _set(n);
        assert(vault.previewDeposit(assets) * _assets(n) <= uint256(assets) * _supply(n));
    }

    /// Shares that are bought cost no less than they are worth.
    function check_mintRoundsUp(Numbers calldata n, uint112 shares) external {
        _set(n);
        assert(vault.previewMint(shares) * _supply(n) >= uint256(shares) * _assets(n));
    }

    /// A redemption never takes the price of the others' shares down.
    function check_redeemRoundsDown(Numbers calldata n, uint112 shares) external {
        _set(n);
        assert(vault.previewRedeem(shares) * _supply(n) <= uint256(shares) * _assets(n));
    }

    /// Nor does a withdrawal.
    function check_withdrawRoundsUp(Numbers calldata n, uint112 assets) external {
        _set(n);
        assert(vault.previewWithdraw(assets) * _assets(n) >= uint256(assets) * _supply(n));
    }

    /// Who deposits and leaves at once gets no more than what was put in.
    function check_depositThenRedeem(Numbers calldata n, uint112 assets) external {
        uint256 shares = _deposit(n, assets);
        assert(vault.previewRedeem(shares) <= assets);
    }

    /// Nor are the shares of a deposit enough to withdraw more than it. In steps: by check_depositRoundsDown before it, and
    /// check_withdrawRoundsUp after it.
    function check_depositThenWithdraw(Numbers calldata n, uint112 assets, uint112 more) external {
        cheats.assume(more > assets);
        uint256 shares = _deposit(n, assets);
        uint256 cost = vault.previewWithdraw(more);
        if (cost > type(uint112).max) return;
        cheats.assume(shares * _assets(n) <= uint256(assets) * _supply(n));
        cheats.assume(cost * (vault.totalAssets() + 1) >= uint256(more) * (vault.totalSupply() + 1));
        assert(cost > shares);
    }

    /// The same for who buys shares and leaves at once.
    function check_mintThenRedeem(Numbers calldata n, uint112 shares) external {
        _set(n);
        cheats.prank(HOLDER);
        uint256 assets = vault.mint(shares, HOLDER);
        cheats.assume(assets <= type(uint112).max);
        assert(vault.previewRedeem(shares) <= assets);
    }

    function _deposit(Numbers calldata n, uint112 assets) private returns (uint256 shares) {
        _set(n);
        cheats.prank(HOLDER);
        shares = vault.deposit(assets, HOLDER);
        cheats.assume(shares <= type(uint112).max);
    }

    function _set(Numbers calldata n) private {
        vault.set(OTHERS, n.supply, OTHERS, 0, n.idle);
        arena.set(n.backing, n.busy);
    }

    /// With the virtual wei and share that keep the first deposit's price.
    function _assets(Numbers calldata n) private pure returns (uint256) {
        return uint256(n.idle) + n.backing + 1;
    }

    function _supply(Numbers calldata n) private pure returns (uint256) {
        return uint256(n.supply) + 1;
    }
}
