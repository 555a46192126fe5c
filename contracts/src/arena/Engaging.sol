// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Backing, Role, Share, Stake} from "../Types.sol";
import {StakeTooSmall, WrongRole} from "../Errors.sol";
import {LockMultiplier} from "../libraries/LockMultiplier.sol";
import {Dealing} from "./Dealing.sol";

/// How stake enters a round: it must suffice, it stays until the round is done, and it weighs something.
abstract contract Engaging is Dealing {
    /// The caller's stake takes part in `round`: it must have the role and the minimum, and stays until the round is done.
    function _engage(uint256 taskId, uint256 round, Role role, uint256 minimum) internal {
        Stake storage s = _stakes[taskId][msg.sender];
        if (s.role != role) revert WrongRole(taskId, msg.sender, s.role, role);
        if (s.amount < minimum) revert StakeTooSmall(taskId, msg.sender, s.amount, minimum);
        // forge-lint: disable-next-line(unsafe-typecast)
        if (s.busy <= round) s.busy = uint32(round + 1);
    }

    /// Weighs the account's stake for a round, and remembers what part of it is delegated.
    /// @return weight own stake times its lock's multiplier, and what is delegated.
    /// @return own the account's own stake. Both in weight units.
    function _weigh(uint256 taskId, uint256 round, address account) internal returns (uint48 weight, uint48 own) {
        Stake storage s = _stakes[taskId][account];
        uint256 remaining = s.lockUntil > block.timestamp ? s.lockUntil - block.timestamp : 0;
        own = _cap(s.amount / weightUnit);
        uint256 total = LockMultiplier.apply_(own, remaining);
        Backing storage b = _backings[taskId][account];
        if (b.amount > 0) {
            uint48 delegated = _cap(b.amount / weightUnit);
            total += delegated;
            _shares[taskId][round][account] = Share(delegated, own, uint40(block.timestamp), b.sigma, 0, 0);
        }
        weight = _cap(total);
    }

    /// What is above 281 million tokens counts as that.
    function _cap(uint256 units) internal pure returns (uint48) {
        // forge-lint: disable-next-line(unsafe-typecast)
        return units > type(uint48).max ? type(uint48).max : uint48(units);
    }
}
