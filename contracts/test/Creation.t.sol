// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TaskParams} from "../src/Types.sol";
import {BadParameter} from "../src/Errors.sol";
import {deployAnnex, deployBackOffice, deployFront} from "./helpers/Deploy.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// What is refused when tasks and arenas are made.
contract CreationTest is World {
    function refused(TaskParams memory p, bytes32 name, uint256 value) internal {
        give(CREATOR, p.bond, p.bounty);
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, name, value));
        vm.prank(CREATOR);
        arena.createTask(p);
    }

    function test_taskParameters() public {
        TaskParams memory p = paramsOf(0);
        refused(p, "rounds", 0);
        p = paramsOf(257);
        refused(p, "rounds", 257);
        p = paramsOf(1);
        p.plaintextDigests = new bytes32[](2);
        refused(p, "plaintextDigests", 2);
        p = paramsOf(1);
        p.bountyToken = address(7);
        refused(p, "bountyToken", 7);
        p = paramsOf(1);
        p.trainerMinStake = 1;
        refused(p, "trainerMinStake", 1);
        p = paramsOf(1);
        p.validatorMinStake = 1;
        refused(p, "validatorMinStake", 1);
        p = paramsOf(1);
        p.bond = 1;
        refused(p, "bond", 1);
        p = paramsOf(1);
        p.clock.start = 1;
        refused(p, "start", 1);
        p = paramsOf(1);
        p.clock.start = uint40(block.timestamp + 366 days);
        refused(p, "start", block.timestamp + 366 days);
        p = paramsOf(1);
        p.clock.submit = 0;
        refused(p, "submit", 0);
        p = paramsOf(1);
        p.clock.open = 0;
        refused(p, "open", 0);
        p = paramsOf(1);
        p.clock.validate = 0;
        refused(p, "validate", 0);
        p = paramsOf(1);
        p.clock.reveal = 0;
        refused(p, "reveal", 0);
        p = paramsOf(1);
        p.clock.settle = 0;
        refused(p, "settle", 0);
        p = paramsOf(1);
        p.clock.dispute = 0;
        refused(p, "dispute", 0);
        p = paramsOf(1);
        p.rules.committeeSize = 257;
        refused(p, "committeeSize", 257);
        p = paramsOf(1);
        p.rules.batchSize = 1001;
        refused(p, "batchSize", 1001);
        p = paramsOf(1);
        p.rules.quorum = 6;
        refused(p, "quorum", 6);
        p = paramsOf(1);
        p.rules.slashInvalid = 5001;
        refused(p, "slashInvalid", 5001);
        p = paramsOf(1);
        p.rules.gamma = 0.6e18;
        refused(p, "gamma", 0.6e18);
        p = paramsOf(1);
        p.rules.eta = 0;
        refused(p, "eta", 0);
        p = paramsOf(1);
        p.rules.alpha = 0;
        refused(p, "alpha", 0);
        p = paramsOf(1);
        p.rules.slashShard = 10_001;
        refused(p, "slashShard", 10_001);
        p = paramsOf(1);
        p.rules.q = 1e18;
        refused(p, "q", 1e18);
        p = paramsOf(1);
        p.rules.tolerance = 1e18;
        refused(p, "tolerance", 1e18);
    }

    /// Contracts made for different stake tokens are not put together.
    function test_partsOfDifferentArenas() public {
        address annex = deployAnnex(address(token));
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, bytes32("annex"), uint160(annex)));
        this.deployOther(annex, address(0));
        address office = deployBackOffice(address(token), annex);
        vm.expectRevert(abi.encodeWithSelector(BadParameter.selector, bytes32("backOffice"), uint160(office)));
        this.deployOther(annex, office);
    }

    /// For another stake token: the back office, or where there is one, the arena before it.
    function deployOther(address annex, address office) external {
        if (office == address(0)) deployBackOffice(address(usd), annex);
        else deployFront(address(usd), office);
    }
}
