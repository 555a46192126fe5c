// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import {NothingOwed, NothingReceived} from "../src/Errors.sol";
import {DelegationVault} from "../src/delegation/DelegationVault.sol";
import {Delegating} from "./helpers/Delegating.sol";
import {BlockToken, Drawn, FeeToken, Hook, HookToken, IdleToken, SilentToken} from "./helpers/HostileTokens.sol";
import {vm} from "./helpers/Vm.sol";

/// Bounties in tokens that keep a fee, call back, refuse, lie or say nothing.
contract HostileTokensTest is Delegating, Hook {
    uint256 internal task;

    /// A task of one round with 1,000 of `bountyToken`; two trainers, three validators.
    function begin(address bountyToken, uint128 bounty) internal {
        TaskParams memory p = paramsOf(1);
        p.bountyToken = bountyToken;
        p.bounty = bounty;
        Drawn(bountyToken).draw(CREATOR, bounty);
        give(CREATOR, p.bond, 0);
        vm.prank(CREATOR);
        IERC20Like(bountyToken).approve(address(arena), type(uint256).max);
        vm.prank(CREATOR);
        task = arena.createTask(p);
        for (uint256 i; i < 2; ++i) stakeIn(task, trainer(i), Role.Trainer, 100 * T);
        for (uint256 i; i < 3; ++i) stakeIn(task, validator(i), Role.Validator, 100 * T);
    }

    /// Validator 2 does not reveal, so that there are slashes to share.
    function play() internal returns (Verdict memory v) {
        enterAll(task, 0, 2, 3);
        sealAll(task, 0, 3, row(1_000_000, 800_000, 900_000));
        revealAll(task, 0, 2);
        v = settleBatch(task, 0, 0);
        goTo(task, 0, Phase.Final);
        conclude(task, 0, one(v));
    }

    function claimAll(address bountyToken) internal {
        for (uint256 i; i < 2; ++i) {
            arena.claim(bountyToken, trainer(i));
            arena.claim(bountyToken, validator(i));
        }
    }

    /// Only what arrived is given away, and it suffices for everybody.
    function test_feeOnTransfer() public {
        FeeToken fee = new FeeToken();
        begin(address(fee), uint128(1000 * T));
        vm.assertEq(arena.fundedBy(task, CREATOR), 990 * T, "what arrived");
        play();
        uint256 owed = arena.owed(address(fee), trainer(0));
        uint256 all = owed + arena.owed(address(fee), trainer(1)) + arena.owed(address(fee), validator(0))
            + arena.owed(address(fee), validator(1));
        vm.assertApproxEqAbs(all, 990 * T, 10, "all of it is shared out");
        claimAll(address(fee));
        vm.assertEq(fee.balanceOf(trainer(0)), owed - owed / 100, "the token's own fee");
        vm.assertLe(fee.balanceOf(address(arena)), 10, "dust alone stays");
    }

    function test_noReturnValue() public {
        SilentToken silent = new SilentToken();
        begin(address(silent), 1000e6);
        play();
        uint256 owed = arena.owed(address(silent), trainer(0));
        claimAll(address(silent));
        vm.assertEq(silent.balanceOf(trainer(0)), owed, "claimed");
        vm.assertGe(owed, 1e6, "something");
    }

    function test_movesNothing() public {
        IdleToken idle = new IdleToken();
        TaskParams memory p = paramsOf(1);
        p.bountyToken = address(idle);
        give(CREATOR, p.bond, 0);
        vm.expectRevert(abi.encodeWithSelector(NothingReceived.selector, address(idle)));
        vm.prank(CREATOR);
        arena.createTask(p);
    }

    /// One who is refused stops nobody else, and is paid once the token relents.
    function test_blockedClaimant() public {
        BlockToken blocking = new BlockToken();
        begin(address(blocking), uint128(1000 * T));
        play();
        blocking.block_(trainer(0), true);
        vm.expectRevert("blocked");
        arena.claim(address(blocking), trainer(0));
        uint256 owed = arena.owed(address(blocking), trainer(0));
        vm.assertGe(owed, 1, "still owed");
        arena.claim(address(blocking), trainer(1));
        arena.claim(address(blocking), validator(0));
        vm.prank(trainer(0));
        arena.unstake(task, uint128(100 * T));
        vm.assertEq(token.balanceOf(trainer(0)), 100 * T, "stake is no hostage");
        blocking.block_(trainer(0), false);
        arena.claim(address(blocking), trainer(0));
        vm.assertEq(blocking.balanceOf(trainer(0)), owed, "later");
    }

    /// Validator 0's vault, with 100 of Ann's behind it.
    function begunVault() internal returns (DelegationVault vault) {
        vault = makeVault(validator(0), task, 0.4e18);
        delegate(vault, ANN, 100 * T);
        backWith(vault, task, 100 * T);
        vm.warp(block.timestamp + 1);
    }

    /// A bounty token that refuses the vault holds up neither its share of slashes nor its stake.
    function test_blockedVault() public {
        BlockToken blocking = new BlockToken();
        begin(address(blocking), uint128(1000 * T));
        DelegationVault vault = begunVault();
        play();
        blocking.block_(address(vault), true);
        uint256 earned = arena.shareOf(task, 0, validator(0)).stake;
        vm.assertGe(earned, 1, "a part of the slash");
        vm.expectRevert("blocked");
        vault.harvest(task, 0);
        vm.expectRevert("blocked");
        vault.harvestToken(task, 0, address(blocking));
        vault.harvestToken(task, 0, address(token));
        vm.assertEq(vault.partOf(0, ANN), earned, "shared out");
        vm.expectRevert(abi.encodeWithSelector(NothingOwed.selector, address(token), address(vault)));
        vault.harvestToken(task, 0, address(token));
        vm.expectRevert(abi.encodeWithSelector(NothingOwed.selector, address(usd), address(vault)));
        vault.harvestToken(task, 0, address(usd));
        vm.prank(ANN);
        vault.claim(list(0));
        vm.assertEq(token.balanceOf(ANN), earned, "claimed");
        vault.release(task, uint128(100 * T));
        blocking.block_(address(vault), false);
        vault.harvest(task, 0);
        vm.assertEq(blocking.balanceOf(address(vault)), vault.partOf(1, ANN), "bounty, later");
    }

    /// What the hook does when the token calls it, and how often it got through.
    bytes[] internal attacks;
    uint256 internal tried;
    uint256 internal through;
    bool internal donate;

    function onTransfer(address, address to, uint256) external {
        if (donate) {
            donate = false;
            require(IERC20(msg.sender).transfer(to, 1));
        }
        for (uint256 i; i < attacks.length; ++i) {
            ++tried;
            (bool ok, bytes memory why) = address(arena).call(attacks[i]);
            if (ok) ++through;
            else vm.assertEq(bytes32(bytes4(why)), bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector), "refused by the guard");
        }
    }

    /// From inside a transfer every call that moves tokens is refused.
    function test_reentrantEverywhere() public {
        HookToken hooked = new HookToken();
        begin(address(hooked), uint128(1000 * T));
        play();
        TaskParams memory p = paramsOf(1);
        attacks.push(abi.encodeCall(arena.claim, (address(hooked), trainer(0))));
        attacks.push(abi.encodeCall(arena.claim, (address(token), validator(0))));
        attacks.push(abi.encodeCall(arena.unstake, (task, 0)));
        attacks.push(abi.encodeCall(arena.stake, (task, Role.Trainer, 1, 0, new bytes32[](0))));
        attacks.push(abi.encodeCall(arena.fund, (task, 1)));
        attacks.push(abi.encodeCall(arena.createTask, (p)));
        attacks.push(abi.encodeCall(arena.dispute, (task, 0, 0, 1)));
        attacks.push(abi.encodeCall(arena.back, (task, trainer(0), 1)));
        attacks.push(abi.encodeCall(arena.unback, (task, trainer(0), 1)));
        attacks.push(abi.encodeCall(arena.collect, (task, 0, trainer(0), address(hooked))));
        hooked.setHook(address(this));
        uint256 owed = arena.owed(address(hooked), trainer(0));
        uint256 held = hooked.balanceOf(address(arena));
        arena.claim(address(hooked), trainer(0));
        vm.assertEq(tried, attacks.length, "all were tried");
        vm.assertEq(through, 0, "none got through");
        vm.assertEq(hooked.balanceOf(trainer(0)), owed, "paid once");
        vm.assertEq(hooked.balanceOf(address(arena)), held - owed, "and no more");
    }

    /// What only books, and may be called from inside a transfer, books the same there as anywhere.
    function test_reentrantBooking() public {
        HookToken hooked = new HookToken();
        begin(address(hooked), uint128(1000 * T));
        enterAll(task, 0, 2, 3);
        Verdict memory v = judgeAll(task, 0, 3, row(1_000_000, 800_000, 900_000));
        arena.rank(task, 0, one(v), list(0, 1), new uint256[](0));
        arena.payTrainers(task, 0, list(0));
        uint256 before = vm.snapshotState();
        arena.payTrainers(task, 0, list(1));
        arena.payValidators(task, 0, 0, v);
        uint256 second = arena.owed(address(hooked), trainer(1));
        uint256 judge = arena.owed(address(hooked), validator(0));
        vm.revertToState(before);
        attacks.push(abi.encodeCall(arena.payTrainers, (task, 0, list(1))));
        attacks.push(abi.encodeCall(arena.payValidators, (task, 0, 0, v)));
        hooked.setHook(address(this));
        arena.claim(address(hooked), trainer(0));
        vm.assertEq(through, 2, "both booked");
        vm.assertEq(arena.owed(address(hooked), trainer(1)), second, "the same");
        vm.assertEq(arena.owed(address(hooked), validator(0)), judge, "the same");
        delete attacks;
        claimAllBut0(address(hooked));
        vm.assertLe(hooked.balanceOf(address(arena)), 10, "dust alone stays");
    }

    function claimAllBut0(address bountyToken) internal {
        arena.claim(bountyToken, trainer(1));
        for (uint256 i; i < 3; ++i) arena.claim(bountyToken, validator(i));
    }

    /// Tokens slipped in while the arena counts what arrives are not booked to anybody: the call is refused.
    function test_donationWhileCounting() public {
        HookToken hooked = new HookToken();
        begin(address(hooked), uint128(1000 * T));
        hooked.draw(address(this), 10 * T);
        hooked.approve(address(arena), type(uint256).max);
        hooked.setHook(address(this));
        donate = true;
        vm.expectRevert(abi.encodeWithSelector(NothingReceived.selector, address(hooked)));
        arena.fund(task, uint128(5 * T));
        donate = false;
        arena.fund(task, uint128(5 * T));
        vm.assertEq(arena.fundedBy(task, address(this)), 5 * T, "as given");
    }

    /// Bounty in the stake token itself: one purse, still enough for all.
    function test_bountyInStakeToken() public {
        begin(address(token), uint128(1000 * T));
        DelegationVault vault = begunVault();
        play();
        vm.assertEq(arena.shareOf(task, 0, validator(0)).bounty, 0, "all of it counts as stake token");
        vault.harvest(task, 0);
        vm.assertEq(vault.distributionCount(), 1, "one distribution");
        claimAll(address(token));
        arena.claim(address(token), CREATOR);
        arena.claim(address(token), address(0xdEaD));
        for (uint256 i; i < 2; ++i) {
            vm.prank(trainer(i));
            arena.unstake(task, uint128(100 * T));
        }
        vm.prank(validator(0));
        arena.unstake(task, uint128(100 * T));
        vm.prank(validator(1));
        arena.unstake(task, uint128(100 * T));
        vm.prank(validator(2));
        arena.unstake(task, uint128(90 * T));
        vault.release(task, uint128(100 * T));
        vm.assertLe(token.balanceOf(address(arena)), 10, "dust alone stays");
    }
}

interface IERC20Like {
    function approve(address spender, uint256 amount) external;
}
