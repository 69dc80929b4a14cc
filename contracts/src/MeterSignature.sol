// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {FlatJson} from "./FlatJson.sol";
import {IForcedClaims} from "./IForcedClaims.sol";

/// @title MeterSignature
/// @notice The signature of a meter's record (OCMF 1.4.1, signature section), in the spellings that meters write: DER,
/// also without sign bytes, or r‖s, in hex or base64, with either s.
library MeterSignature {
    using FlatJson for FlatJson.Cursor;

    /// SPKI DER before the point's coordinates (RFC 5480).
    bytes private constant P256_SPKI = hex"3059301306072a8648ce3d020106082a8648ce3d03010703420004";
    bytes private constant SECP256K1_SPKI = hex"3056301006072a8648ce3d020106052b8104000a03420004";
    uint256 private constant SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    /// @notice Whether the bytes from `from` to the bar at `to` are signed by the key as the section behind it says.
    /// Keys of other curves than P-256 and secp256k1 are an error.
    function isSigned(bytes memory record, uint256 from, uint256 to, bytes memory key) internal view returns (bool) {
        bool isP256 = _startsWith(key, P256_SPKI) && key.length == P256_SPKI.length + 64;
        if (!isP256 && !(_startsWith(key, SECP256K1_SPKI) && key.length == SECP256K1_SPKI.length + 64)) {
            revert IForcedClaims.MeterRecordUnreadable();
        }
        (bool isWhole, uint256 r, uint256 s) = _read(record, to + 1);
        if (!isWhole) return false;
        bytes32 digest = sha256(_copy(record, from, to));
        bytes32 x = _wordAt(key, key.length - 64);
        bytes32 y = _wordAt(key, key.length - 32);
        if (isP256) {
            if (s > P256.N / 2 && s < P256.N) s = P256.N - s;
            return P256.verify(digest, bytes32(r), bytes32(s), x, y);
        }
        if (s > SECP256K1_N / 2 && s < SECP256K1_N) s = SECP256K1_N - s;
        address account = address(uint160(uint256(keccak256(abi.encodePacked(x, y)))));
        return ecrecover(digest, 27, bytes32(r), bytes32(s)) == account
            || ecrecover(digest, 28, bytes32(r), bytes32(s)) == account;
    }

    /// @dev `{"SA":"ECDSA-…-SHA256","SE":"hex","SD":"…"}`; only SD must be there.
    function _read(bytes memory record, uint256 from) private pure returns (bool isWhole, uint256 r, uint256 s) {
        FlatJson.Cursor memory section =
            FlatJson.Cursor({text: record, position: from, end: record.length, isBroken: false});
        FlatJson.Value memory data;
        bool isBase64 = false;
        section.enter("{");
        while (true) {
            (bool found, bytes32 key, FlatJson.Value memory value) = section.nextMember();
            if (!found) break;
            if (key == "SD") data = value;
            else if (key == "SE") isBase64 = section.isText(value, "base64", 6);
            else if (key == "SA" && !_endsWithSha256(record, value)) return (false, 0, 0);
        }
        if (!section.isAtEnd() || data.kind != FlatJson.Kind.Text || data.to == data.from) return (false, 0, 0);
        (bool isDecoded, bytes memory signature) = isBase64 ? _fromBase64(record, data) : _fromHex(record, data);
        if (!isDecoded) return (false, 0, 0);
        (isWhole, r, s) = _fromDer(signature);
        if (isWhole || signature.length != 64) return (isWhole, r, s);
        return (true, uint256(_wordAt(signature, 0)), uint256(_wordAt(signature, 32)));
    }

    function _endsWithSha256(bytes memory record, FlatJson.Value memory value) private pure returns (bool) {
        return value.kind == FlatJson.Kind.Text && value.to - value.from >= 6
            && keccak256(_copy(record, value.to - 6, value.to)) == keccak256("SHA256");
    }

    /// @dev SEQUENCE of two INTEGERs, as protocol/EcdsaSignature.ts reads it: the sign byte may be missing.
    function _fromDer(bytes memory der) private pure returns (bool, uint256 r, uint256 s) {
        if (der.length < 8 || der[0] != 0x30) return (false, 0, 0);
        uint256 next = der[1] == 0x81 ? 3 : 2;
        if (uint8(der[next - 1]) != der.length - next) return (false, 0, 0);
        bool isInteger;
        (isInteger, r, next) = _integer(der, next);
        if (!isInteger) return (false, 0, 0);
        (isInteger, s, next) = _integer(der, next);
        return (isInteger && next == der.length, r, s);
    }

    function _integer(bytes memory der, uint256 next) private pure returns (bool, uint256 number, uint256 end) {
        if (next + 2 > der.length || der[next] != 0x02) return (false, 0, 0);
        end = next + 2 + uint8(der[next + 1]);
        if (end == next + 2 || end > der.length) return (false, 0, 0);
        uint256 from = next + 2;
        while (from < end && der[from] == 0) ++from;
        if (end - from > 32) return (false, 0, 0);
        for (uint256 i = from; i < end; ++i) {
            number = number << 8 | uint8(der[i]);
        }
        return (true, number, end);
    }

    function _fromHex(bytes memory text, FlatJson.Value memory value)
        private
        pure
        returns (bool, bytes memory decoded)
    {
        uint256 length = value.to - value.from;
        if (length % 2 != 0) return (false, decoded);
        decoded = new bytes(length / 2);
        for (uint256 i = 0; i < decoded.length; ++i) {
            (bool isHigh, uint256 high) = hexDigit(text[value.from + 2 * i]);
            (bool isLow, uint256 low) = hexDigit(text[value.from + 2 * i + 1]);
            if (!isHigh || !isLow) return (false, decoded);
            decoded[i] = bytes1(uint8(high << 4 | low));
        }
        return (true, decoded);
    }

    function hexDigit(bytes1 char) internal pure returns (bool, uint256) {
        if (char >= "0" && char <= "9") return (true, uint8(char) - 48);
        if (char >= "a" && char <= "f") return (true, uint8(char) - 87);
        if (char >= "A" && char <= "F") return (true, uint8(char) - 55);
        return (false, 0);
    }

    /// @dev With its padding (RFC 4648), as the standard demands.
    function _fromBase64(bytes memory text, FlatJson.Value memory value)
        private
        pure
        returns (bool, bytes memory decoded)
    {
        uint256 length = value.to - value.from;
        if (length % 4 != 0) return (false, decoded);
        uint256 padding = text[value.to - 1] != "=" ? 0 : text[value.to - 2] != "=" ? 1 : 2;
        decoded = new bytes(length / 4 * 3 - padding);
        uint256 bits = 0;
        uint256 written = 0;
        for (uint256 i = 0; i < length - padding; ++i) {
            (bool isDigit, uint256 digit) = _base64Digit(text[value.from + i]);
            if (!isDigit) return (false, decoded);
            bits = (bits << 6 | digit) & 0xffffff;
            if (i % 4 != 0) decoded[written++] = bytes1(uint8(bits >> (6 - 2 * (i % 4))));
        }
        // What a last digit says beyond the bytes must be nothing.
        return (padding == 0 || bits & ((1 << (2 * padding)) - 1) == 0, decoded);
    }

    function _base64Digit(bytes1 char) private pure returns (bool, uint256) {
        if (char >= "A" && char <= "Z") return (true, uint8(char) - 65);
        if (char >= "a" && char <= "z") return (true, uint8(char) - 71);
        if (char >= "0" && char <= "9") return (true, uint8(char) + 4);
        if (char == "+") return (true, 62);
        return (char == "/", 63);
    }

    function _startsWith(bytes memory bytes_, bytes memory start) private pure returns (bool) {
        return bytes_.length >= start.length && keccak256(_copy(bytes_, 0, start.length)) == keccak256(start);
    }

    function _wordAt(bytes memory bytes_, uint256 from) private pure returns (bytes32) {
        return bytes32(_copy(bytes_, from, from + 32));
    }

    function _copy(bytes memory bytes_, uint256 from, uint256 to) private pure returns (bytes memory copy) {
        copy = new bytes(to - from);
        for (uint256 i = 0; i < copy.length; ++i) {
            copy[i] = bytes_[from + i];
        }
    }
}
