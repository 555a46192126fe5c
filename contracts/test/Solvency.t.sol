// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Crowd} from "./helpers/Crowd.sol";
import {vm} from "./helpers/Vm.sol";

/// The state machine of rounds under random calls. A million of them: npm run forge -- --long
contract SolvencyTest {
    Crowd internal crowd;

    function setUp() public {
        crowd = new Crowd();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(crowd);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(crowd);
        targets[0].selectors = new bytes4[](1);
        targets[0].selectors[0] = Crowd.act.selector;
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function test_walkGetsSomewhere() public {
        for (uint256 i; i < 6000; ++i) crowd.act(uint256(keccak256(abi.encode(i))));
        crowd.check();
        vm.assertGe(crowd.concluded(), 1, "rounds concluded");
        vm.assertGe(crowd.task(), 1, "tasks ended");
        vm.assertGe(crowd.settled(), crowd.concluded(), "batches settled");
        vm.assertGe(crowd.refusedLies(), 1, "lies refused");
        vm.assertGe(crowd.resolved(), 1, "disputes counted");
    }

    /// The crowd watches every call of its own, and a call that fails fails the run (fail_on_revert). Here: what is held covers what is owed.
    function invariant_solvent() public view {
        crowd.solvent();
    }

    /// At the end once more over all tasks that ever were.
    function afterInvariant() public {
        crowd.check();
    }
}
