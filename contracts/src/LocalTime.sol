// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title LocalTime
/// @notice Wall-clock time where clocks follow a few rules (see {TimeZones}), as tariff/localTime.ts has it from the
/// runtime.
library LocalTime {
    /// @notice When clocks are set forward an hour.
    /// EuropeanUnion: from the last Sunday in March, 01:00 UTC, to the last Sunday in October, 01:00 UTC
    /// (Directive 2000/84/EC).
    enum DaylightSaving {
        None,
        EuropeanUnion
    }

    /// @param from the first second of the rule; zero for the first rule of a zone
    /// @param standardOffsetS standard time less UTC
    struct Rule {
        uint64 from;
        int32 standardOffsetS;
        DaylightSaving daylightSaving;
    }

    /// Days from the first of March of year 0 to 1970-01-01, and in 400 years: a year that begins in March has its leap
    /// day at the end, so that months before it always have the same length.
    uint256 private constant MARCH_EPOCH = 719_468;
    uint256 private constant DAYS_OF_400_YEARS = 146_097;

    /// @param rules of the zone, the newest first
    /// @param time not before the second day of 1970
    /// @return offsetS local time less UTC
    /// @return steadyUntil the time up to which it certainly stays so
    function offsetAt(Rule[] memory rules, uint256 time) internal pure returns (int256 offsetS, uint256 steadyUntil) {
        steadyUntil = type(uint256).max;
        uint256 i = 0;
        while (rules[i].from > time) {
            steadyUntil = rules[i].from;
            ++i; // The first rule of a zone begins at zero.
        }
        offsetS = rules[i].standardOffsetS;
        if (rules[i].daylightSaving == DaylightSaving.None) return (offsetS, steadyUntil);
        (bool isSummer, uint256 until) = europeanSummer(time);
        if (isSummer) offsetS += 1 hours;
        if (until < steadyUntil) steadyUntil = until;
    }

    /// @notice Whether clocks are set forward in the European Union, and up to when that is known.
    function europeanSummer(uint256 time) internal pure returns (bool isSummer, uint256 until) {
        uint256 today = time / 1 days;
        uint256 day = (today + MARCH_EPOCH) % DAYS_OF_400_YEARS;
        uint256 year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        uint256 march = today - (day - (365 * year + year / 4 - year / 100));
        uint256 spring = _lastSunday(march + 30) * 1 days + 1 hours;
        if (time < spring) return (false, spring);
        uint256 autumn = _lastSunday(march + 244) * 1 days + 1 hours;
        if (time < autumn) return (true, autumn);
        // The year from March to March may have a leap day; in neither case does the next summer begin by then.
        return (false, (march + 366) * 1 days);
    }

    /// @param day the last of a month, in days since 1970-01-01, which was a Thursday
    function _lastSunday(uint256 day) private pure returns (uint256) {
        return day - (day + 4) % 7;
    }
}
