// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {Evidence} from "../src/Evidence.sol";
import {World} from "./World.sol";

contract EvidenceTest is World {
    uint256 private constant ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;

    function _signLow(uint256 secret, bytes32 id) private pure returns (bytes32 r, bytes32 s) {
        (r, s) = vm.signP256(secret, id);
        if (uint256(s) > ORDER / 2) s = bytes32(ORDER - uint256(s));
    }

    function test_the_type_word_binds_type_and_network() public pure {
        assertEq(Evidence.typeWord("Offer", NETWORK), sha256(abi.encodePacked("p2p-power/1/Offer", NETWORK)));
        assertTrue(Evidence.typeWord("Offer", NETWORK) != Evidence.typeWord("Authorization", NETWORK));
        assertTrue(Evidence.typeWord("Offer", NETWORK) != Evidence.typeWord("Offer", bytes32(uint256(1))));
    }

    function testFuzz_an_id_is_the_hash_of_the_encoded_tuple(bytes32 a, uint256 b, address c) public pure {
        bytes32[] memory words = new bytes32[](3);
        (words[0], words[1], words[2]) = (a, bytes32(b), bytes32(uint256(uint160(c))));
        assertEq(Evidence.objectId(words), sha256(abi.encode(a, b, c)));
    }

    function testFuzz_signed_by_one_key_over_one_id_in_one_form(bytes32 id, bytes32 otherId, uint256 secret) public {
        vm.assume(id != otherId);
        secret = bound(secret, 1, ORDER - 1);
        (uint256 x, uint256 y) = vm.publicKeyP256(secret);
        (bytes32 r, bytes32 s) = _signLow(secret, id);
        assertTrue(Evidence.isSigned(id, r, s, bytes32(x), bytes32(y)));
        assertFalse(Evidence.isSigned(otherId, r, s, bytes32(x), bytes32(y)));
        assertFalse(Evidence.isSigned(id, r, bytes32(ORDER - uint256(s)), bytes32(x), bytes32(y)), "high s");
        assertFalse(Evidence.isSigned(id, s, r, bytes32(x), bytes32(y)));
        assertFalse(Evidence.isSigned(id, r, s, bytes32(y), bytes32(x)));
        assertFalse(Evidence.isSigned(id, 0, s, bytes32(x), bytes32(y)));
        assertFalse(Evidence.isSigned(id, r, 0, bytes32(x), bytes32(y)));
        (uint256 otherX, uint256 otherY) = vm.publicKeyP256(secret == 1 ? 2 : secret - 1);
        assertFalse(Evidence.isSigned(id, r, s, bytes32(otherX), bytes32(otherY)));
    }

    function test_the_precompile_and_the_fallback_agree() public {
        for (uint256 i = 1; i < 6; ++i) {
            bytes32 id = keccak256(abi.encode(i));
            (uint256 x, uint256 y) = vm.publicKeyP256(i);
            (bytes32 r, bytes32 s) = _signLow(i, id);
            assertTrue(P256.verifyNative(id, r, s, bytes32(x), bytes32(y)), "EIP-7951 is there");
            assertTrue(P256.verifySolidity(id, r, s, bytes32(x), bytes32(y)));
            assertFalse(P256.verifyNative(~id, r, s, bytes32(x), bytes32(y)));
            assertFalse(P256.verifySolidity(~id, r, s, bytes32(x), bytes32(y)));
        }
    }
}
