// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {FlatJson} from "./FlatJson.sol";
import {IForcedClaims} from "./IForcedClaims.sol";
import {MeterSignature} from "./MeterSignature.sol";

/// @title MeterRecord
/// @notice Reads a meter's record (OCMF 1.4.1) as protocol/verifyMeterRecord.ts does, and holds it against a session.
/// @dev What nobody could take for a good record does not confirm the session. What only this reader cannot read is an
/// error: keys of other curves than P-256 and secp256k1, payloads with escaped texts or numbers with exponents.
library MeterRecord {
    using FlatJson for FlatJson.Cursor;

    /// @notice What the evidence says of the session.
    struct Session {
        bytes32 authorizationId;
        uint64 startedAt;
        uint64 endedAt;
        uint64 importBeginWh;
        uint64 importEndWh;
        uint64 exportBeginWh;
        uint64 exportEndWh;
        bool billedByTime;
    }

    uint256 private constant MAX_LENGTH = 20_000;
    /// How far the clocks of meter and station may lie apart.
    uint256 private constant CLOCK_TOLERANCE_MS = 120_000;

    /// A reading as the payload has it; what equals the reading before may be left out.
    struct Row {
        FlatJson.Value time;
        FlatJson.Value kind;
        FlatJson.Value amount;
        FlatJson.Value register;
        FlatJson.Value unit;
        FlatJson.Value errors;
        FlatJson.Value status;
        bool hasErrors;
    }

    /// The course of the first register of its direction.
    struct Course {
        bytes32 registerHash;
        uint256 count;
        bytes1 firstKind;
        bytes1 lastKind;
        uint256 beginWh;
        uint256 endWh;
        uint256 lastMs;
    }

    struct Readings {
        uint256 count;
        bytes1 firstKind;
        bytes1 lastKind;
        uint256 beganMs;
        uint256 endedMs;
        bool firstClockIsGood;
        bool lastClockIsGood;
        Course imported;
        Course exported;
    }

    /// @notice Whether the record is signed by the key and says the same of the session.
    function confirms(bytes memory record, bytes memory meterKey, Session memory session) internal view returns (bool) {
        (bool isOcmf, uint256 middle) = _sections(record);
        if (!isOcmf) return false;
        if (!MeterSignature.isSigned(record, 5, middle, meterKey)) return false;
        return _saysTheSame(FlatJson.Cursor({text: record, position: 5, end: middle, isBroken: false}), session);
    }

    /// @dev `OCMF|payload|signature`: three sections and no more, the second bar at `middle`.
    function _sections(bytes memory record) private pure returns (bool isOcmf, uint256 middle) {
        if (record.length < 6 || record.length > MAX_LENGTH || bytes5(record) != "OCMF|") return (false, 0);
        for (uint256 i = 5; i < record.length; ++i) {
            if (record[i] != "|") continue;
            if (middle != 0) return (false, 0);
            middle = i;
        }
        return (middle != 0, middle);
    }

    function _saysTheSame(FlatJson.Cursor memory payload, Session memory session) private pure returns (bool) {
        (bool isWhole, FlatJson.Value memory id, FlatJson.Value memory rows) = _readHead(payload);
        if (!isWhole || !_isId(payload, id, session.authorizationId)) return false;
        Readings memory readings;
        if (!_readRows(payload.within(rows), readings)) return false;
        if (!_isComplete(readings)) return false;
        Course memory exported = readings.exported;
        bool sameExport = exported.beginWh == 0 && exported.endWh == 0
            ? session.exportBeginWh == session.exportEndWh
            : exported.beginWh == session.exportBeginWh && exported.endWh == session.exportEndWh;
        return sameExport && readings.imported.beginWh == session.importBeginWh
            && readings.imported.endWh == session.importEndWh && _isNear(readings.beganMs, session.startedAt)
            && _isNear(readings.endedMs, session.endedAt)
            && (!session.billedByTime || (readings.firstClockIsGood && readings.lastClockIsGood));
    }

    function _isNear(uint256 meterMs, uint256 stationS) private pure returns (bool) {
        uint256 stationMs = stationS * 1_000;
        return
            meterMs > stationMs ? meterMs - stationMs <= CLOCK_TOLERANCE_MS : stationMs - meterMs <= CLOCK_TOLERANCE_MS;
    }

    /// @dev Pagination (PG) and readings (RD) must be there.
    function _readHead(FlatJson.Cursor memory payload)
        private
        pure
        returns (bool isWhole, FlatJson.Value memory id, FlatJson.Value memory rows)
    {
        bool isPaginated = false;
        payload.enter("{");
        while (true) {
            (bool found, bytes32 key, FlatJson.Value memory value) = payload.nextMember();
            if (!found) break;
            if (key == "ID") id = value;
            else if (key == "RD") rows = value;
            else if (key == "PG") isPaginated = _isPagination(payload, value);
        }
        if (!payload.isAtEnd()) revert IForcedClaims.MeterRecordUnreadable();
        isWhole = isPaginated && rows.kind == FlatJson.Kind.Nested && payload.text[rows.from] == "[";
    }

    function _isPagination(FlatJson.Cursor memory payload, FlatJson.Value memory value) private pure returns (bool) {
        if (value.kind != FlatJson.Kind.Text || value.to - value.from < 2) return false;
        bytes1 first = payload.text[value.from];
        if (first != "T" && first != "F") return false;
        for (uint256 i = value.from + 1; i < value.to; ++i) {
            if (!_isDigit(payload.text[i])) return false;
        }
        return true;
    }

    /// @dev The record's ID is the authorization's id in hex, so that a record serves one session.
    function _isId(FlatJson.Cursor memory payload, FlatJson.Value memory value, bytes32 id)
        private
        pure
        returns (bool)
    {
        if (value.kind != FlatJson.Kind.Text || value.to - value.from != 64) return false;
        uint256 number = 0;
        for (uint256 i = value.from; i < value.to; ++i) {
            (bool isHex, uint256 digit) = MeterSignature.hexDigit(payload.text[i]);
            if (!isHex) return false;
            number = number << 4 | digit;
        }
        return bytes32(number) == id;
    }

    // --------------------------------------------------------------------------------------------------- readings

    function _readRows(FlatJson.Cursor memory list, Readings memory readings) private pure returns (bool) {
        Row memory row;
        list.enter("[");
        while (true) {
            (bool found, FlatJson.Value memory item) = list.nextItem();
            if (!found) break;
            if (item.kind != FlatJson.Kind.Nested || list.text[item.from] != "{") return false;
            _readRow(list.within(item), row);
            if (!_addRow(list, row, readings)) return false;
        }
        if (!list.isAtEnd()) revert IForcedClaims.MeterRecordUnreadable();
        return true;
    }

    function _readRow(FlatJson.Cursor memory object, Row memory row) private pure {
        object.enter("{");
        while (true) {
            (bool found, bytes32 key, FlatJson.Value memory value) = object.nextMember();
            if (!found) break;
            if (key == "TM") row.time = value;
            else if (key == "TX") row.kind = value;
            else if (key == "RV") row.amount = value;
            else if (key == "RI") row.register = value;
            else if (key == "RU") row.unit = value;
            else if (key == "ST") row.status = value;
            else if (key == "EF") (row.errors, row.hasErrors) = (value, true);
        }
        if (!object.isAtEnd()) revert IForcedClaims.MeterRecordUnreadable();
    }

    /// @return whether the reading is well formed and good
    function _addRow(FlatJson.Cursor memory list, Row memory row, Readings memory readings)
        private
        pure
        returns (bool)
    {
        (bool isTime, uint256 timeMs, bool clockIsGood) = _readTime(list.text, row.time);
        (bool isAmount, uint256 wh) = _readAmount(list, row);
        if (!isTime || !isAmount || row.kind.kind != FlatJson.Kind.Text || row.kind.to <= row.kind.from) return false;
        if (!list.isText(row.status, "G", 1)) return false;
        if (row.hasErrors && !list.isText(row.errors, "", 0)) return false;
        // The kinds that count have one letter; a longer one is none of them.
        bytes1 kind = row.kind.to - row.kind.from == 1 ? list.text[row.kind.from] : bytes1("?");
        if (readings.count++ == 0) {
            readings.firstKind = kind;
            readings.beganMs = timeMs;
            readings.firstClockIsGood = clockIsGood;
        }
        readings.lastKind = kind;
        readings.endedMs = timeMs;
        readings.lastClockIsGood = clockIsGood;
        Reading memory reading = Reading({kind: kind, wh: wh, timeMs: timeMs});
        return _follow(readings.imported, list.text, row.register, "B", "1", reading)
            && _follow(readings.exported, list.text, row.register, "C", "2", reading);
    }

    struct Reading {
        bytes1 kind;
        uint256 wh;
        uint256 timeMs;
    }

    /// @dev Adds the reading to a course if it is of its register.
    /// @param letter of OCMF's registers of the direction (B0 to B3, C0 to C3), `digit` of the plain OBIS code
    /// @return whether register and time did not fall
    function _follow(
        Course memory course,
        bytes memory text,
        FlatJson.Value memory register,
        bytes1 letter,
        bytes1 digit,
        Reading memory reading
    ) private pure returns (bool) {
        bytes32 registerHash = register.kind == FlatJson.Kind.Text ? _hash(text, register) : bytes32(0);
        if (registerHash == 0) return true;
        if (course.registerHash == 0) {
            if (!_isRegister(text, register, letter, digit)) return true;
            course.registerHash = registerHash;
            course.firstKind = reading.kind;
            course.beginWh = reading.wh;
        } else if (course.registerHash != registerHash) {
            return true;
        } else if (reading.wh < course.endWh || reading.timeMs < course.lastMs) {
            return false;
        }
        ++course.count;
        course.lastKind = reading.kind;
        course.endWh = reading.wh;
        course.lastMs = reading.timeMs;
        return true;
    }

    /// @dev From a begin to an end, with a course of what was imported. One of what was exported that is not whole is
    /// taken for none.
    function _isComplete(Readings memory readings) private pure returns (bool) {
        if (readings.count == 0 || readings.firstKind != "B" || !_isEnd(readings.lastKind)) return false;
        if (!_isWhole(readings.exported, readings.lastKind)) {
            (readings.exported.beginWh, readings.exported.endWh) = (0, 0);
        }
        return _isWhole(readings.imported, readings.lastKind);
    }

    function _isWhole(Course memory course, bytes1 endKind) private pure returns (bool) {
        return course.count > 1 && course.firstKind == "B" && course.lastKind == endKind;
    }

    function _isEnd(bytes1 kind) private pure returns (bool) {
        return kind == "E" || kind == "L" || kind == "R" || kind == "A" || kind == "P";
    }

    /// @dev `B2.08.00` or `1.8.0` and the like, at the beginning or after a colon.
    function _isRegister(bytes memory text, FlatJson.Value memory register, bytes1 letter, bytes1 digit)
        private
        pure
        returns (bool)
    {
        for (uint256 i = register.from; i < register.to; ++i) {
            if (i != register.from && text[i - 1] != ":") continue;
            uint256 next = i;
            if (text[next] == letter && next + 1 < register.to && text[next + 1] >= "0" && text[next + 1] <= "3") {
                next += 2;
            } else if (text[next] == digit) {
                next += 1;
            } else {
                continue;
            }
            if (_isEnergy(text, next, register.to)) return true;
        }
        return false;
    }

    /// @dev `.8.0`, with or without zeros before the digits.
    function _isEnergy(bytes memory text, uint256 next, uint256 end) private pure returns (bool) {
        if (next + 4 > end || text[next] != ".") return false;
        if (text[next + 1] == "0") ++next;
        return next + 4 <= end && text[next + 1] == "8" && text[next + 2] == "." && text[next + 3] == "0";
    }

    // -------------------------------------------------------------------------------------------- time and amount

    /// @dev `2018-07-24T13:22:04,000+0000 S`, in milliseconds since the epoch; a clock is good that is synchronised (S)
    /// or relative (R).
    function _readTime(bytes memory text, FlatJson.Value memory value)
        private
        pure
        returns (bool isTime, uint256 timeMs, bool clockIsGood)
    {
        if (value.kind != FlatJson.Kind.Text || value.to - value.from != 30) return (false, 0, false);
        uint256 from = value.from;
        bytes memory shape = "dddd-dd-ddTdd:dd:dd,ddd+dddd d";
        uint256[] memory numbers = new uint256[](24);
        uint256 count = 0;
        for (uint256 i = 0; i < 29; ++i) {
            bytes1 char = text[from + i];
            if (shape[i] == "d") {
                if (!_isDigit(char)) return (false, 0, false);
                numbers[count++] = uint8(char) - 48;
            } else if (char != shape[i] && !(shape[i] == "+" && char == "-")) {
                return (false, 0, false);
            }
        }
        bytes1 clock = text[from + 29];
        if (clock != "U" && clock != "I" && clock != "S" && clock != "R") return (false, 0, false);
        clockIsGood = clock == "S" || clock == "R";
        (isTime, timeMs) = _toMs(numbers, text[from + 23] == "-");
    }

    /// @param numbers the digits of year, month, day, hour, minute, second, milliseconds, hours and minutes of the offset
    function _toMs(uint256[] memory numbers, bool isBehind) private pure returns (bool, uint256) {
        uint256 month = _two(numbers, 4);
        uint256 day = _two(numbers, 6);
        uint256 hour = _two(numbers, 8);
        if (
            month == 0 || month > 12 || day == 0 || day > 31 || hour > 23 || _two(numbers, 10) > 59
                || _two(numbers, 12) > 59 || _two(numbers, 17) > 23 || _two(numbers, 19) > 59
        ) return (false, 0);
        uint256 year = _two(numbers, 0) * 100 + _two(numbers, 2);
        if (year < 1971) return (false, 0);
        uint256 timeS = _daysTo(year, month, day) * 1 days + hour * 1 hours + _two(numbers, 10) * 60 + _two(numbers, 12);
        uint256 offsetS = _two(numbers, 17) * 1 hours + _two(numbers, 19) * 60;
        timeS = isBehind ? timeS + offsetS : timeS - offsetS;
        return (true, timeS * 1_000 + numbers[14] * 100 + _two(numbers, 15));
    }

    function _two(uint256[] memory numbers, uint256 index) private pure returns (uint256) {
        return numbers[index] * 10 + numbers[index + 1];
    }

    /// @dev Days since 1970-01-01, counting years from March so that the leap day is the last.
    function _daysTo(uint256 year, uint256 month, uint256 day) private pure returns (uint256) {
        if (month < 3) --year;
        uint256 monthFromMarch = (month + 9) % 12;
        return 365 * year + year / 4 - year / 100 + year / 400 + (153 * monthFromMarch + 2) / 5 + day - 1 - 719_468;
    }

    /// @dev Whole Wh, read down; a thousandth of a Wh above is forgiven, as decimals are not exact in binary.
    function _readAmount(FlatJson.Cursor memory list, Row memory row) private pure returns (bool, uint256 wh) {
        uint256 perKilo;
        if (list.isText(row.unit, "kWh", 3)) perKilo = 1_000;
        else if (list.isText(row.unit, "Wh", 2)) perKilo = 1;
        else return (false, 0);
        if (row.amount.kind == FlatJson.Kind.Nested) return (false, 0);
        (uint256 from, uint256 to) = (row.amount.from, row.amount.to);
        if (row.amount.kind == FlatJson.Kind.Text) {
            while (from < to && list.text[from] == " ") ++from;
        }
        (bool isDecimal, uint256 number, uint256 scale) = _readDecimal(list.text, from, to);
        if (!isDecimal) return (false, 0);
        wh = (number * perKilo * 1_000 + scale) / (scale * 1_000);
        return (wh < 1 << 53, wh);
    }

    /// @return number the digits, over `scale`
    function _readDecimal(bytes memory text, uint256 from, uint256 to)
        private
        pure
        returns (bool, uint256 number, uint256 scale)
    {
        if (to > from + 40) return (false, 0, 0);
        scale = 1;
        bool isFraction = false;
        for (uint256 i = from; i < to; ++i) {
            bytes1 char = text[i];
            if (char == "e" || char == "E") revert IForcedClaims.MeterRecordUnreadable();
            if (char == "." && !isFraction && i != from && i + 1 != to) {
                isFraction = true;
                continue;
            }
            if (!_isDigit(char)) return (false, 0, 0);
            number = number * 10 + (uint8(char) - 48);
            if (isFraction) scale *= 10;
        }
        return (to > from, number, scale);
    }

    function _hash(bytes memory text, FlatJson.Value memory value) private pure returns (bytes32) {
        bytes memory copy = new bytes(value.to - value.from);
        for (uint256 i = 0; i < copy.length; ++i) {
            copy[i] = text[value.from + i];
        }
        return keccak256(copy);
    }

    function _isDigit(bytes1 char) private pure returns (bool) {
        return char >= "0" && char <= "9";
    }
}
