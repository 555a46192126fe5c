// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// Where relays and pinners are: anyone writes down their own multiaddrs, and only their own.
/// A page that knows an RPC address finds its first peers here. An entry says nothing about
/// the honesty of who wrote it; peers check every byte by hash.
contract RelayRegistry {
    uint256 public constant MAX_BYTES = 1024;

    event Announced(address indexed owner, string multiaddrs, uint256 time);

    error TooLong(uint256 length, uint256 limit);

    mapping(address owner => string) public multiaddrsOf;
    address[] private _owners;
    mapping(address owner => bool) private _known;

    /// Writes the caller's multiaddrs, one a line; empty takes them back.
    function announce(string calldata multiaddrs) external {
        uint256 length = bytes(multiaddrs).length;
        if (length > MAX_BYTES) revert TooLong(length, MAX_BYTES);
        if (!_known[msg.sender]) {
            _known[msg.sender] = true;
            _owners.push(msg.sender);
        }
        multiaddrsOf[msg.sender] = multiaddrs;
        emit Announced(msg.sender, multiaddrs, block.timestamp);
    }

    function count() external view returns (uint256) {
        return _owners.length;
    }

    /// Up to `limit` entries from the newest owner back, skipping `offset` of them.
    function list(uint256 offset, uint256 limit)
        external
        view
        returns (address[] memory owners, string[] memory multiaddrs)
    {
        uint256 total = _owners.length;
        uint256 left = offset < total ? total - offset : 0;
        if (limit < left) left = limit;
        owners = new address[](left);
        multiaddrs = new string[](left);
        for (uint256 i; i < left; ++i) {
            owners[i] = _owners[total - 1 - offset - i];
            multiaddrs[i] = multiaddrsOf[owners[i]];
        }
    }
}
