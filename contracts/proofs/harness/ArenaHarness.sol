// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Delegation} from "../../src/arena/Delegation.sol";
import {Payments} from "../../src/arena/Payments.sol";
import {Stakes} from "../../src/arena/Stakes.sol";
import {State} from "../../src/arena/State.sol";
import {Round, Submission, Task} from "../../src/Types.sol";

/// Where somebody's money stands: any task, round, account and token.
struct Place {
    uint256 taskId;
    uint256 round;
    address account;
    address token;
}

/// All balances at a place, wei.
struct Balances {
    uint256 stake;
    uint256 backing;
    uint256 shareOfBounty;
    uint256 shareOfStake;
    uint256 owed;
}

/// The parts of the arena that send tokens, on one storage as in the arena itself; and what its books say.
contract ArenaHarness is Stakes, Payments, Delegation {
    constructor(address stakeToken_) State(stakeToken_) {}

    function balances(Place calldata p) external view returns (Balances memory) {
        return Balances(
            _stakes[p.taskId][p.account].amount,
            _backings[p.taskId][p.account].amount,
            _shares[p.taskId][p.round][p.account].bounty,
            _shares[p.taskId][p.round][p.account].stake,
            _owed[p.token][p.account]
        );
    }

    function lockOf(uint256 taskId, address account) external view returns (uint256) {
        return _stakes[taskId][account].lockUntil;
    }

    /// Whether the account's stake in the task is at risk in a round that is not done.
    function isBusy(uint256 taskId, address account) external view returns (bool) {
        uint256 busy = _stakes[taskId][account].busy;
        return busy != 0 && !_rounds[taskId][busy - 1].done;
    }

    function bountyTokenOf(uint256 taskId) external view returns (address) {
        return _tasks[taskId].bountyToken;
    }

    function taskOf(uint256 taskId) external view returns (Task memory) {
        return _tasks[taskId];
    }

    function roundOf(uint256 taskId, uint256 round) external view returns (Round memory) {
        return _rounds[taskId][round];
    }

    function submissionOf(uint256 taskId, uint256 round, uint256 index) external view returns (Submission memory) {
        return _submissions[taskId][round][index];
    }

    function rankOf(uint256 taskId, uint256 round, uint256 index) external view returns (uint256) {
        return _ranks[taskId][round][index];
    }

    function roundReward(uint256 taskId, uint256 round) external view returns (uint256) {
        return _roundReward(taskId, round);
    }

    /// What ranking ends in.
    function givePools(uint256 taskId, uint256 round, uint256 reward, uint256 gamma) external {
        _givePools(taskId, round, reward, gamma);
    }
}
