// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Act, Crowd} from "./helpers/Crowd.sol";
import {vm} from "./helpers/Vm.sol";

/// The state machine of rounds under random calls. Four walks, so that forge takes four cores to it. A million calls: npm run forge -- --long
abstract contract Walk {
    Crowd internal crowd;
    uint256 private immutable number;

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    constructor(uint256 number_) {
        number = number_;
    }

    function setUp() public {
        crowd = new Crowd(number);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(crowd);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(crowd);
        targets[0].selectors = new bytes4[](1);
        targets[0].selectors[0] = Crowd.acts.selector;
    }

    /// The crowd watches every act, and a call that fails fails the run (fail_on_revert). Here once more: what is held covers what is owed.
    function invariant_solvent() public view {
        crowd.solvent();
    }

    /// At the end once more over all tasks that ever were. What the walk did goes to the folder of WALKS, where one is named.
    function afterInvariant() public {
        crowd.check();
        string memory folder = vm.envOr("WALKS", string(""));
        if (bytes(folder).length > 0) vm.writeLine(string.concat(folder, "/", vm.toString(number)), line());
    }

    /// Calls, disputes upheld, then how often each act succeeded, in the order of Act.
    function line() private view returns (string memory all) {
        all = string.concat(vm.toString(crowd.calls()), " ", vm.toString(crowd.upheld()));
        for (uint256 i; i <= uint256(type(Act).max); ++i) all = string.concat(all, " ", vm.toString(crowd.done(Act(i))));
    }
}

contract Walk1Test is Walk(1) {
    function test_walkGetsSomewhere() public {
        for (uint256 i; i < 1200; ++i) crowd.acts(i);
        crowd.check();
        for (uint256 i; i <= uint256(type(Act).max); ++i) vm.assertGe(crowd.done(Act(i)), 1, string.concat("done: act ", vm.toString(i)));
        vm.assertGe(crowd.upheld(), 1, "disputes upheld");
        vm.assertGe(crowd.task(), 1, "tasks ended");
    }
}

contract Walk2Test is Walk(2) {}

contract Walk3Test is Walk(3) {}

contract Walk4Test is Walk(4) {}
