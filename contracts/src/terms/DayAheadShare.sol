// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPeeringTerms} from "../IPeeringTerms.sol";

/// @title DayAheadShare
/// @notice A pair's own terms: the fee per kWh is a share of what electricity costs on the day-ahead market. One
/// publisher, named at construction, posts each day's mean price once; nobody can change a price that was posted.
///
/// Each UTC day of the usage has its rate: the share of its price, rounded down, but at least the floor and at most the
/// ceiling. A day without a price, or with one of zero or less, has the floor. The fee is the energy times the mean of the
/// days' rates, rounded down. So a price that is posted late can only raise the fee, and a batch that both signed before
/// stays good.
contract DayAheadShare is IPeeringTerms {
    /// @notice The most days that one usage may touch; for a longer one there is no answer, and the agreement's share and
    /// price hold.
    uint256 public constant MAX_DAYS = 62;
    uint256 private constant PRICES_IN_SLOT = 8;

    address public immutable publisher;
    uint16 public immutable shareBp;
    uint64 public immutable floorMicroPerKwh;
    uint64 public immutable ceilingMicroPerKwh;

    /// Eight prices in a slot, each raised by 2^31, so that zero is no price.
    mapping(uint256 slot => uint256) private _prices;

    /// @param day days since 1970, UTC
    event PricePosted(uint64 indexed day, int32 priceMicroPerKwh);

    error NotThePublisher();
    /// @notice A share above 100 %, a floor above the ceiling, or no publisher.
    error RatesMalformed();
    error PriceExists(uint64 day);
    error PriceMalformed(uint64 day);
    /// @notice The usage touches more than MAX_DAYS days, or none.
    error TooManyDays();

    constructor(address publisher_, uint16 shareBp_, uint64 floorMicroPerKwh_, uint64 ceilingMicroPerKwh_) {
        if (publisher_ == address(0) || shareBp_ > 10_000 || floorMicroPerKwh_ > ceilingMicroPerKwh_) {
            revert RatesMalformed();
        }
        publisher = publisher_;
        shareBp = shareBp_;
        floorMicroPerKwh = floorMicroPerKwh_;
        ceilingMicroPerKwh = ceilingMicroPerKwh_;
    }

    /// @notice Posts the mean prices of consecutive days, once and for good.
    function post(uint64 firstDay, int32[] calldata pricesMicroPerKwh) external {
        if (msg.sender != publisher) revert NotThePublisher();
        for (uint64 i = 0; i < pricesMicroPerKwh.length; ++i) {
            uint64 day = firstDay + i;
            if (_raisedPrice(day) != 0) revert PriceExists(day);
            // The lowest number would read as no price.
            if (pricesMicroPerKwh[i] == type(int32).min) revert PriceMalformed(day);
            uint256 raised = uint256(int256(pricesMicroPerKwh[i]) + 2 ** 31);
            _prices[day / PRICES_IN_SLOT] |= raised << (32 * (day % PRICES_IN_SLOT));
            emit PricePosted(day, pricesMicroPerKwh[i]);
        }
    }

    /// @inheritdoc IPeeringTerms
    function feeMicro(Usage calldata usage) external view returns (uint256) {
        uint256 first = usage.from / 1 days;
        if (usage.to <= usage.from) revert TooManyDays();
        uint256 last = (usage.to - 1) / 1 days;
        uint256 count = last - first + 1;
        if (count > MAX_DAYS) revert TooManyDays();
        uint256 sum = 0;
        uint256 slot = _prices[first / PRICES_IN_SLOT] >> (32 * (first % PRICES_IN_SLOT));
        for (uint256 day = first; day <= last; ++day) {
            if (day % PRICES_IN_SLOT == 0) slot = _prices[day / PRICES_IN_SLOT];
            sum += _rate(uint32(slot));
            slot >>= 32;
        }
        // Energy and rate are below 2^64 each.
        return uint256(usage.energyWh) * (sum / count) / 1_000;
    }

    /// @notice A day's price; `isPosted` is false where there is none.
    function price(uint64 day) external view returns (bool isPosted, int32 priceMicroPerKwh) {
        uint256 raised = _raisedPrice(day);
        if (raised != 0) return (true, int32(int256(raised) - 2 ** 31));
    }

    /// @notice By this name programs know how to compute the fee themselves.
    function kind() external pure returns (bytes32) {
        return "day-ahead-share";
    }

    function _raisedPrice(uint256 day) private view returns (uint256) {
        return (_prices[day / PRICES_IN_SLOT] >> (32 * (day % PRICES_IN_SLOT))) & type(uint32).max;
    }

    function _rate(uint256 raised) private view returns (uint256 rate) {
        if (raised <= 2 ** 31) return floorMicroPerKwh;
        rate = (raised - 2 ** 31) * shareBp / 10_000;
        if (rate < floorMicroPerKwh) return floorMicroPerKwh;
        if (rate > ceilingMicroPerKwh) return ceilingMicroPerKwh;
    }
}
