// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BackOffice} from "./BackOffice.sol";
import {BadParameter} from "./Errors.sol";
import {Delegation} from "./arena/Delegation.sol";
import {Disputes} from "./arena/Disputes.sol";
import {Settlement} from "./arena/Settlement.sol";
import {State} from "./arena/State.sol";
import {Views} from "./arena/Views.sol";

/// The arena: tasks, stakes, sealed submissions, sealed scores, settlement, rewards. It has no
/// owner, cannot be upgraded or paused, and knows no role above its users. See docs/protocol.md.
///
/// A contract may have 24,576 bytes of code, and the rule book needs more: what comes before a
/// round and after it is code in the BackOffice, run on this contract's storage. Its address is
/// fixed when this contract is made.
contract Arena is Settlement, Delegation, Disputes, Views {
    BackOffice public immutable backOffice;

    /// @param stakeToken_ the token of stakes and bonds; one that takes fees or changes balances by itself is not fit for it.
    /// @param backOffice_ made for the same token.
    constructor(address stakeToken_, BackOffice backOffice_) State(stakeToken_) {
        if (backOffice_.stakeToken() != stakeToken_) revert BadParameter("backOffice", uint160(address(backOffice_)));
        backOffice = backOffice_;
    }

    /// Whatever this contract has no function for is the back office's.
    fallback() external {
        address target = address(backOffice);
        assembly ("memory-safe") {
            let p := mload(0x40)
            calldatacopy(p, 0, calldatasize())
            let ok := delegatecall(gas(), target, p, calldatasize(), 0, 0)
            returndatacopy(p, 0, returndatasize())
            switch ok
            case 0 { revert(p, returndatasize()) }
            default { return(p, returndatasize()) }
        }
    }
}
