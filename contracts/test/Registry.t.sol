// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RelayRegistry} from "../src/registry/RelayRegistry.sol";
import {TestToken} from "../src/testing/TestToken.sol";
import {vm} from "./helpers/Vm.sol";

/// Everybody writes their own entry, and it is found from the newest owner back.
contract RegistryTest {
    RelayRegistry internal registry = new RelayRegistry();

    function announce(address who, string memory text) internal {
        vm.prank(who);
        registry.announce(text);
    }

    function test_list() public {
        announce(address(1), "/dns4/a");
        announce(address(2), "/dns4/b");
        announce(address(1), "/dns4/c");
        vm.assertEq(registry.count(), 2, "owners");
        (address[] memory owners, string[] memory addrs) = registry.list(0, 10);
        vm.assertEq(owners.length, 2, "all");
        vm.assertEq(owners[0], address(2), "newest owner first");
        vm.assertEq(bytes(addrs[1]), bytes("/dns4/c"), "the last word counts");
        (owners,) = registry.list(1, 10);
        vm.assertEq(owners.length, 1, "one skipped");
        vm.assertEq(owners[0], address(1), "the older");
        (owners,) = registry.list(0, 1);
        vm.assertEq(owners.length, 1, "limit");
        (owners,) = registry.list(7, 1);
        vm.assertEq(owners.length, 0, "past the end");
    }

    function test_tooLong() public {
        registry.announce(string(new bytes(1024)));
        vm.expectRevert(abi.encodeWithSelector(RelayRegistry.TooLong.selector, 1025, 1024));
        registry.announce(string(new bytes(1025)));
    }

    function test_faucetLimit() public {
        TestToken token = new TestToken("T", "T", 100);
        token.draw(address(1), 100);
        vm.expectRevert(abi.encodeWithSelector(TestToken.AboveLimit.selector, 101, 100));
        token.draw(address(1), 101);
    }
}
