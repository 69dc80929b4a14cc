// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IForcedClaims} from "./IForcedClaims.sol";
import {LocalTime} from "./LocalTime.sol";

/// @title TariffPrice
/// @notice What a session costs under a tariff, to the micro-unit, by the rule that every other party uses
/// (docs/rounding.md, tariff/price.ts): exact fractions throughout, rounded once before tax and once a tax rate.
/// @dev Everything on the way stays below 2^256: energy is below 2^25 Wh with its step, a price below 2^37, the scale
/// below 2^15, tax below 2^14, the common denominator of the energy's fractions below 2^100, and where a limit keeps the
/// session's share of tax, the limit below 2^37.
library TariffPrice {
    /// @param inclVatMicro what is owed
    /// @param energyIsBilled whether anything is owed for energy, `timeIsBilled` for time
    struct Price {
        uint256 inclVatMicro;
        bool energyIsBilled;
        bool timeIsBilled;
    }

    uint256 internal constant MAX_READINGS = 6_000;
    uint256 private constant HEADER_WORDS = 12;
    uint256 private constant ROW_WORDS = 6;
    uint256 private constant READING_WORDS = 4;
    uint256 private constant MAX_PRICE_MICRO = 100_000_000_000;
    uint256 private constant MAX_VAT_BP = 10_000;
    uint256 private constant MAX_STEP = 1_000_000;
    uint256 private constant MAX_ELEMENTS = 100;
    uint256 private constant MAX_DURATION = 366 days;
    uint256 private constant MAX_ENERGY_WH = 10_000_000;
    uint256 private constant MAX_TIME = 253_402_300_799;
    uint256 private constant MAX_DENOMINATOR = 1 << 100;

    uint256 private constant ENERGY = 1;
    uint256 private constant TIME = 2;
    uint256 private constant PARKING_TIME = 3;
    uint256 private constant FLAT = 4;
    /// Amounts are summed over this: the least common multiple of 1000 Wh and 3600 s.
    uint256 private constant SCALE = 18_000;
    uint256 private constant ENERGY_SCALE = SCALE / 1_000;
    uint256 private constant TIME_SCALE = SCALE / 3_600;
    uint256 private constant WHOLE_VAT_BP = 10_000;
    uint256 private constant ALL_DAYS = 127;

    /// A price component with the restrictions of its element.
    struct Component {
        uint256 code;
        uint256 priceMicro;
        uint256 stepSize;
        uint256 rate;
        uint256 startS;
        uint256 endS;
        uint256 daysOfWeek;
    }

    /// A limit in its encoded form: micro-units plus one, zero for none.
    struct Limits {
        uint256 minExcl;
        uint256 minIncl;
        uint256 maxExcl;
        uint256 maxIncl;
    }

    /// @param count of the components, `rateCount` of the tax rates that occur
    /// @param firstVatBp the rate of the first component
    struct Tariff {
        Component[] components;
        uint256 count;
        bool isRestricted;
        Limits limits;
        uint256 firstVatBp;
        uint256 rateCount;
        uint256[] vatBp;
    }

    /// What is known while readings and periods are walked side by side. Components are counted from one; zero is none.
    /// @param active the components in force by their code, up to `periodTo`
    /// @param flat the first that was in force, `lastEnergy` and `lastTime` what was consumed under last
    /// @param runWh whole intervals' energy since the period began, `runTimeS` and `runParkingS` the time; not billed yet
    /// @param energyTotal and `energy`, by tax rate: numerators over the denominator, the latter also over SCALE as `other`
    struct Walk {
        uint256[5] active;
        uint256 periodTo;
        int256 offsetS;
        uint256 steadyUntil;
        uint256 flat;
        uint256 lastEnergy;
        uint256 lastTime;
        uint256 runWh;
        uint256 runTimeS;
        uint256 runParkingS;
        bool runEndsCharging;
        uint256 energyTotal;
        uint256 timeTotal;
        uint256 parkingTotal;
        uint256 denominator;
        uint256[] energy;
        uint256[] other;
        bool timeIsBilled;
    }

    /// @notice Prices a session.
    /// @param readings four words each: time, import and export register, 1 charging or 0 parking
    /// @param rules of the location's time zone, the newest first; not looked at unless the tariff is restricted
    function price(Tariff memory tariff, uint256[] calldata readings, LocalTime.Rule[] memory rules)
        internal
        pure
        returns (Price memory)
    {
        Walk memory walk = _walk(tariff, readings, rules);
        _stepUp(tariff, walk);
        return _total(tariff, walk);
    }

    // ------------------------------------------------------------------------------------------------- the tariff

    /// @notice Reads a tariff out of the words of tariff/encodeTariff.ts.
    function read(uint256[] calldata encoded) internal pure returns (Tariff memory tariff) {
        uint256 rows = encoded.length < HEADER_WORDS ? 0 : encoded[HEADER_WORDS - 1];
        if (rows == 0 || rows > MAX_ELEMENTS * 7 || encoded.length != HEADER_WORDS + rows * ROW_WORDS) {
            revert IForcedClaims.TariffNotPriceable();
        }
        tariff.limits = _readLimits(encoded);
        tariff.components = new Component[](rows);
        tariff.vatBp = new uint256[](rows);
        uint256 row = 0;
        for (uint256 element = 0; row < rows; ++element) {
            if (element == MAX_ELEMENTS) revert IForcedClaims.TariffNotPriceable();
            row = _readElement(tariff, encoded, element, row, rows);
        }
        tariff.firstVatBp = tariff.vatBp[0];
    }

    function _readLimits(uint256[] calldata encoded) private pure returns (Limits memory limits) {
        limits = Limits(encoded[5], encoded[6], encoded[7], encoded[8]);
        uint256 most = MAX_PRICE_MICRO + 1;
        uint256 leastIncl = limits.minIncl == 0 ? limits.minExcl : limits.minIncl;
        if (
            limits.minExcl > most || leastIncl > most || limits.maxExcl > most || limits.maxIncl > most
                || leastIncl < limits.minExcl || (limits.minExcl == 0 && limits.minIncl != 0)
                || (limits.maxIncl != 0 && (limits.maxExcl == 0 || limits.maxIncl < limits.maxExcl))
                || (limits.maxExcl != 0 && limits.minExcl > limits.maxExcl)
                || (limits.maxIncl != 0 && leastIncl > limits.maxIncl)
        ) revert IForcedClaims.TariffNotPriceable();
    }

    /// @dev An element's rows: its components, each dimension once, then its restrictions by code.
    /// @return row the first row of the next element
    function _readElement(Tariff memory tariff, uint256[] calldata encoded, uint256 element, uint256 row, uint256 rows)
        private
        pure
        returns (uint256)
    {
        uint256 first = tariff.count;
        uint256 codes = 0;
        for (; row < rows && _cell(encoded, row, 0) == element && _cell(encoded, row, 1) == 1; ++row) {
            uint256 codeBit = 1 << _readComponent(tariff, encoded, row);
            if (codes & codeBit != 0) revert IForcedClaims.TariffNotPriceable();
            codes |= codeBit;
        }
        if (codes == 0) revert IForcedClaims.TariffNotPriceable();
        Component memory when = Component(0, 0, 0, 0, 0, 1 days, ALL_DAYS);
        uint256 lastCode = 0;
        for (; row < rows && _cell(encoded, row, 0) == element; ++row) {
            lastCode = _readRestriction(when, encoded, row, lastCode);
            tariff.isRestricted = true;
        }
        for (uint256 i = first; i < tariff.count; ++i) {
            Component memory component = tariff.components[i];
            component.startS = when.startS;
            component.endS = when.endS;
            component.daysOfWeek = when.daysOfWeek;
        }
        return row;
    }

    /// @return code of the restriction: 1 start, 2 end, 3 days of the week
    function _readRestriction(Component memory when, uint256[] calldata encoded, uint256 row, uint256 lastCode)
        private
        pure
        returns (uint256 code)
    {
        code = _cell(encoded, row, 2);
        uint256 a = _cell(encoded, row, 3);
        if (
            _cell(encoded, row, 1) != 2 || code <= lastCode || code > 3 || _cell(encoded, row, 4) != 0
                || _cell(encoded, row, 5) != 0
        ) revert IForcedClaims.TariffNotPriceable();
        if (code == 1) {
            if (a > 1_439) revert IForcedClaims.TariffNotPriceable();
            when.startS = a * 60;
        } else if (code == 2) {
            if (a == 0 || a > 1_440 || (lastCode == 1 && a * 60 == when.startS)) {
                revert IForcedClaims.TariffNotPriceable();
            }
            when.endS = a * 60;
        } else {
            if (a == 0 || a > ALL_DAYS) revert IForcedClaims.TariffNotPriceable();
            when.daysOfWeek = a;
        }
    }

    function _readComponent(Tariff memory tariff, uint256[] calldata encoded, uint256 row)
        private
        pure
        returns (uint256 code)
    {
        Component memory component = tariff.components[tariff.count++];
        component.code = _cell(encoded, row, 2);
        component.priceMicro = _cell(encoded, row, 3);
        component.stepSize = _cell(encoded, row, 5);
        uint256 vatBp = _cell(encoded, row, 4);
        if (vatBp != 0) --vatBp; // encoded plus one, zero for none, which is taxed at zero
        if (
            component.code == 0 || component.code > FLAT || component.priceMicro > MAX_PRICE_MICRO || vatBp > MAX_VAT_BP
                || component.stepSize > MAX_STEP || (component.stepSize == 0 && component.code != FLAT)
        ) revert IForcedClaims.TariffNotPriceable();
        uint256 rate = 0;
        while (rate < tariff.rateCount && tariff.vatBp[rate] != vatBp) ++rate;
        if (rate == tariff.rateCount) tariff.vatBp[tariff.rateCount++] = vatBp;
        component.rate = rate;
        return component.code;
    }

    // ------------------------------------------------------------------------------------------------ consumption

    /// @dev Per dimension the first component in the tariff's order that matches is in force, asked again at each
    /// boundary in local time.
    function _walk(Tariff memory tariff, uint256[] calldata readings, LocalTime.Rule[] memory rules)
        private
        pure
        returns (Walk memory walk)
    {
        uint256 count = readings.length / READING_WORDS;
        if (count * READING_WORDS != readings.length || count < 2 || count > MAX_READINGS) {
            revert IForcedClaims.InvalidReadings();
        }
        _requireBounds(readings);
        walk.denominator = 1;
        walk.energy = new uint256[](tariff.rateCount);
        walk.other = new uint256[](tariff.rateCount);
        _enter(tariff, walk, rules, readings[0]);
        unchecked {
            // Indices stay below the length. Times and registers rise from the first reading to the last, which are less
            // than a year and 10 MWh apart, so that no difference and no sum of differences overflows.
            for (uint256 i = 0; i < readings.length - READING_WORDS; i += READING_WORDS) {
                (uint256 startAt, uint256 endAt) = (readings[i], readings[i + 4]);
                (uint256 startWh, uint256 endWh) = (readings[i + 1], readings[i + 5]);
                uint256 state = readings[i + 3];
                if (endAt <= startAt || endWh < startWh || readings[i + 6] < readings[i + 2] || state > 1) {
                    revert IForcedClaims.InvalidReadings();
                }
                if (endAt > walk.periodTo) {
                    _cut(tariff, walk, rules, Interval(startAt, endAt, endWh - startWh, state == 1));
                    continue;
                }
                walk.runWh += endWh - startWh;
                walk.runEndsCharging = state == 1;
                if (state == 1) walk.runTimeS += endAt - startAt;
                else walk.runParkingS += endAt - startAt;
            }
        }
        _flush(tariff, walk);
        if (readings[readings.length - 1] > 1) revert IForcedClaims.InvalidReadings();
    }

    /// @dev First and last reading, between which the others lie.
    function _requireBounds(uint256[] calldata readings) private pure {
        uint256 last = readings.length - READING_WORDS;
        uint256 lastAt = readings[last];
        if (
            readings[0] < 1 days || lastAt > MAX_TIME || _rise(readings[0], lastAt) > MAX_DURATION
                || _rise(readings[1], readings[last + 1]) > MAX_ENERGY_WH
        ) revert IForcedClaims.SessionNotPriceable();
    }

    function _rise(uint256 from, uint256 to) private pure returns (uint256) {
        if (to < from) revert IForcedClaims.InvalidReadings();
        return to - from;
    }

    /// What was consumed between two readings.
    struct Interval {
        uint256 startAt;
        uint256 endAt;
        uint256 energyWh;
        bool isCharging;
    }

    /// @dev Deals out an interval in which a period ends. Energy is divided in proportion to time where a component gives
    /// way to another.
    function _cut(Tariff memory tariff, Walk memory walk, LocalTime.Rule[] memory rules, Interval memory interval)
        private
        pure
    {
        uint256 time = interval.startAt;
        uint256 energyFrom = time;
        while (time < interval.endAt) {
            if (time == walk.periodTo) {
                uint256 before = walk.active[ENERGY];
                _flush(tariff, walk);
                _enter(tariff, walk, rules, time);
                if (walk.active[ENERGY] != before) {
                    _addPart(tariff, walk, interval, before, time - energyFrom);
                    energyFrom = time;
                }
            }
            uint256 to = walk.periodTo < interval.endAt ? walk.periodTo : interval.endAt;
            walk.runEndsCharging = interval.isCharging;
            if (interval.isCharging) walk.runTimeS += to - time;
            else walk.runParkingS += to - time;
            time = to;
        }
        _addPart(tariff, walk, interval, walk.active[ENERGY], interval.endAt - energyFrom);
    }

    /// @dev Bills what was consumed in the period so far.
    function _flush(Tariff memory tariff, Walk memory walk) private pure {
        if (walk.runWh != 0) _addEnergy(tariff, walk, walk.active[ENERGY], walk.runWh * walk.denominator);
        if (walk.runEndsCharging) {
            _addTime(tariff, walk, PARKING_TIME, walk.runParkingS);
            _addTime(tariff, walk, TIME, walk.runTimeS);
        } else {
            _addTime(tariff, walk, TIME, walk.runTimeS);
            _addTime(tariff, walk, PARKING_TIME, walk.runParkingS);
        }
        walk.runWh = 0;
        walk.runTimeS = 0;
        walk.runParkingS = 0;
    }

    /// @dev Finds what is in force from now on, and until when.
    function _enter(Tariff memory tariff, Walk memory walk, LocalTime.Rule[] memory rules, uint256 time) private pure {
        uint256[5] memory active;
        uint256 secondOfDay = 0;
        uint256 dayBit = ALL_DAYS;
        uint256 mark = 1 days;
        if (tariff.isRestricted) {
            if (time >= walk.steadyUntil) (walk.offsetS, walk.steadyUntil) = LocalTime.offsetAt(rules, time);
            uint256 local = uint256(int256(time) + walk.offsetS);
            secondOfDay = local % 1 days;
            dayBit = 1 << ((local / 1 days + 3) % 7); // 1970-01-01 was a Thursday
        }
        for (uint256 i = 0; i < tariff.count; ++i) {
            Component memory component = tariff.components[i];
            (uint256 start, uint256 end) = (component.startS, component.endS);
            if (start > secondOfDay && start < mark) mark = start;
            if (end > secondOfDay && end < mark) mark = end;
            if (active[component.code] != 0 || component.daysOfWeek & dayBit == 0) continue;
            bool matches =
                start <= end ? start <= secondOfDay && secondOfDay < end : start <= secondOfDay || secondOfDay < end;
            if (matches) active[component.code] = i + 1;
        }
        walk.active = active;
        if (walk.flat == 0) walk.flat = active[FLAT];
        walk.periodTo = type(uint256).max;
        if (tariff.isRestricted) {
            walk.periodTo = time + mark - secondOfDay;
            if (walk.steadyUntil < walk.periodTo) walk.periodTo = walk.steadyUntil;
        }
    }

    function _addTime(Tariff memory tariff, Walk memory walk, uint256 code, uint256 durationS) private pure {
        uint256 active = walk.active[code];
        if (active == 0 || durationS == 0) return;
        if (code == TIME) walk.timeTotal += durationS;
        else walk.parkingTotal += durationS;
        walk.lastTime = active;
        _bill(tariff, walk, active, durationS);
    }

    function _bill(Tariff memory tariff, Walk memory walk, uint256 active, uint256 durationS) private pure {
        Component memory component = tariff.components[active - 1];
        uint256 amount = durationS * component.priceMicro * TIME_SCALE;
        if (amount != 0) walk.timeIsBilled = true;
        walk.other[component.rate] += amount;
    }

    /// @dev The part of an interval's energy that falls into some of its seconds.
    function _addPart(Tariff memory tariff, Walk memory walk, Interval memory interval, uint256 active, uint256 partS)
        private
        pure
    {
        uint256 intervalS = interval.endAt - interval.startAt;
        if (active == 0 || interval.energyWh == 0 || partS == 0) return;
        if (partS != intervalS) _divideBy(walk, intervalS);
        _addEnergy(tariff, walk, active, interval.energyWh * partS * walk.denominator / intervalS);
    }

    /// @param quantity in Wh times the denominator
    function _addEnergy(Tariff memory tariff, Walk memory walk, uint256 active, uint256 quantity) private pure {
        if (active == 0) return;
        Component memory component = tariff.components[active - 1];
        walk.lastEnergy = active;
        walk.energyTotal += quantity;
        walk.energy[component.rate] += quantity * component.priceMicro * ENERGY_SCALE;
    }

    /// @dev Makes the denominator a multiple of another number.
    function _divideBy(Walk memory walk, uint256 divisor) private pure {
        (uint256 common, uint256 rest) = (walk.denominator, divisor);
        while (rest != 0) (common, rest) = (rest, common % rest);
        uint256 factor = divisor / common;
        if (factor == 1) return;
        walk.denominator *= factor;
        if (walk.denominator >= MAX_DENOMINATOR) revert IForcedClaims.SessionNotPriceable();
        walk.energyTotal *= factor;
        for (uint256 i = 0; i < walk.energy.length; ++i) {
            walk.energy[i] *= factor;
        }
    }

    /// @dev Of the component consumed last, energy and time each for itself, the session's total of its dimension becomes
    /// a multiple of its step; the difference is billed with it (OCPI 2.2.1 mod_cdrs, step_size).
    function _stepUp(Tariff memory tariff, Walk memory walk) private pure {
        if (walk.lastEnergy != 0) {
            Component memory component = tariff.components[walk.lastEnergy - 1];
            uint256 added = _missing(walk.energyTotal, component.stepSize * walk.denominator);
            walk.energy[component.rate] += added * component.priceMicro * ENERGY_SCALE;
        }
        if (walk.lastTime != 0) {
            Component memory component = tariff.components[walk.lastTime - 1];
            uint256 total = component.code == TIME ? walk.timeTotal : walk.parkingTotal;
            _bill(tariff, walk, walk.lastTime, _missing(total, component.stepSize));
        }
        if (walk.flat != 0) {
            Component memory component = tariff.components[walk.flat - 1];
            walk.other[component.rate] += component.priceMicro * SCALE;
        }
    }

    function _missing(uint256 total, uint256 step) private pure returns (uint256) {
        uint256 over = total % step;
        return over == 0 ? 0 : step - over;
    }

    // -------------------------------------------------------------------------------------------------- the total

    function _total(Tariff memory tariff, Walk memory walk) private pure returns (Price memory priced) {
        uint256 scale = SCALE * walk.denominator;
        uint256 exact = 0;
        uint256 exactVat = 0;
        uint256 vat = 0;
        for (uint256 i = 0; i < tariff.rateCount; ++i) {
            if (walk.energy[i] != 0) priced.energyIsBilled = true;
            uint256 amount = walk.energy[i] + walk.other[i] * walk.denominator;
            exact += amount;
            exactVat += amount * tariff.vatBp[i];
            vat += _roundedQuotient(amount * tariff.vatBp[i], scale * WHOLE_VAT_BP);
        }
        priced.timeIsBilled = walk.timeIsBilled;
        uint256 exclVat = _roundedQuotient(exact, scale);
        uint256 inclVat = exclVat + vat;
        // The share of tax that a limit before tax keeps: the session's own, or, where nothing is owed, the first rate.
        (uint256 taxed, uint256 untaxed) = exact > 0 ? (exactVat, exact) : (tariff.firstVatBp, 1);
        Limits memory limits = tariff.limits;
        if (limits.minExcl != 0) {
            bool bindsExcl = exclVat < limits.minExcl - 1;
            if (bindsExcl) exclVat = limits.minExcl - 1;
            if (limits.minIncl == 0 && bindsExcl) inclVat = _withTaxShare(exclVat, taxed, untaxed);
            if (limits.minIncl != 0 && inclVat < limits.minIncl - 1) inclVat = limits.minIncl - 1;
        }
        if (limits.maxExcl != 0) {
            bool bindsExcl = exclVat > limits.maxExcl - 1;
            if (bindsExcl) exclVat = limits.maxExcl - 1;
            if (limits.maxIncl == 0 && bindsExcl) inclVat = _withTaxShare(exclVat, taxed, untaxed);
            if (limits.maxIncl != 0 && inclVat > limits.maxIncl - 1) inclVat = limits.maxIncl - 1;
        }
        priced.inclVatMicro = inclVat;
    }

    function _withTaxShare(uint256 amount, uint256 taxed, uint256 untaxed) private pure returns (uint256) {
        return amount + _roundedQuotient(amount * taxed, untaxed * WHOLE_VAT_BP);
    }

    /// @dev Half is rounded away from zero.
    function _roundedQuotient(uint256 dividend, uint256 divisor) private pure returns (uint256) {
        return (2 * dividend + divisor) / (2 * divisor);
    }

    function _cell(uint256[] calldata encoded, uint256 row, uint256 cell) private pure returns (uint256) {
        unchecked {
            // There are at most 700 rows.
            return encoded[HEADER_WORDS + row * ROW_WORDS + cell];
        }
    }
}
