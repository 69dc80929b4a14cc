// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IPeeringTerms
/// @notice What a pair's own terms contract answers. It is asked and never obeyed: Clearing gives it a bounded amount
/// of gas in a call that can change nothing, takes at most one word from it, and never lets the fee be more than the
/// total. One that fails, gives no word or is not there is as if the pair had none.
interface IPeeringTerms {
    /// @notice What was charged: a batch, or the one charge of a forced claim.
    /// @param debtor the drivers' provider
    /// @param creditor the operators' provider
    /// @param from first second, `to` the first second after: of the period, or of the charge
    /// @param count number of charges
    /// @param totalMicro what they come to, fee included
    struct Usage {
        bytes32 debtor;
        bytes32 creditor;
        uint64 from;
        uint64 to;
        uint64 count;
        uint64 energyWh;
        uint256 totalMicro;
    }

    /// @notice The fee for it, in micro-units.
    function feeMicro(Usage calldata usage) external view returns (uint256);
}
