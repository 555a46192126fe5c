// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "../src/testing/TestToken.sol";
import {AnyArena, VaultHarness} from "./harness/VaultHarness.sol";

/// What shares of a delegation vault are worth, for any number of shares and assets: rounding favours the vault.
///
/// So who deposits a and leaves at once gets no more than a: with A assets and N shares before, s new shares and b coming back,
/// s (A + 1) <= a (N + 1) by check_depositRoundsDown, hence s (A + a + 1) <= a (N + s + 1), and b (N + s + 1) <= s (A + a + 1)
/// by check_redeemRoundsDown: b <= a.
contract VaultPriceProofs {
    address private constant OTHERS = address(0xB1);
    VaultHarness private vault = new VaultHarness(new AnyArena(address(new TestToken("", "", 0))));

    /// Shares for a deposit are worth no more than it, at the price before.
    function check_depositRoundsDown(uint112 supply, uint112 idle, uint112 assets) external {
        vault.set(OTHERS, supply, OTHERS, 0, idle);
        uint256 shares = vault.previewDeposit(assets);
        assert(shares * (uint256(idle) + 1) <= uint256(assets) * (uint256(supply) + 1));
    }

    /// A redemption never takes the price of the others' shares down.
    function check_redeemRoundsDown(uint112 supply, uint112 idle, uint112 shares) external {
        vault.set(OTHERS, supply, OTHERS, 0, idle);
        uint256 assets = vault.previewRedeem(shares);
        assert(assets * (uint256(supply) + 1) <= uint256(shares) * (uint256(idle) + 1));
    }

    /// Nor does a withdrawal.
    function check_withdrawRoundsUp(uint112 supply, uint112 idle, uint112 assets) external {
        vault.set(OTHERS, supply, OTHERS, 0, idle);
        uint256 shares = vault.previewWithdraw(assets);
        assert(shares * (uint256(idle) + 1) >= uint256(assets) * (uint256(supply) + 1));
    }
}
