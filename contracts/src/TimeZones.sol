// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title TimeZones
/// @notice Local time where charges are priced. Clocks are law, which no contract can look up: the members decide on
/// each zone's rule, always for the future, so that no charge that was made changes its price.
abstract contract TimeZones {
    /// @notice When clocks are set forward an hour.
    /// EuropeanUnion: from the last Sunday in March, 01:00 UTC, to the last Sunday in October, 01:00 UTC
    /// (Directive 2000/84/EC).
    enum DaylightSaving {
        None,
        EuropeanUnion
    }

    /// @param from the first second of the rule; zero for the first rule of a zone
    /// @param standardOffsetS standard time less UTC
    struct ZoneRule {
        uint64 from;
        int32 standardOffsetS;
        DaylightSaving daylightSaving;
    }

    struct Zone {
        bytes32 name;
        ZoneRule rule;
    }

    /// The zone's newest rule is read most: it has a slot of its own, with the count of those before.
    struct Rules {
        uint64 from;
        int32 standardOffsetS;
        DaylightSaving daylightSaving;
        bool isKnown;
        uint32 earlierCount;
    }

    mapping(bytes32 zone => Rules) private _newest;
    mapping(bytes32 zone => ZoneRule[]) private _earlier;

    /// @param zone IANA name in ASCII, zeros behind
    event TimeZoneSet(bytes32 indexed zone, ZoneRule rule);

    /// @notice The name is empty, an offset above 14 hours, or a first rule that does not hold from the beginning.
    error TimeZoneMalformed();
    /// @notice A known zone's next rule begins in the future, after its last one.
    error TimeZoneRuleInPast();

    function _setTimeZone(bytes32 zone, ZoneRule memory rule) internal {
        if (zone == 0 || rule.standardOffsetS > 14 hours || rule.standardOffsetS < -14 hours) {
            revert TimeZoneMalformed();
        }
        Rules memory newest = _newest[zone];
        if (newest.isKnown) {
            if (rule.from <= block.timestamp || rule.from <= newest.from) revert TimeZoneRuleInPast();
            _earlier[zone].push(ZoneRule(newest.from, newest.standardOffsetS, newest.daylightSaving));
            ++newest.earlierCount;
        } else if (rule.from != 0) {
            revert TimeZoneMalformed();
        }
        _newest[zone] = Rules(rule.from, rule.standardOffsetS, rule.daylightSaving, true, newest.earlierCount);
        emit TimeZoneSet(zone, rule);
    }
}
