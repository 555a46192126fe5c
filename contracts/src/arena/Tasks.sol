// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Clock, Phase, Rules, Task, TaskParams} from "../Types.sol";
import {BadParameter, NoSuchTask, NotCreator} from "../Errors.sol";
import {Committees} from "../libraries/Committees.sol";
import {State} from "./State.sol";

/// Creating, funding and opening up tasks. Nothing about a running task can be changed by
/// anyone, save that its creator can lift the allowlist.
abstract contract Tasks is State {
    uint256 internal constant WAD = 1e18;
    uint256 internal constant MAX_SLASH_BPS = 5_000;
    uint256 internal constant MAX_ROUNDS = 256;
    uint256 internal constant MAX_COMMITTEE = 256;

    /// Creates a task and takes its bounty and bond from the caller.
    function createTask(TaskParams calldata p) external nonReentrant returns (uint256 taskId) {
        _check(p);
        taskId = taskCount++;
        Task storage t = _tasks[taskId];
        t.creator = msg.sender;
        t.bountyToken = p.bountyToken;
        t.specDigest = p.specDigest;
        t.allowlistRoot = p.allowlistRoot;
        t.trainerMinStake = p.trainerMinStake;
        t.validatorMinStake = p.validatorMinStake;
        Clock memory c = p.clock;
        if (c.start == 0) c.start = uint40(block.timestamp);
        c.rounds = uint16(p.keyHashes.length);
        _clocks[taskId] = c;
        _rules[taskId] = p.rules;
        for (uint256 r; r < c.rounds; ++r) {
            _rounds[taskId][r].keyHash = p.keyHashes[r];
            _rounds[taskId][r].plaintextDigest = p.plaintextDigests[r];
        }
        uint256 bond = _pull(stakeToken, p.bond);
        t.bond = uint128(bond);
        TaskParams memory actual = p;
        actual.clock = c;
        actual.bond = uint128(bond);
        _announce(taskId, actual);
        if (p.bounty > 0) _fund(taskId, p.bounty);
    }

    function _announce(uint256 taskId, TaskParams memory p) private {
        emit TaskCreated(
            taskId,
            msg.sender,
            p.specDigest,
            p.bountyToken,
            p.bond,
            p.trainerMinStake,
            p.validatorMinStake,
            p.allowlistRoot,
            p.clock,
            p.rules,
            p.keyHashes,
            p.plaintextDigests
        );
    }

    /// Adds to a task's bounty. What no round pays out comes back in proportion.
    function fund(uint256 taskId, uint128 amount) external nonReentrant {
        Clock storage c = _clocks[taskId];
        if (c.rounds == 0) revert NoSuchTask(taskId);
        uint256 last = uint256(c.rounds) - 1;
        if (_clockPhase(taskId, last) > Phase.Open) revert BadParameter("time", block.timestamp);
        _fund(taskId, amount);
    }

    function liftAllowlist(uint256 taskId) external {
        if (_tasks[taskId].creator != msg.sender) revert NotCreator(taskId, msg.sender);
        _tasks[taskId].allowlistRoot = 0;
        emit AllowlistLifted(taskId);
    }

    function _fund(uint256 taskId, uint256 amount) private {
        Task storage t = _tasks[taskId];
        uint256 received = _pull(t.bountyToken, amount);
        t.pool += uint128(received);
        t.funded += uint128(received);
        fundedBy[taskId][msg.sender] += received;
        emit TaskFunded(taskId, msg.sender, received);
    }

    function _check(TaskParams calldata p) private view {
        uint256 rounds = p.keyHashes.length;
        if (rounds == 0 || rounds > MAX_ROUNDS) revert BadParameter("rounds", rounds);
        if (p.plaintextDigests.length != rounds) revert BadParameter("plaintextDigests", p.plaintextDigests.length);
        if (p.bountyToken.code.length == 0) revert BadParameter("bountyToken", uint160(p.bountyToken));
        if (p.trainerMinStake < weightUnit) revert BadParameter("trainerMinStake", p.trainerMinStake);
        if (p.validatorMinStake < weightUnit) revert BadParameter("validatorMinStake", p.validatorMinStake);
        if (p.bond < p.trainerMinStake) revert BadParameter("bond", p.bond);
        Clock calldata c = p.clock;
        if (c.start != 0 && (c.start < block.timestamp || c.start > block.timestamp + 365 days)) {
            revert BadParameter("start", c.start);
        }
        if (c.submit == 0) revert BadParameter("submit", 0);
        if (c.open == 0) revert BadParameter("open", 0);
        if (c.validate == 0) revert BadParameter("validate", 0);
        if (c.reveal == 0) revert BadParameter("reveal", 0);
        if (c.settle == 0) revert BadParameter("settle", 0);
        if (c.dispute == 0) revert BadParameter("dispute", 0);
        Rules calldata r = p.rules;
        if (r.committeeSize == 0 || r.committeeSize > MAX_COMMITTEE) {
            revert BadParameter("committeeSize", r.committeeSize);
        }
        if (r.batchSize == 0 || r.batchSize > Committees.batchCapacity(r.committeeSize)) revert BadParameter("batchSize", r.batchSize);
        if (r.quorum == 0 || r.quorum > r.committeeSize) revert BadParameter("quorum", r.quorum);
        _atMost("slashInvalid", r.slashInvalid, MAX_SLASH_BPS);
        _atMost("slashWorse", r.slashWorse, MAX_SLASH_BPS);
        _atMost("slashNotSealed", r.slashNotSealed, MAX_SLASH_BPS);
        _atMost("slashNotRevealed", r.slashNotRevealed, MAX_SLASH_BPS);
        _atMost("slashDeviant", r.slashDeviant, MAX_SLASH_BPS);
        _atMost("slashVerdict", r.slashVerdict, MAX_SLASH_BPS);
        _atMost("slashKey", r.slashKey, BPS);
        _atMost("slashShard", r.slashShard, BPS);
        _atMost("gamma", r.gamma, WAD / 2);
        if (r.q == 0 || r.q >= WAD) revert BadParameter("q", r.q);
        if (r.eta == 0) revert BadParameter("eta", 0);
        _atMost("eta", r.eta, WAD);
        if (r.alpha == 0) revert BadParameter("alpha", 0);
        _atMost("alpha", r.alpha, WAD);
        _atMost("tolerance", r.tolerance, WAD - 1);
        _atMost("margin", r.margin, WAD);
        _atMost("lambda", r.lambda, 1e6 * WAD);
    }

    function _atMost(bytes32 name, uint256 value, uint256 limit) private pure {
        if (value > limit) revert BadParameter(name, value);
    }
}
