// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TestToken} from "../src/testing/TestToken.sol";
import {ArenaHarness, Balances, Place} from "./harness/ArenaHarness.sol";
import {cheats, symbolic} from "./harness/Cheats.sol";

/// Every way that tokens leave the arena, from any state of its whole storage: who gets them, and that one balance falls by
/// exactly what was sent while none other changes: `place` is any place of the books, `bystander` any holder of the token.
///
/// Exits (npm run audit holds this list against contracts/src):
/// - arena/Stakes.sol safeTransfer: check_unstake
/// - arena/Payments.sol safeTransfer: check_claim
/// - arena/Delegation.sol safeTransfer: check_unback
/// - arena/Delegation.sol safeTransfer: check_collectStake, check_collectBounty
/// - arena/Forwarding.sol delegatecall: runs the BackOffice's and the Annex's code, which these are
/// - delegation/DelegationVault.sol approve: the arena, which takes tokens from its caller alone (arena/State.sol _pull)
/// - delegation/Distributions.sol safeTransfer: check_claimOnce (VaultExits.t.sol)
/// - ERC4626's _withdraw (OpenZeppelin's, by redeem and withdraw): check_leave (VaultExits.t.sol)
contract ExitProofs {
    TestToken private token;
    TestToken private other;
    ArenaHarness private arena;

    struct Held {
        uint256 arena;
        uint256 receiver;
        uint256 bystander;
    }

    function setUp() public {
        token = new TestToken("", "", 0);
        other = new TestToken("", "", 0);
        arena = new ArenaHarness(address(token));
        symbolic.enableSymbolicStorage(address(arena));
        symbolic.enableSymbolicStorage(address(token));
        symbolic.enableSymbolicStorage(address(other));
    }

    function check_unstake(uint256 task, uint128 amount, address caller, address bystander, uint48 time, Place calldata p)
        external
    {
        Held memory held = _held(token, caller, bystander);
        Balances memory expected = arena.balances(p);
        if (p.taskId == task && p.account == caller) expected.stake -= amount;
        cheats.warp(time);
        cheats.prank(caller);
        arena.unstake(task, amount);
        _sent(token, amount, held, caller, bystander);
        _same(expected, p);
        assert(time >= arena.lockOf(task, caller));
        assert(!arena.isBusy(task, caller));
    }

    function check_claim(address caller, address account, address bystander, Place calldata p) external {
        uint256 amount = arena.balances(Place(0, 0, account, address(token))).owed;
        Held memory held = _held(token, account, bystander);
        Balances memory expected = arena.balances(p);
        if (p.token == address(token) && p.account == account) expected.owed = 0;
        cheats.prank(caller);
        assert(arena.claim(address(token), account) == amount);
        _sent(token, amount, held, account, bystander);
        _same(expected, p);
    }

    function check_unback(uint256 task, address operator, uint128 amount, address caller, address bystander, Place calldata p)
        external
    {
        Held memory held = _held(token, caller, bystander);
        Balances memory expected = arena.balances(p);
        if (p.taskId == task && p.account == operator) expected.backing -= amount;
        cheats.prank(caller);
        arena.unback(task, operator, amount);
        _sent(token, amount, held, caller, bystander);
        _same(expected, p);
        assert(arena.vaultOf(operator) == caller);
        assert(!arena.isBusy(task, operator));
    }

    function check_collectStake(uint256 task, uint256 round, address operator, address caller, address bystander, Place calldata p)
        external
    {
        uint256 amount = arena.balances(Place(task, round, operator, address(0))).shareOfStake;
        Held memory held = _held(token, caller, bystander);
        Balances memory expected = arena.balances(p);
        if (p.taskId == task && p.round == round && p.account == operator) expected.shareOfStake = 0;
        cheats.prank(caller);
        assert(arena.collect(task, round, operator, address(token)) == amount);
        _sent(token, amount, held, caller, bystander);
        _same(expected, p);
        assert(arena.vaultOf(operator) == caller);
    }

    function check_collectBounty(uint256 task, uint256 round, address operator, address caller, address bystander, Place calldata p)
        external
    {
        uint256 amount = arena.balances(Place(task, round, operator, address(0))).shareOfBounty;
        Held memory held = _held(other, caller, bystander);
        Balances memory expected = arena.balances(p);
        if (p.taskId == task && p.round == round && p.account == operator) expected.shareOfBounty = 0;
        cheats.prank(caller);
        assert(arena.collect(task, round, operator, address(other)) == amount);
        assert(arena.bountyTokenOf(task) == address(other));
        _sent(other, amount, held, caller, bystander);
        _same(expected, p);
        assert(arena.vaultOf(operator) == caller);
    }

    /// No real token's balances add up to more than a word holds.
    function _held(TestToken t, address receiver, address bystander) private view returns (Held memory h) {
        cheats.assume(receiver != address(arena) && bystander != address(arena) && bystander != receiver);
        h = Held(t.balanceOf(address(arena)), t.balanceOf(receiver), t.balanceOf(bystander));
        cheats.assume(h.receiver <= type(uint256).max - h.arena);
    }

    function _sent(TestToken t, uint256 amount, Held memory before, address receiver, address bystander) private view {
        assert(t.balanceOf(address(arena)) == before.arena - amount);
        assert(t.balanceOf(receiver) == before.receiver + amount);
        assert(t.balanceOf(bystander) == before.bystander);
    }

    function _same(Balances memory expected, Place calldata p) private view {
        Balances memory b = arena.balances(p);
        assert(b.stake == expected.stake);
        assert(b.backing == expected.backing);
        assert(b.shareOfBounty == expected.shareOfBounty);
        assert(b.shareOfStake == expected.shareOfStake);
        assert(b.owed == expected.owed);
    }
}
