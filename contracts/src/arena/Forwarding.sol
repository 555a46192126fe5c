// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Runs another contract's code on this one's storage for every function that this one lacks.
abstract contract Forwarding {
    function _next() internal view virtual returns (address);

    fallback() external {
        address target = _next();
        assembly ("memory-safe") {
            let p := mload(0x40)
            calldatacopy(p, 0, calldatasize())
            let ok := delegatecall(gas(), target, p, calldatasize(), 0, 0)
            returndatacopy(p, 0, returndatasize())
            switch ok
            case 0 { revert(p, returndatasize()) }
            default { return(p, returndatasize()) }
        }
    }
}
