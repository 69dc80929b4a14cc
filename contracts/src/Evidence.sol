// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

/// @title Evidence
/// @notice The bytes and signatures of what people, cars and stations sign off the chain. An object is a tuple of
/// 32-byte words led by its type word; its id is the SHA-256 of those bytes, which is `sha256(abi.encode(…))` of the
/// tuple, and its P-256 signature is over the same bytes, so over the id.
library Evidence {
    /// @notice The word that binds an object to its type, the protocol's version and the network.
    function typeWord(string memory name, bytes32 networkId) internal pure returns (bytes32) {
        return sha256(abi.encodePacked("p2p-power/1/", name, networkId));
    }

    /// @notice The id of an object, given its words with the type word first.
    function objectId(bytes32[] memory words) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(words));
    }

    /// @notice Whether the key (x, y) signed the object with this id. Only the low half of s is taken, so that a
    /// signature has one form. Uses the precompile at 0x100 (EIP-7951) and computes in Solidity where there is none.
    function isSigned(bytes32 id, bytes32 r, bytes32 s, bytes32 x, bytes32 y) internal view returns (bool) {
        return P256.verify(id, r, s, x, y);
    }

    /// @notice Whether (x, y) is a point of the curve P-256 other than infinity.
    function isKey(bytes32 x, bytes32 y) internal pure returns (bool) {
        return P256.isValidPublicKey(x, y);
    }
}
