// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Delegation} from "./arena/Delegation.sol";
import {Disputes} from "./arena/Disputes.sol";
import {Juries} from "./arena/Juries.sol";
import {State} from "./arena/State.sol";
import {Views} from "./arena/Views.sol";

/// The part of the arena that is for some: delegation, disputes, and reads. Only its code is used, like the BackOffice's.
contract Annex is Delegation, Disputes, Juries, Views {
    constructor(address stakeToken_) State(stakeToken_) {}
}
