// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForcedClaims} from "../src/IForcedClaims.sol";
import {LocalTime} from "../src/LocalTime.sol";
import {Pricing} from "../src/Pricing.sol";
import {TariffPrice} from "../src/TariffPrice.sol";
import {World} from "./World.sol";

/// @notice Prices computed in Solidity are those of TypeScript, and what is no tariff or no session has none.
contract TariffPriceTest is World {
    struct PriceVector {
        bytes data;
        bool energyIsBilled;
        uint256 inclVatMicro;
        bool timeIsBilled;
    }

    bytes32 private constant PLAIN = "Etc/Plain";

    uint256 private _position;

    /// Each zone of the vectors by its standard offset and whether clocks are set forward.
    function _zone(uint256 offsetPlusDay, bool isEuropean) private pure returns (bytes32) {
        return keccak256(abi.encode(offsetPlusDay, isEuropean));
    }

    function setUp() public override {
        super.setUp();
        Pricing.Zone[] memory zones = new Pricing.Zone[](6);
        uint256[4] memory offsets = [uint256(82_800), 86_400, 90_000, 93_600];
        for (uint256 i = 0; i < 4; ++i) {
            zones[i] = Pricing.Zone(
                _zone(offsets[i], true),
                LocalTime.Rule(0, int32(int256(offsets[i]) - 86_400), LocalTime.DaylightSaving.EuropeanUnion)
            );
        }
        zones[4] = Pricing.Zone(_zone(86_400, false), LocalTime.Rule(0, 0, LocalTime.DaylightSaving.None));
        zones[5] = Pricing.Zone(PLAIN, LocalTime.Rule(0, 3_600, LocalTime.DaylightSaving.None));
        pricing = new Pricing(consortium, zones);
    }

    function _next(bytes memory data) private returns (uint256 number) {
        uint256 position = _position;
        for (uint256 shift = 0;; shift += 7) {
            uint8 group = uint8(data[position++]);
            number |= uint256(group & 127) << shift;
            if (group < 128) break;
        }
        _position = position;
    }

    /// Random tariffs and sessions, every row of them.
    function test_the_same_price_as_everywhere() public {
        vm.pauseGasMetering(); // two thousand prices are more than a test may cost
        string memory json = vm.readFile("vectors/prices.json");
        PriceVector[] memory vectors = abi.decode(vm.parseJson(json, ".vectors"), (PriceVector[]));
        assertGe(vectors.length, 2_000);
        for (uint256 i = 0; i < vectors.length; ++i) {
            PriceVector memory it = vectors[i];
            _position = 0;
            bytes32 zone = _zone(_next(it.data), _next(it.data) == 1);
            uint256[] memory tariff = _tariffOf(it.data);
            uint256[] memory readings = _readingsOf(it.data);
            TariffPrice.Price memory owed = pricing.price(zone, tariff, readings);
            assertEq(owed.inclVatMicro, it.inclVatMicro, vm.toString(i));
            assertEq(owed.energyIsBilled, it.energyIsBilled, vm.toString(i));
            assertEq(owed.timeIsBilled, it.timeIsBilled, vm.toString(i));
        }
    }

    /// A restriction, or a word on taxes, that is not priced here is never passed over.
    function test_rows_that_are_not_priced_here_are_refused() public {
        uint256[] memory readings = new uint256[](8);
        (readings[0], readings[3], readings[4], readings[5]) = (1_767_225_600, 1, 1_767_229_200, 10_000);
        uint256[6] memory restriction = [uint256(0), 2, 1, 60, 0, 0];
        pricing.price(PLAIN, _withRow(restriction), readings);
        for (uint256 code = 4; code <= 15; ++code) {
            restriction[2] = code;
            vm.expectRevert(IForcedClaims.TariffNotPriceable.selector);
            pricing.price(PLAIN, _withRow(restriction), readings);
        }
        for (uint256 code = 1; code <= 2; ++code) {
            vm.expectRevert(IForcedClaims.TariffNotPriceable.selector);
            pricing.price(PLAIN, _withRow([uint256(1), 3, code, 0, 0, 0]), readings);
        }
    }

    /// A tariff of energy at 0.25 with another row behind it.
    function _withRow(uint256[6] memory row) private pure returns (uint256[] memory tariff) {
        tariff = new uint256[](24);
        (tariff[4], tariff[11]) = (uint256(bytes32("EUR")), 2);
        (tariff[13], tariff[14], tariff[15], tariff[17]) = (1, 1, 250_000, 1);
        for (uint256 i = 0; i < 6; ++i) {
            tariff[18 + i] = row[i];
        }
    }

    function _tariffOf(bytes memory data) private returns (uint256[] memory tariff) {
        uint256 count = _next(data);
        tariff = new uint256[](5 + count);
        tariff[4] = uint256(bytes32("EUR"));
        for (uint256 i = 5; i < tariff.length; ++i) {
            tariff[i] = _next(data);
        }
    }

    function _readingsOf(bytes memory data) private returns (uint256[] memory readings) {
        uint256[] memory long = new uint256[](80);
        uint256 count = 0;
        for (; _position < data.length; ++count) {
            long[count] = _next(data);
            if (count % 4 != 3 && count > 3) long[count] += long[count - 4];
        }
        readings = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            readings[i] = long[i];
        }
    }
}
