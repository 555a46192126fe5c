// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, TaskParams, Verdict} from "../src/Types.sol";
import {Judge} from "./helpers/Judge.sol";
import {World} from "./helpers/World.sol";
import {vm, Vm} from "./helpers/Vm.sol";

/// What a round costs: 32 validators, 100 models in a batch. Whole transactions: 21,000, calldata (EIP-7623's floor
/// included), execution with cold storage. Written to contracts/snapshots/.
contract GasTest is World {
    uint256 internal constant VALIDATORS = 32;
    uint256 internal constant MODELS = 100;
    uint256 internal task;
    /// Gas of one validator's own seal.
    uint256 internal alone;

    function setUp() public override {
        super.setUp();
        TaskParams memory p = paramsOf(1);
        p.rules.committeeSize = uint16(VALIDATORS);
        task = create(p);
    }

    /// Gas of the transaction that `data` would be, run as one.
    function transact(address from, bytes memory data) internal returns (uint256 gas, bytes memory result) {
        vm.prank(from);
        bool ok;
        (ok, result) = address(arena).call(data);
        vm.assertTrue(ok, "transaction failed");
        Vm.Gas memory g = vm.lastCallGas();
        // With `isolate` every call is a transaction of its own. Checked against EIP-7623's floor, as the evm version is older.
        uint256 floor = 21_000;
        for (uint256 i; i < data.length; ++i) {
            floor += data[i] == 0 ? 10 : 40;
        }
        gas = g.gasTotalUsed < floor ? floor : g.gasTotalUsed;
    }

    function member(uint256 i) internal pure returns (address) {
        return vm.addr(1000 + i);
    }

    function vectorFor(uint256 v) internal pure returns (bytes memory) {
        uint32[] memory s = new uint32[](1 + MODELS);
        for (uint256 i; i < s.length; ++i) {
            uint256 noise = uint256(keccak256(abi.encode(v, i))) % 2000;
            s[i] = uint32(1_000_000 - 4_000 * i + noise);
        }
        return Judge.pack(s);
    }

    /// What comes before a round.
    function beforeRounds() internal {
        TaskParams memory p = paramsOf(4);
        give(CREATOR, p.bond, p.bounty + T);
        (uint256 gas,) = transact(CREATOR, abi.encodeCall(arena.createTask, (p)));
        vm.snapshotValue("Arena", "createTask, 4 rounds", gas);
        (gas,) = transact(CREATOR, abi.encodeCall(arena.fund, (task, uint128(T))));
        vm.snapshotValue("Arena", "fund", gas);
        give(address(0x57A4E), 100 * T, 0);
        (gas,) =
            transact(address(0x57A4E), abi.encodeCall(arena.stake, (task, Role.Trainer, uint128(50 * T), 0, new bytes32[](0))));
        vm.snapshotValue("Arena", "stake", gas);
        (gas,) = transact(address(0x57A4E), abi.encodeCall(arena.unstake, (task, uint128(T))));
        vm.snapshotValue("Arena", "unstake", gas);
    }

    function test_gas_round() public {
        uint256 gas;
        beforeRounds();
        for (uint256 i; i < MODELS; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, 100 * T);
            (gas,) = transact(trainer(i), abi.encodeCall(arena.submit, (task, 0, commitmentOf(task, 0, trainer(i)))));
        }
        vm.snapshotValue("Arena", "submit", gas);
        for (uint256 i; i < VALIDATORS; ++i) {
            stakeIn(task, member(i), Role.Validator, (100 + i) * T);
            (gas,) = transact(member(i), abi.encodeCall(arena.enroll, (task, 0)));
        }
        vm.snapshotValue("Arena", "enroll", gas);
        goTo(task, 0, Phase.Open);
        for (uint256 i; i < MODELS; ++i) {
            (gas,) = transact(trainer(i), abi.encodeCall(arena.open, (task, 0, digestOf(trainer(i)), "salt")));
        }
        vm.snapshotValue("Arena", "open", gas);
        (gas,) = transact(CREATOR, abi.encodeCall(arena.revealKey, (task, 0, KEY)));
        vm.snapshotValue("Arena", "revealKey", gas);
        judge();
    }

    function judge() internal {
        goTo(task, 0, Phase.Validate);
        uint256 sealing;
        bytes32[] memory seals = new bytes32[](VALIDATORS);
        bytes memory signatures;
        address[] memory who = new address[](VALIDATORS);
        bytes32[] memory salts = new bytes32[](VALIDATORS);
        bytes memory vectors;
        for (uint256 i; i < VALIDATORS; ++i) {
            who[i] = member(i);
            salts[i] = keccak256(abi.encode("salt", i));
            bytes memory vector = vectorFor(i);
            vectors = bytes.concat(vectors, vector);
            seals[i] = keccak256(abi.encode(task, 0, 0, who[i], salts[i], keccak256(vector)));
            signatures = bytes.concat(signatures, signedSeal(1000 + i, task, 0, seals[i]));
            vectorOf[0][who[i]] = vector;
            hasRevealed[0][who[i]] = true;
        }
        // One seals for itself; then all of them again, gathered.
        sealAlone(who[0], seals[0]);
        (sealing,) = transact(address(1), abi.encodeCall(arena.sealFor, (task, 0, who, seals, signatures)));
        vm.snapshotValue("Arena", "sealFor, 32 validators in one transaction", sealing);
        goTo(task, 0, Phase.Reveal);
        revealAlone(who[0], salts[0]);
        (uint256 revealing,) = transact(address(1), abi.encodeCall(arena.reveal, (task, 0, 0, who, salts, vectors)));
        vm.snapshotValue("Arena", "reveal, 32 validators in one transaction", revealing);
        goTo(task, 0, Phase.Settle);
        (bytes memory consensus,) = evidence(task, 0, 0);
        vm.recordLogs();
        (uint256 settling,) = transact(address(1), abi.encodeCall(arena.settle, (task, 0, 0, consensus, vectors)));
        vm.snapshotValue("Arena", "settle, 32 validators and 100 models", settling);
        Verdict memory v = recordedVerdict();
        uint256 each = (sealing + revealing + settling) / (VALIDATORS * MODELS);
        vm.snapshotValue("Arena", "seal, reveal, settle per validation", each);
        vm.assertLe(each, 700, "per validation");
        each = (alone * VALIDATORS + revealing + settling) / (VALIDATORS * MODELS);
        vm.snapshotValue("Arena", "own seal, reveal, settle per validation", each);
        goTo(task, 0, Phase.Final);
        pay(v);
    }

    /// What one validator's own seal costs.
    function sealAlone(address who, bytes32 seal) internal {
        uint256 start = vm.snapshotState();
        (uint256 gas,) = transact(who, abi.encodeCall(arena.seal, (task, 0, seal)));
        vm.revertToState(start);
        alone = gas;
        vm.snapshotValue("Arena", "seal", gas);
    }

    /// What one validator's own reveal costs.
    function revealAlone(address who, bytes32 salt) internal {
        bytes memory data = revealOf(who, salt, vectorOf[0][who]);
        uint256 start = vm.snapshotState();
        (uint256 gas,) = transact(who, data);
        vm.revertToState(start);
        vm.snapshotValue("Arena", "reveal, one's own, 101 items", gas);
    }

    function revealOf(address who, bytes32 salt, bytes memory vector) internal view returns (bytes memory) {
        address[] memory validators = new address[](1);
        bytes32[] memory salts = new bytes32[](1);
        (validators[0], salts[0]) = (who, salt);
        return abi.encodeCall(arena.reveal, (task, 0, 0, validators, salts, vector));
    }

    function pay(Verdict memory v) internal {
        (uint256[] memory order, uint256[] memory slashed) = scribe.orderOf(task, 0, one(v));
        (uint256 gas,) = transact(address(1), abi.encodeCall(arena.rank, (task, 0, one(v), order, slashed)));
        vm.snapshotValue("Arena", "rank, 100 models", gas);
        (gas,) = transact(address(1), abi.encodeCall(arena.payTrainers, (task, 0, order)));
        vm.snapshotValue("Arena", "payTrainers, 100 models", gas);
        (gas,) = transact(address(1), abi.encodeCall(arena.payValidators, (task, 0, 0, v)));
        vm.snapshotValue("Arena", "payValidators, 32 validators", gas);
        (gas,) = transact(member(0), abi.encodeCall(arena.claim, (address(usd), member(0))));
        vm.snapshotValue("Arena", "claim", gas);
    }
}
