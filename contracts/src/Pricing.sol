// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsortium} from "./IConsortium.sol";
import {LocalTime} from "./LocalTime.sol";
import {TariffPrice} from "./TariffPrice.sol";

/// @title Pricing
/// @notice What a session costs. Keeps nothing but the time zones in which it prices. Clocks are law, which no contract
/// can look up: the members decide on each zone's rule, always for the future, so that no charge that was made changes
/// its price.
contract Pricing {
    struct Zone {
        bytes32 name;
        LocalTime.Rule rule;
    }

    /// A zone's newest rule, which is read most, in one slot with the number of all its rules.
    struct Newest {
        uint64 from;
        int32 standardOffsetS;
        LocalTime.DaylightSaving daylightSaving;
        uint32 count;
    }

    IConsortium public immutable consortium;

    mapping(bytes32 zone => Newest) private _newest;
    mapping(bytes32 zone => LocalTime.Rule[]) private _earlier;

    /// @param zone IANA name in ASCII, zeros behind
    event TimeZoneSet(bytes32 indexed zone, LocalTime.Rule rule);

    /// @notice Reserved to the consortium's decisions.
    error NotConsortium();
    /// @notice The name is empty, an offset above 14 hours, or a first rule that does not hold from the beginning.
    error TimeZoneMalformed();
    /// @notice A known zone's next rule begins in the future, after its last one.
    error TimeZoneRuleInPast();
    /// @notice The members have not decided on this zone.
    error TimeZoneUnknown(bytes32 zone);

    /// @param zones in which sessions can be priced from the beginning
    constructor(IConsortium consortium_, Zone[] memory zones) {
        consortium = consortium_;
        for (uint256 i = 0; i < zones.length; ++i) {
            _setTimeZone(zones[i].name, zones[i].rule);
        }
    }

    /// @notice What a session costs; see {TariffPrice}. The time zone is looked up where the tariff has times.
    /// @param encodedTariff the words of tariff/encodeTariff.ts
    /// @param readings four words each: time, import and export register, 1 charging or 0 parking
    function price(bytes32 timeZone, uint256[] calldata encodedTariff, uint256[] calldata readings)
        external
        view
        returns (TariffPrice.Price memory)
    {
        TariffPrice.Tariff memory tariff = TariffPrice.read(encodedTariff);
        LocalTime.Rule[] memory rules;
        if (tariff.isRestricted) {
            rules = timeZoneRules(timeZone);
            if (rules.length == 0) revert TimeZoneUnknown(timeZone);
        }
        return TariffPrice.price(tariff, readings, rules);
    }

    /// @notice Decides on a zone's next rule, from the future on, or on a new zone. Only by vote of the consortium.
    function setTimeZone(bytes32 zone, LocalTime.Rule calldata rule) external {
        if (msg.sender != address(consortium)) revert NotConsortium();
        _setTimeZone(zone, rule);
    }

    /// @notice The zone's rules, the newest first; none if the zone is not known.
    function timeZoneRules(bytes32 zone) public view returns (LocalTime.Rule[] memory rules) {
        Newest memory newest = _newest[zone];
        if (newest.count == 0) return rules;
        rules = new LocalTime.Rule[](newest.count);
        rules[0] = LocalTime.Rule(newest.from, newest.standardOffsetS, newest.daylightSaving);
        for (uint256 i = 1; i < newest.count; ++i) {
            rules[i] = _earlier[zone][newest.count - 1 - i];
        }
    }

    function _setTimeZone(bytes32 zone, LocalTime.Rule memory rule) private {
        if (zone == 0 || rule.standardOffsetS > 14 hours || rule.standardOffsetS < -14 hours) {
            revert TimeZoneMalformed();
        }
        Newest memory newest = _newest[zone];
        if (newest.count != 0) {
            if (rule.from <= block.timestamp || rule.from <= newest.from) revert TimeZoneRuleInPast();
            _earlier[zone].push(LocalTime.Rule(newest.from, newest.standardOffsetS, newest.daylightSaving));
        } else if (rule.from != 0) {
            revert TimeZoneMalformed();
        }
        _newest[zone] = Newest(rule.from, rule.standardOffsetS, rule.daylightSaving, newest.count + 1);
        emit TimeZoneSet(zone, rule);
    }
}
