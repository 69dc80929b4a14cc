// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IPeeringTerms} from "../IPeeringTerms.sol";

/// @title VolumeDiscount
/// @notice A pair's own terms: the fee is a share of the total that falls in tiers with the energy of the batch. The
/// whole batch has the share of the tier that its energy reaches, so a claim of a single charge has that of the first
/// tiers. Fixed at construction; nobody can change it.
contract VolumeDiscount is IPeeringTerms {
    /// @param fromWh the least energy of a batch in this tier, 0 for the first
    /// @param feeShareBp its share of the total, in hundredths of a percent
    struct Tier {
        uint64 fromWh;
        uint16 feeShareBp;
    }

    uint256 public constant MAX_TIERS = 8;

    Tier[] private _tiers;

    /// @notice No tiers or too many, the first not from 0, or one that does not lie above the one before and cost less.
    error TiersMalformed();

    constructor(Tier[] memory tiers_) {
        if (tiers_.length == 0 || tiers_.length > MAX_TIERS) revert TiersMalformed();
        if (tiers_[0].fromWh != 0 || tiers_[0].feeShareBp > 10_000) revert TiersMalformed();
        for (uint256 i = 0; i < tiers_.length; ++i) {
            if (i > 0) {
                Tier memory before = tiers_[i - 1];
                if (tiers_[i].fromWh <= before.fromWh || tiers_[i].feeShareBp >= before.feeShareBp) {
                    revert TiersMalformed();
                }
            }
            _tiers.push(tiers_[i]);
        }
    }

    /// @inheritdoc IPeeringTerms
    function feeMicro(Usage calldata usage) external view returns (uint256) {
        uint256 i = _tiers.length - 1;
        while (_tiers[i].fromWh > usage.energyWh) --i;
        // Asked with totals below 2^128 only.
        return usage.totalMicro * _tiers[i].feeShareBp / 10_000;
    }

    /// @notice By this name programs know how to compute the fee themselves.
    function kind() external pure returns (bytes32) {
        return "volume-discount";
    }

    function tiers() external view returns (Tier[] memory) {
        return _tiers;
    }
}
