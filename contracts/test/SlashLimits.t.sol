// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import {DelegationVault} from "../src/delegation/DelegationVault.sol";
import {deployVaultFactory} from "./helpers/Deploy.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// Slashes of one round that come to more than there is take what there is, of own and of delegated stake.
contract SlashLimitsTest is World {
    uint256 internal task;
    DelegationVault internal vault;
    address internal constant ANN = address(0xA1);
    address internal constant DISPUTER = address(0xD1);

    function setUp() public override {
        super.setUp();
        TaskParams memory p = paramsOf(1);
        p.rules.slashVerdict = 5000;
        task = create(p);
        for (uint256 i; i < 2; ++i) stakeIn(task, trainer(i), Role.Trainer, 100 * T);
        // 0 and 1 lie; 2 to 5 are the jury.
        for (uint256 i; i < 6; ++i) stakeIn(task, validator(i), Role.Validator, 100 * T);
        vm.startPrank(validator(0));
        vault = deployVaultFactory(arena).make("Vault of a liar", "VL");
        arena.setVault(address(vault));
        arena.setSharing(task, 0.5e18);
        vm.stopPrank();
        token.draw(ANN, 100 * T);
        vm.startPrank(ANN);
        token.approve(address(vault), type(uint256).max);
        vault.deposit(100 * T, ANN);
        vm.stopPrank();
        vm.prank(validator(0));
        vault.back(task, uint128(100 * T));
        give(DISPUTER, 100 * T, 0);
    }

    function test_threeTimesHalf() public {
        uint32[] memory truth = row(1_000_000, 800_000, 900_000);
        enterAll(task, 0, 2, 3);
        for (uint256 i; i < 2; ++i) sealAs(task, 0, 0, validator(i), row(1_300_000, 1_400_000, 1_500_000));
        sealAs(task, 0, 0, validator(2), truth);
        revealAll(task, 0, 3);
        (bytes memory consensus, bytes memory vectors) = evidence(task, 0, 0);
        Verdict memory v = settleWith(task, 0, 0, consensus, vectors);
        goTo(task, 0, Phase.Dispute);
        for (uint256 item; item < 3; ++item) {
            vm.prank(DISPUTER);
            arena.dispute(task, 0, 0, item);
        }
        jury(truth);
        for (uint256 item; item < 3; ++item) arena.resolve(task, 0, 0, item, truth[item], v, vectors);
        for (uint256 i; i < 2; ++i) vm.assertEq(arena.stakeOf(task, validator(i)).amount, 0, "all, no more");
        vm.assertEq(arena.backingOf(task, validator(0)).amount, 0, "all that was delegated, no more");
        vm.assertEq(vault.totalAssets(), 0, "the vault knows");
        // 300 were taken: half is burned, a quarter is the disputer's, beside its bonds of 20.
        vm.assertEq(arena.owed(address(token), address(0xdEaD)), 150 * T, "burned");
        vm.assertEq(arena.owed(address(token), DISPUTER), 75 * T + 60 * T, "disputer");
        vm.warp(block.timestamp + 64);
        arena.rank(task, 0, one(v), list(0, 1), new uint256[](0));
        arena.payTrainers(task, 0, list(0, 1));
        arena.payValidators(task, 0, 0, v);
        vm.assertTrue(arena.isDone(task, 0), "done");
    }

    /// Sealing takes 62 seconds, revealing 63.
    function jury(uint32[] memory truth) internal {
        (,, uint256[7] memory ends) = arena.roundOf(task, 0);
        vm.warp(ends[6]);
        for (uint256 k; k < 12; ++k) juror(k / 4, k % 4, truth[k / 4], false);
        vm.warp(ends[6] + 62);
        for (uint256 k; k < 12; ++k) juror(k / 4, k % 4, truth[k / 4], true);
        vm.warp(ends[6] + 62 + 63);
    }

    function juror(uint256 item, uint256 index, uint32 score, bool reveals) internal {
        address who = validator(2 + index);
        bytes32 seal = keccak256(abi.encode(task, 0, 0, item, who, bytes32("j"), score));
        vm.prank(who);
        if (reveals) arena.revealJury(task, 0, 0, item, index, score, "j");
        else arena.sealJury(task, 0, 0, item, index, seal);
    }
}
