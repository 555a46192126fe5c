// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round, TaskParams, Verdict} from "../src/Types.sol";
import {ABSTAIN, INVALID} from "./helpers/Judge.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// Settling, ranking and paying in pages of any size, in any order where order does not matter, by anyone: the same in the end.
contract PagesTest is World {
    uint256 internal constant TRAINERS = 7;
    uint256 internal constant VALIDATORS = 6;
    uint256 internal task;
    Verdict[] internal verdicts;

    function setUp() public override {
        super.setUp();
        TaskParams memory p = paramsOf(1);
        p.rules.committeeSize = 2;
        p.rules.batchSize = 3;
        task = create(p);
        for (uint256 i; i < TRAINERS; ++i) stakeIn(task, trainer(i), Role.Trainer, (10 + 7 * i) * T);
        for (uint256 i; i < VALIDATORS; ++i) stakeIn(task, validator(i), Role.Validator, (20 + 3 * i) * T);
    }

    /// Three batches by committees of two; scores by the fuzzer, a few INVALID, ABSTAIN or far worse.
    function judged(uint256 seed) internal {
        enterAll(task, 0, TRAINERS, VALIDATORS);
        arena.fixSeed(task, 0);
        vm.roll(block.number + 1);
        arena.fixSeed(task, 0);
        for (uint256 b; b < 3; ++b) sealBatch(seed, b);
        goTo(task, 0, Phase.Reveal);
        for (uint256 b; b < 3; ++b) {
            address[] memory members = arena.committeeOf(task, 0, b);
            for (uint256 p; p < 2; ++p) {
                if (random(seed, 100 + b * 2 + p) % 6 != 0) revealOne(task, 0, b, members[p]);
            }
        }
        goTo(task, 0, Phase.Settle);
    }

    function sealBatch(uint256 seed, uint256 b) internal {
        (uint256 from, uint256 to) = arena.batchRange(task, 0, b);
        address[] memory members = arena.committeeOf(task, 0, b);
        for (uint256 p; p < 2; ++p) {
            uint32[] memory s = new uint32[](1 + to - from);
            s[0] = 1_000_000;
            for (uint256 i = from; i < to; ++i) {
                uint256 x = random(seed, i);
                s[1 + i - from] =
                    x % 8 == 0 ? INVALID : x % 8 == 1 ? ABSTAIN : uint32(700_000 + x % 400_000 + random(seed, 50 + 2 * i + p) % 999);
            }
            sealAs(task, 0, b, members[p], s);
        }
    }

    function random(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }

    function settleInOrder(uint256 first) internal {
        for (uint256 k; k < 3; ++k) {
            uint256 b = (first + k) % 3;
            vm.prank(address(uint160(0xAB00 + k + first)));
            verdicts[b] = settleBatch(task, 0, b);
        }
    }

    /// All balances and stakes of the round, as one word.
    function outcome() internal view returns (bytes32 hash) {
        for (uint256 i; i < TRAINERS; ++i) hash = keccak256(abi.encode(hash, balances(trainer(i))));
        for (uint256 i; i < VALIDATORS; ++i) hash = keccak256(abi.encode(hash, balances(validator(i))));
        hash = keccak256(abi.encode(hash, balances(CREATOR), balances(address(0xdEaD))));
        (Round memory r,,) = arena.roundOf(task, 0);
        return keccak256(abi.encode(hash, r));
    }

    function balances(address who) internal view returns (bytes memory) {
        return abi.encode(arena.owed(address(usd), who), arena.owed(address(token), who), arena.stakeOf(task, who).amount);
    }

    function payAll(uint256[] memory order, uint256 first) internal {
        for (uint256 k; k < order.length; ++k) arena.payTrainers(task, 0, list(order[(first + k) % order.length]));
        for (uint256 k; k < 3; ++k) arena.payValidators(task, 0, (first + k) % 3, verdicts[(first + k) % 3]);
    }

    function testFuzz_anyPages(uint256 seed, uint256 first, uint256 page) public {
        first %= 7;
        page = page % 4 + 1;
        for (uint256 b; b < 3; ++b) verdicts.push();
        judged(seed);
        uint256 start = vm.snapshotState();
        settleInOrder(0);
        goTo(task, 0, Phase.Final);
        (uint256[] memory order, uint256[] memory slashed) = scribe.orderOf(task, 0, verdicts);
        arena.rank(task, 0, verdicts, order, slashed);
        arena.payTrainers(task, 0, order);
        for (uint256 b; b < 3; ++b) arena.payValidators(task, 0, b, verdicts[b]);
        bytes32 expected = outcome();
        dust(order.length);
        vm.revertToState(start);
        settleInOrder(first % 3);
        goTo(task, 0, Phase.Final);
        // Slashes last, in pages from the end; the order in pages of its own.
        for (uint256 k; k < order.length; k += page) arena.rank(task, 0, verdicts, slice(order, k, page), new uint256[](0));
        for (uint256 k = slashed.length; k > 0; --k) arena.rank(task, 0, verdicts, new uint256[](0), list(slashed[k - 1]));
        if (order.length + slashed.length == 0) arena.rank(task, 0, verdicts, order, slashed);
        payAll(order, first);
        vm.assertEq(outcome(), expected, "the same to the wei");
    }

    /// What rounding leaves in the pools is less than a wei for each who was paid, and never less than nothing.
    function dust(uint256 winners) internal view {
        (Round memory r,,) = arena.roundOf(task, 0);
        uint256 paid;
        for (uint256 i; i < TRAINERS; ++i) paid += arena.owed(address(usd), trainer(i));
        vm.assertLe(paid, r.trainerReward, "no more than the pool");
        vm.assertLe(r.trainerReward - paid, winners, "a wei each at most");
        paid = 0;
        uint256 slashes;
        for (uint256 i; i < VALIDATORS; ++i) {
            paid += arena.owed(address(usd), validator(i));
            slashes += arena.owed(address(token), validator(i));
        }
        vm.assertLe(paid, r.validatorReward, "no more than the pool");
        vm.assertLe(r.validatorReward - paid, VALIDATORS, "a wei each at most");
        vm.assertLe(slashes, r.slashPot, "no more than the pot");
        vm.assertLe(r.slashPot - slashes, VALIDATORS, "a wei each at most");
    }

    function slice(uint256[] memory l, uint256 from, uint256 count) internal pure returns (uint256[] memory part) {
        if (from + count > l.length) count = l.length - from;
        part = new uint256[](count);
        for (uint256 i; i < count; ++i) part[i] = l[from + i];
    }
}
