// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import {Committees} from "../src/libraries/Committees.sol";
import {ABSTAIN, INVALID} from "./helpers/Judge.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// Batches of 250, a lone INVALID, and the most hostile vectors that the largest batch can hold, under the 2^24 gas that a chain takes for one transaction (EIP-7825).
contract WorstCaseGasTest is World {
    uint256 internal constant VALIDATORS = 32;
    uint256 internal constant TRANSACTION = 1 << 24;
    uint256 internal task;

    function fill(uint256 models) internal {
        TaskParams memory p = paramsOf(1);
        p.rules.committeeSize = uint16(VALIDATORS);
        p.rules.batchSize = uint16(models);
        task = create(p);
        for (uint256 i; i < models; ++i) stakeIn(task, trainer(i), Role.Trainer, 100 * T);
        for (uint256 i; i < VALIDATORS; ++i) stakeIn(task, validator(i), Role.Validator, (100 + i) * T);
        enterAll(task, 0, models, VALIDATORS);
    }

    /// @return gas of settling alone, with what 21,000 and calldata come to.
    function settled() internal returns (uint256 gas, Verdict memory v) {
        (bytes memory consensus, bytes memory vectors) = evidence(task, 0, 0);
        vm.recordLogs();
        arena.settle(task, 0, 0, consensus, vectors);
        gas = vm.lastCallGas().gasTotalUsed;
        v = recordedVerdict();
    }

    function test_250() public {
        fill(250);
        for (uint256 v; v < VALIDATORS; ++v) {
            uint32[] memory s = new uint32[](251);
            for (uint256 i; i < 251; ++i) s[i] = uint32(1_000_000 - 1_000 * i + uint256(keccak256(abi.encode(v, i))) % 2000);
            sealAs(task, 0, 0, validator(v), s);
        }
        revealAll(task, 0, VALIDATORS);
        (uint256 gas, Verdict memory verdict) = settled();
        vm.snapshotValue("Arena", "settle, 32 validators and 250 models", gas);
        vm.assertLe(gas, TRANSACTION, "in a transaction, and so in a block of 30 million");
        goTo(task, 0, Phase.Final);
        (uint256[] memory order, uint256[] memory slashed) = scribe.orderOf(task, 0, one(verdict));
        arena.rank(task, 0, one(verdict), order, slashed);
        vm.assertLe(vm.lastCallGas().gasTotalUsed, TRANSACTION, "ranking in one page");
        vm.assertGe(order.length, 240, "nearly all rank");
    }

    /// One INVALID is one item to look at more closely, not 32 times 100.
    function test_oneInvalid() public {
        fill(100);
        for (uint256 v; v < VALIDATORS; ++v) {
            uint32[] memory s = new uint32[](101);
            for (uint256 i; i < 101; ++i) s[i] = uint32(1_000_000 - 1_000 * i + v);
            if (v == 7) s[50] = INVALID;
            sealAs(task, 0, 0, validator(v), s);
        }
        revealAll(task, 0, VALIDATORS);
        (uint256 gas, Verdict memory verdict) = settled();
        vm.snapshotValue("Arena", "settle, 32 validators and 100 models, one INVALID", gas);
        vm.assertEq(uint8(verdict.results[7]), 6, "against two thirds: wrong verdict");
        vm.assertLe(gas, 1_300_000, "about what it costs without");
    }

    /// Every score INVALID, beyond the tolerance, or beside an ABSTAIN; every item contested; as many as a committee takes.
    function test_hostileVectors() public {
        uint256 models = Committees.batchCapacity(VALIDATORS);
        fill(models);
        for (uint256 v; v < VALIDATORS; ++v) {
            uint32[] memory s = new uint32[](models + 1);
            for (uint256 i; i <= models; ++i) {
                if (v == 0) s[i] = INVALID;
                else if (v % 2 == 0) s[i] = uint32(2_000_000 + i);
                else s[i] = i % 8 > 5 ? ABSTAIN : uint32(1_000_000 + i);
            }
            sealAs(task, 0, 0, validator(v), s);
        }
        revealAll(task, 0, VALIDATORS);
        (uint256 gas,) = settled();
        vm.snapshotValue("Arena", "settle, 32 validators, 400 models, hostile vectors", gas);
        vm.assertLe(gas, TRANSACTION, "fits a transaction all the same");
    }
}
