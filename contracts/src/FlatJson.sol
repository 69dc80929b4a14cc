// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title FlatJson
/// @notice Reads JSON (RFC 8259) from the front, value by value, as far as meters write it: texts without escapes.
/// @dev A cursor that finds anything else is broken and finds nothing any more.
library FlatJson {
    enum Kind {
        Text,
        Nested,
        Other
    }

    /// @param position of the next byte, `end` that after the last
    struct Cursor {
        bytes text;
        uint256 position;
        uint256 end;
        bool isBroken;
    }

    /// @param from its first byte, `to` that after its last; of a text without its quotes
    struct Value {
        Kind kind;
        uint256 from;
        uint256 to;
    }

    /// @notice Steps into an object (`{`) or a list (`[`).
    function enter(Cursor memory cursor, bytes1 bracket) internal pure {
        _expect(cursor, bracket);
    }

    /// @notice The next member of the object stepped into.
    /// @return found false at the object's end, or where the cursor broke
    /// @return key at most 32 bytes, zeros behind
    function nextMember(Cursor memory cursor) internal pure returns (bool found, bytes32 key, Value memory value) {
        if (!_hasNext(cursor, "{", "}")) return (false, key, value);
        Value memory name = _value(cursor);
        if (name.kind != Kind.Text || name.to - name.from > 32) cursor.isBroken = true;
        _expect(cursor, ":");
        value = _value(cursor);
        if (cursor.isBroken) return (false, key, value);
        return (true, word(cursor, name), value);
    }

    /// @notice The next value of the list stepped into.
    function nextItem(Cursor memory cursor) internal pure returns (bool found, Value memory value) {
        if (!_hasNext(cursor, "[", "]")) return (false, value);
        value = _value(cursor);
        found = !cursor.isBroken;
    }

    /// @notice A cursor over a value inside.
    function within(Cursor memory cursor, Value memory value) internal pure returns (Cursor memory) {
        return Cursor({text: cursor.text, position: value.from, end: value.to, isBroken: value.kind != Kind.Nested});
    }

    /// @notice Whether there is nothing behind the value that was read last.
    function isAtEnd(Cursor memory cursor) internal pure returns (bool) {
        _skipBlanks(cursor);
        return !cursor.isBroken && cursor.position == cursor.end;
    }

    /// @notice The first 32 bytes of a value, zeros behind.
    function word(Cursor memory cursor, Value memory value) internal pure returns (bytes32 result) {
        uint256 length = value.to - value.from;
        for (uint256 i = 0; i < length && i < 32; ++i) {
            result |= bytes32(cursor.text[value.from + i]) >> (8 * i);
        }
    }

    /// @notice Whether a value is exactly this text.
    function isText(Cursor memory cursor, Value memory value, bytes32 text, uint256 length)
        internal
        pure
        returns (bool)
    {
        return value.kind == Kind.Text && value.to - value.from == length && word(cursor, value) == text;
    }

    /// @dev Whether another value follows: after the opening bracket or a comma, not after the closing bracket.
    function _hasNext(Cursor memory cursor, bytes1 opening, bytes1 closing) private pure returns (bool) {
        if (cursor.isBroken) return false;
        bytes1 before = cursor.text[cursor.position - 1];
        _skipBlanks(cursor);
        if (cursor.position >= cursor.end) {
            cursor.isBroken = true;
            return false;
        }
        bytes1 next = cursor.text[cursor.position];
        if (next == closing) {
            ++cursor.position;
            return false;
        }
        if (before == opening) return true;
        _expect(cursor, ",");
        return !cursor.isBroken;
    }

    function _value(Cursor memory cursor) private pure returns (Value memory value) {
        _skipBlanks(cursor);
        if (cursor.isBroken || cursor.position >= cursor.end) {
            cursor.isBroken = true;
            return value;
        }
        bytes1 first = cursor.text[cursor.position];
        if (first == '"') return _textValue(cursor);
        if (first == "{" || first == "[") return _nestedValue(cursor);
        value = Value({kind: Kind.Other, from: cursor.position, to: cursor.position});
        while (value.to < cursor.end && !_endsValue(cursor.text[value.to])) ++value.to;
        if (value.to == value.from) cursor.isBroken = true;
        cursor.position = value.to;
    }

    function _textValue(Cursor memory cursor) private pure returns (Value memory value) {
        value = Value({kind: Kind.Text, from: cursor.position + 1, to: cursor.position + 1});
        while (value.to < cursor.end && cursor.text[value.to] != '"') {
            bytes1 char = cursor.text[value.to++];
            if (char == "\\" || char < 0x20) cursor.isBroken = true;
        }
        if (value.to >= cursor.end) cursor.isBroken = true;
        cursor.position = value.to + 1;
    }

    /// @dev Only the end is looked for; what is inside is read by a cursor of its own, if at all.
    function _nestedValue(Cursor memory cursor) private pure returns (Value memory value) {
        value = Value({kind: Kind.Nested, from: cursor.position, to: cursor.position});
        uint256 depth = 0;
        bool isQuoted = false;
        while (value.to < cursor.end) {
            bytes1 char = cursor.text[value.to++];
            if (char == "\\") cursor.isBroken = true;
            if (char == '"') isQuoted = !isQuoted;
            if (isQuoted) continue;
            if (char == "{" || char == "[") ++depth;
            else if (char == "}" || char == "]") --depth;
            if (depth == 0) break;
        }
        if (depth != 0 || isQuoted) cursor.isBroken = true;
        cursor.position = value.to;
    }

    function _expect(Cursor memory cursor, bytes1 char) private pure {
        _skipBlanks(cursor);
        if (cursor.isBroken || cursor.position >= cursor.end || cursor.text[cursor.position] != char) {
            cursor.isBroken = true;
            return;
        }
        ++cursor.position;
    }

    function _skipBlanks(Cursor memory cursor) private pure {
        while (cursor.position < cursor.end && _isBlank(cursor.text[cursor.position])) ++cursor.position;
    }

    function _isBlank(bytes1 char) private pure returns (bool) {
        return char == " " || char == "\n" || char == "\r" || char == "\t";
    }

    function _endsValue(bytes1 char) private pure returns (bool) {
        return char == "," || char == "}" || char == "]" || _isBlank(char);
    }
}
