// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {State} from "../src/arena/State.sol";
import {Stakes} from "../src/arena/Stakes.sol";
import {Payments} from "../src/arena/Payments.sol";
import {Delegation} from "../src/arena/Delegation.sol";
import {TestToken} from "../src/testing/TestToken.sol";

/// The arena's code for the four ways out, with balances put in place by hand.
contract Till is Stakes, Payments, Delegation {
    constructor(address token) State(token) {}

    function put(uint256 taskId, address who, uint128 staked, uint256 owed_) external {
        _stakes[taskId][who].amount = staked;
        _owed[stakeToken][who] = owed_;
    }

    function putVault(uint256 taskId, address operator, address vault, uint128 backed, uint128 earned) external {
        vaultOf[operator] = vault;
        _backings[taskId][operator].amount = backed;
        _shares[taskId][0][operator].stake = earned;
    }

    function stakedBy(uint256 taskId, address who) external view returns (uint256) {
        return _stakes[taskId][who].amount;
    }

    function owedTo(address who) external view returns (uint256) {
        return _owed[stakeToken][who];
    }

    function backedOf(uint256 taskId, address operator) external view returns (uint256) {
        return _backings[taskId][operator].amount;
    }

    function earnedBy(uint256 taskId, address operator) external view returns (uint256) {
        return _shares[taskId][0][operator].stake;
    }
}

/// Every way in which tokens leave: to the owner of a balance alone, and that balance falls by the same. For all callers, amounts
/// and balances; `other` stands for everybody else.
contract OutflowProofs {
    TestToken private token;
    Till private till;
    uint256 private constant HELD = type(uint256).max / 2;

    function setUp() public {
        token = new TestToken("T", "T", type(uint256).max);
        till = new Till(address(token));
        token.draw(address(till), HELD);
    }

    /// This contract is the caller.
    function check_unstake(address other, uint128 mine, uint128 others, uint128 amount) public {
        if (other == address(this) || other == address(till)) return;
        till.put(1, address(this), mine, 0);
        till.put(1, other, others, 0);
        (bool ok,) = address(till).call(abi.encodeCall(till.unstake, (1, amount)));
        uint256 gone = ok ? amount : 0;
        assert(!ok || amount <= mine);
        assert(till.stakedBy(1, address(this)) == mine - gone);
        assert(till.stakedBy(1, other) == others);
        assert(token.balanceOf(address(this)) == gone);
        assert(token.balanceOf(other) == 0);
        assert(token.balanceOf(address(till)) == HELD - gone);
    }

    /// Whoever calls, a claim goes to its owner, in full and once.
    function check_claim(address owner, address other, uint128 owed, uint128 others) public {
        if (other == owner || owner == address(till) || other == address(till)) return;
        till.put(1, owner, 0, owed);
        till.put(1, other, 0, others);
        (bool ok,) = address(till).call(abi.encodeCall(till.claim, (address(token), owner)));
        if (!ok) return;
        assert(till.owedTo(owner) == 0);
        assert(till.owedTo(other) == others);
        assert(token.balanceOf(owner) == owed);
        assert(token.balanceOf(other) == 0);
        assert(token.balanceOf(address(till)) == HELD - owed);
        (ok,) = address(till).call(abi.encodeCall(till.claim, (address(token), owner)));
        assert(!ok);
    }

    /// Backing goes back to the operator's vault, and to nobody else.
    function check_unback(address operator, address vault, uint128 backed, uint128 amount) public {
        till.putVault(1, operator, vault, backed, 0);
        (bool ok,) = address(till).call(abi.encodeCall(till.unback, (1, operator, amount)));
        assert(!ok || (vault == address(this) && amount <= backed));
        uint256 gone = ok ? amount : 0;
        assert(till.backedOf(1, operator) == backed - gone);
        assert(token.balanceOf(address(this)) == gone);
        assert(token.balanceOf(address(till)) == HELD - gone);
    }

    /// So does what the vault earned, once.
    function check_collect(address operator, address vault, uint128 earned) public {
        till.putVault(1, operator, vault, 0, earned);
        (bool ok,) = address(till).call(abi.encodeCall(till.collect, (1, 0, operator, address(token))));
        assert(!ok || vault == address(this));
        uint256 gone = ok ? earned : 0;
        assert(till.earnedBy(1, operator) == earned - gone);
        assert(token.balanceOf(address(this)) == gone);
        assert(token.balanceOf(address(till)) == HELD - gone);
        if (!ok) return;
        (ok,) = address(till).call(abi.encodeCall(till.collect, (1, 0, operator, address(token))));
        assert(!ok);
    }
}
