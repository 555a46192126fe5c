// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {BackOffice} from "./BackOffice.sol";
import {BadParameter} from "./Errors.sol";
import {Forwarding} from "./arena/Forwarding.sol";
import {Settlement} from "./arena/Settlement.sol";
import {State} from "./arena/State.sol";

/// The arena: tasks, stakes, sealed submissions, sealed scores, settlement, rewards. It has no
/// owner, cannot be upgraded or paused, and knows no role above its users. See docs/protocol.md.
///
/// A contract may have 24,576 bytes of code, and the rule book needs more. Here is what happens often, from
/// stake to settlement; the rest is code in the BackOffice and behind it the Annex, run on this contract's
/// storage. Their addresses are fixed when they are made. IArena lists the functions of all three.
contract Arena is Settlement, Forwarding {
    BackOffice public immutable backOffice;

    /// @param stakeToken_ the token of stakes and bonds; one that takes fees or changes balances by itself is not fit for it.
    /// @param backOffice_ made for the same token.
    constructor(address stakeToken_, BackOffice backOffice_) State(stakeToken_) {
        if (backOffice_.stakeToken() != stakeToken_) revert BadParameter("backOffice", uint160(address(backOffice_)));
        backOffice = backOffice_;
    }

    function _next() internal view override returns (address) {
        return address(backOffice);
    }
}
