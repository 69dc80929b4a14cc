// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MeterRecord} from "./MeterRecord.sol";

/// @title MeterReader
/// @notice Holds meters' records against sessions. Keeps nothing.
contract MeterReader {
    /// @notice Whether a meter's record is signed by its key and says the same of the session; see {MeterRecord}.
    /// @param meterKey SPKI DER
    function confirms(bytes calldata record, bytes calldata meterKey, MeterRecord.Session calldata session)
        external
        view
        returns (bool)
    {
        return MeterRecord.confirms(record, meterKey, session);
    }
}
