// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Annex} from "./Annex.sol";
import {BadParameter} from "./Errors.sol";
import {Forwarding} from "./arena/Forwarding.sol";
import {Payments} from "./arena/Payments.sol";
import {State} from "./arena/State.sol";
import {Tasks} from "./arena/Tasks.sol";

/// The part of the arena that comes before rounds (tasks) and after them (ranking, payments). Only its
/// code is used: the Arena runs it on its own storage and holds all funds. Calling it directly
/// touches a storage of its own, where nothing of anybody's is.
contract BackOffice is Tasks, Payments, Forwarding {
    Annex public immutable annex;

    constructor(address stakeToken_, Annex annex_) State(stakeToken_) {
        if (annex_.stakeToken() != stakeToken_) revert BadParameter("annex", uint160(address(annex_)));
        annex = annex_;
    }

    function _next() internal view override returns (address) {
        return address(annex);
    }
}
