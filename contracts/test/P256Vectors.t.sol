// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {Test} from "forge-std/Test.sol";
import {Evidence} from "../src/Evidence.sol";

/// @notice The vectors of EIP-7951 (from Wycheproof) against the verifier that judges evidence: on a chain with the
/// precompile and on one without. The EIP takes both halves of s. Ours takes the low one only, so that a signature has
/// one form: a vector is signed for us if the EIP says valid and s is not above half the order.
contract P256VectorsTest is Test {
    uint256 private constant ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    address private constant P256VERIFY = address(0x100);

    /// A row of the file; forge wants the keys in alphabetical order.
    struct Row {
        string expected;
        uint256 gas;
        string input;
        string name;
        bool noBenchmark;
    }

    struct Vector {
        bytes32 id;
        bytes32 r;
        bytes32 s;
        bytes32 x;
        bytes32 y;
    }

    Vector[] private _vectors;
    bool[] private _isValid;
    string[] private _names;

    function setUp() public {
        vm.pauseGasMetering();
        string memory json = vm.readFile("vectors/eip-7951-test-vectors.json");
        Row[] memory rows = abi.decode(vm.parseJson(json), (Row[]));
        for (uint256 i = 0; i < rows.length; ++i) {
            _vectors.push(abi.decode(vm.parseBytes(string.concat("0x", rows[i].input)), (Vector)));
            _isValid.push(bytes(rows[i].expected).length != 0);
            _names.push(rows[i].name);
        }
        vm.resumeGasMetering();
    }

    function _isLow(bytes32 s) private pure returns (bool) {
        return uint256(s) <= ORDER / 2;
    }

    function _count(function(Vector memory) view returns (bool) verdict, bool lowOnly)
        private
        view
        returns (uint256 signed)
    {
        for (uint256 i = 0; i < _vectors.length; ++i) {
            Vector memory v = _vectors[i];
            bool must = _isValid[i] && (!lowOnly || _isLow(v.s));
            assertEq(verdict(v), must, _names[i]);
            if (must) ++signed;
        }
    }

    function _byEvidence(Vector memory v) private view returns (bool) {
        return Evidence.isSigned(v.id, v.r, v.s, v.x, v.y);
    }

    function _bySolidity(Vector memory v) private view returns (bool) {
        return P256.verifySolidity(v.id, v.r, v.s, v.x, v.y);
    }

    function _byPrecompile(Vector memory v) private view returns (bool) {
        (bool ok, bytes memory answer) = P256VERIFY.staticcall(abi.encode(v));
        assertTrue(ok);
        return answer.length == 32 && abi.decode(answer, (uint256)) == 1;
    }

    function test_the_file_is_whole() public view {
        assertEq(_vectors.length, 781);
        assertEq(_names.length, 781);
    }

    function test_the_precompile_judges_every_vector_as_the_EIP_says() public view {
        assertEq(_count(_byPrecompile, false), 566);
    }

    function test_evidence_with_the_precompile_judges_every_vector() public view {
        assertEq(_count(_byEvidence, true), 304);
    }

    function test_evidence_without_the_precompile_judges_every_vector() public {
        // What a call to an address without code answers: success, and nothing.
        vm.mockCall(P256VERIFY, bytes(""), bytes(""));
        (, bytes memory answer) = P256VERIFY.staticcall(abi.encode(_vectors[0]));
        assertEq(answer.length, 0, "nothing is there");
        assertEq(_count(_byEvidence, true), 304);
    }

    function test_the_fallback_itself_judges_every_vector() public view {
        assertEq(_count(_bySolidity, true), 304);
    }

    function test_of_the_two_forms_of_a_signature_the_low_one_is_taken() public view {
        uint256 turned = 0;
        for (uint256 i = 0; i < _vectors.length; ++i) {
            Vector memory v = _vectors[i];
            if (!_isValid[i] || _isLow(v.s)) continue;
            assertFalse(_byEvidence(v), _names[i]);
            v.s = bytes32(ORDER - uint256(v.s));
            assertTrue(_byEvidence(v), _names[i]);
            ++turned;
        }
        assertEq(turned, 262);
    }
}
