// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Phase, Role, Round, Stake, Task, Verdict} from "../src/Types.sol";
import {World} from "./helpers/World.sol";
import {vm} from "./helpers/Vm.sol";

/// People who do anything at any time; refusals are part of it.
contract Crowd is World {
    uint256 internal constant PEOPLE = 4;
    uint256 public task;
    uint256 public calls;
    /// Rounds that went all the way, and tasks begun: that the walk is not idle.
    uint256 public concluded;
    mapping(uint256 task => mapping(uint256 round => Verdict)) internal verdictOf;
    mapping(uint256 task => mapping(uint256 round => uint256)) internal lastPhase;
    mapping(uint256 task => mapping(uint256 round => bytes32)) internal closed;

    constructor() {
        setUp();
        begin();
    }

    function begin() internal {
        task = create(paramsOf(2));
        for (uint256 i; i < PEOPLE; ++i) {
            stakeIn(task, trainer(i), Role.Trainer, (20 + i) * T);
            stakeIn(task, validator(i), Role.Validator, (30 + i) * T);
        }
        for (uint256 r; r < 2; ++r) {
            for (uint256 i; i < PEOPLE; ++i) {
                delete vectorOf[r][validator(i)];
                delete hasRevealed[r][validator(i)];
            }
        }
    }

    function act(uint256 seed) external {
        ++calls;
        uint256 round = arena.currentRound(task);
        if (round > 0 && (seed % 7 == 0 || !arena.isDone(task, 0))) --round;
        uint256 who = seed / 7 % PEOPLE;
        uint256 kind = seed / 100 % 24;
        address account = seed / 10_000 % 2 == 0 ? trainer(who) : validator(who);
        if (seed / 1e9 % 4 != 0) kind = fitting(round, seed / 1e10);
        if (kind < 6) return wait_(seed / 100_000 % 20);
        if (kind == 6) return tell(trainer(who), abi.encodeCall(arena.submit, (task, round, commitmentOf(task, round, trainer(who)))));
        if (kind == 7) return tell(trainer(who), abi.encodeCall(arena.open, (task, round, digestOf(trainer(who)), "salt")));
        if (kind == 8) return tell(validator(who), abi.encodeCall(arena.enroll, (task, round)));
        if (kind == 9 && seed / 1_000_000 % 4 != 0) return tell(account, abi.encodeCall(arena.revealKey, (task, round, KEY)));
        if (kind == 10 || kind == 11) return trySeal(round, validator(who), seed);
        if (kind == 12 || kind == 13) return attempt(abi.encodeCall(this.doReveal, (round, validator(who))));
        if (kind == 14) return attempt(abi.encodeCall(this.doSettle, (round)));
        if (kind == 15) return attempt(abi.encodeCall(this.doConclude, (round)));
        if (kind == 16) return tell(account, abi.encodeCall(arena.closeVoid, (task, round)));
        if (kind == 17) return tell(account, abi.encodeCall(arena.payVoid, (task, round, list(who))));
        if (kind == 18) return tell(account, abi.encodeCall(arena.claim, (seed / 1e6 % 2 == 0 ? address(usd) : address(token), account)));
        if (kind == 19) return tell(account, abi.encodeCall(arena.unstake, (task, uint128(seed / 1e6 % (40 * T)))));
        if (kind == 20) return stakeMore(account, seed / 1e6 % (5 * T) + 1);
        if (kind == 21) return tell(account, abi.encodeCall(arena.dispute, (task, round, 0, seed / 1e6 % 4)));
        if (kind == 22) return tell(CREATOR, abi.encodeCall(arena.refund, (task, CREATOR)));
        if (kind == 23 && arena.hasEnded(task)) begin();
    }

    /// What a person who looks at the clock would do: three of four calls.
    function fitting(uint256 round, uint256 seed) internal view returns (uint256) {
        if (seed % 4 == 0) return 0;
        Phase p = arena.phaseOf(task, round);
        if (p == Phase.Submit) return seed / 4 % 2 == 0 ? 6 : 8;
        if (p == Phase.Open) return seed / 4 % 3 == 0 ? 9 : 7;
        if (p == Phase.Validate) return 10;
        if (p == Phase.Reveal) return 12;
        if (p == Phase.Settle) return 14;
        if (p == Phase.Final) return seed / 4 % 4 == 0 ? 23 : 15;
        return p == Phase.Void ? 16 : 0;
    }

    function wait_(uint256 seconds_) internal {
        vm.warp(block.timestamp + seconds_);
        vm.roll(block.number + 1);
    }

    function tell(address who, bytes memory data) internal {
        vm.prank(who);
        (bool ok,) = address(arena).call(data);
        ok;
    }

    function attempt(bytes memory data) internal {
        (bool ok,) = address(this).call(data);
        ok;
    }

    function stakeMore(address who, uint256 amount) internal {
        give(who, amount, 0);
        Role role = arena.stakeOf(task, who).role;
        tell(who, abi.encodeCall(arena.stake, (task, role, uint128(amount), 0, new bytes32[](0))));
    }

    function trySeal(uint256 round, address who, uint256 seed) internal {
        (Round memory r,,) = arena.roundOf(task, round);
        uint32[] memory s = new uint32[](1 + r.submissions);
        for (uint256 i; i < s.length; ++i) {
            uint256 x = uint256(keccak256(abi.encode(seed, i)));
            s[i] = x % 12 == 0 ? 0xffffffff : x % 12 == 1 ? 0xfffffffe : uint32(1_000_000 - 50_000 * i + x % 3000);
        }
        attempt(abi.encodeCall(this.doSeal, (round, who, s)));
    }

    function doSeal(uint256 round, address who, uint32[] calldata s) external {
        sealAs(task, round, 0, who, s);
    }

    function doReveal(uint256 round, address who) external {
        revealOne(task, round, 0, who);
    }

    function doSettle(uint256 round) external {
        verdictOf[task][round] = settleBatch(task, round, 0);
    }

    function doConclude(uint256 round) external {
        conclude(task, round, one(verdictOf[task][round]));
        ++concluded;
    }

    /// Reverts, by an assertion, when a promise is broken.
    function check() external {
        uint256 stakes;
        uint256 dollars;
        uint256 tokens;
        for (uint256 t; t <= task; ++t) {
            (Task memory facts,,) = arena.taskOf(t);
            stakes += facts.bond;
            dollars += facts.pool;
            for (uint256 i; i < PEOPLE; ++i) {
                stakes += arena.stakeOf(t, trainer(i)).amount + arena.stakeOf(t, validator(i)).amount;
            }
            for (uint256 r; r < 2; ++r) watch(t, r);
        }
        for (uint256 i; i < PEOPLE; ++i) {
            tokens += arena.owed(address(token), trainer(i)) + arena.owed(address(token), validator(i));
            dollars += arena.owed(address(usd), trainer(i)) + arena.owed(address(usd), validator(i));
        }
        tokens += arena.owed(address(token), CREATOR) + arena.owed(address(token), address(0xdEaD));
        dollars += arena.owed(address(usd), CREATOR);
        vm.assertGe(token.balanceOf(address(arena)), stakes + tokens, "stake tokens cover stakes, bonds, balances");
        vm.assertGe(usd.balanceOf(address(arena)), dollars, "bounty tokens cover pools and balances");
    }

    /// Phases never go back, and a round that is done never changes.
    function watch(uint256 t, uint256 r) internal {
        uint256 now_ = phase(t, r);
        vm.assertGe(now_, lastPhase[t][r], "phases go forward");
        lastPhase[t][r] = now_;
        (Round memory round,,) = arena.roundOf(t, r);
        if (!round.done) return;
        bytes32 hash = keccak256(abi.encode(round));
        if (closed[t][r] != 0) vm.assertEq(hash, closed[t][r], "a done round never changes");
        closed[t][r] = hash;
    }
}

/// Runs and calls by FOUNDRY_INVARIANT_RUNS and FOUNDRY_INVARIANT_DEPTH: 1000 times 1000 are a million calls.
contract SolvencyTest {
    Crowd internal crowd;

    function setUp() public {
        crowd = new Crowd();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(crowd);
    }

    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0].addr = address(crowd);
        targets[0].selectors = new bytes4[](1);
        targets[0].selectors[0] = Crowd.act.selector;
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    function test_walkGetsSomewhere() public {
        for (uint256 i; i < 4000; ++i) crowd.act(uint256(keccak256(abi.encode(i))));
        crowd.check();
        vm.assertGe(crowd.concluded(), 1, "rounds concluded");
        vm.assertGe(crowd.task(), 1, "tasks ended");
    }

    function invariant_solvent() public {
        crowd.check();
    }
}
