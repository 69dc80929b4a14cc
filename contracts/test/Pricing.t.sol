// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsortium} from "../src/IConsortium.sol";
import {LocalTime} from "../src/LocalTime.sol";
import {Pricing} from "../src/Pricing.sol";
import {World} from "./World.sol";

/// @notice The time zones in which the contract prices: decided on by the members, always for the future.
contract PricingTest is World {
    function _rule(uint64 from, int32 offsetS) private pure returns (LocalTime.Rule memory) {
        return LocalTime.Rule(from, offsetS, LocalTime.DaylightSaving.None);
    }

    function _vote(bytes32 zone, LocalTime.Rule memory rule) private {
        _decide(IConsortium.Action.SetTimeZone, abi.encode(address(pricing), zone, rule));
    }

    function _refuse(bytes32 zone, LocalTime.Rule memory rule, bytes4 name) private {
        vm.prank(address(consortium));
        vm.expectRevert(name);
        pricing.setTimeZone(zone, rule);
    }

    function test_a_new_zone_and_its_next_rule() public {
        assertEq(pricing.timeZoneRules("Asia/Tokyo").length, 0);
        _vote("Asia/Tokyo", _rule(0, 9 hours));
        uint64 from = uint64(block.timestamp) + 1 days;
        _vote("Asia/Tokyo", _rule(from, 10 hours));
        _vote("Asia/Tokyo", _rule(from + 1, 11 hours));
        LocalTime.Rule[] memory rules = pricing.timeZoneRules("Asia/Tokyo");
        assertEq(rules.length, 3);
        assertEq(rules[0].from, from + 1, "the newest first");
        assertEq(rules[1].standardOffsetS, 10 hours);
        assertEq(rules[2].from, 0);
    }

    function test_only_the_members_decide_and_only_on_the_future() public {
        vm.expectRevert(Pricing.NotConsortium.selector);
        pricing.setTimeZone("Asia/Tokyo", _rule(0, 9 hours));
        _refuse("Europe/Berlin", _rule(uint64(block.timestamp), 0), Pricing.TimeZoneRuleInPast.selector);
        uint64 from = uint64(block.timestamp) + 2 days;
        _vote("Europe/Berlin", _rule(from, 0));
        _refuse("Europe/Berlin", _rule(from, 0), Pricing.TimeZoneRuleInPast.selector);
    }

    function test_malformed_zones() public {
        _refuse(0, _rule(0, 0), Pricing.TimeZoneMalformed.selector);
        _refuse("Asia/Tokyo", _rule(0, 14 hours + 1), Pricing.TimeZoneMalformed.selector);
        _refuse("Asia/Tokyo", _rule(0, -14 hours - 1), Pricing.TimeZoneMalformed.selector);
        // The first rule holds from the beginning.
        _refuse("Asia/Tokyo", _rule(1, 9 hours), Pricing.TimeZoneMalformed.selector);
        _vote("Asia/Tokyo", _rule(0, 14 hours));
    }
}
