// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Verdict} from "../../src/Types.sol";

/// Short lists, parts of long ones, numbers in a range.
abstract contract Lists {
    /// A fuzzed number brought into [from, to].
    function within(uint256 x, uint256 from, uint256 to) internal pure returns (uint256) {
        return x >= from && x <= to ? x : from + x % (to - from + 1);
    }

    function list(uint256 a) internal pure returns (uint256[] memory l) {
        l = new uint256[](1);
        l[0] = a;
    }

    function list(uint256 a, uint256 b) internal pure returns (uint256[] memory l) {
        l = new uint256[](2);
        l[0] = a;
        l[1] = b;
    }

    function row(uint32 a, uint32 b) internal pure returns (uint32[] memory s) {
        s = new uint32[](2);
        s[0] = a;
        s[1] = b;
    }

    function row(uint32 a, uint32 b, uint32 c) internal pure returns (uint32[] memory s) {
        s = new uint32[](3);
        s[0] = a;
        s[1] = b;
        s[2] = c;
    }

    function row(uint32 a, uint32 b, uint32 c, uint32 d) internal pure returns (uint32[] memory s) {
        s = new uint32[](4);
        s[0] = a;
        s[1] = b;
        s[2] = c;
        s[3] = d;
    }

    function part(bytes memory b, uint256 from, uint256 length) internal pure returns (bytes memory p) {
        p = new bytes(length);
        for (uint256 i; i < length; ++i) p[i] = b[from + i];
    }

    function one(Verdict memory v) internal pure returns (Verdict[] memory l) {
        l = new Verdict[](1);
        l[0] = v;
    }
}
