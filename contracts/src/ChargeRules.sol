// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Evidence} from "./Evidence.sol";
import {IForcedClaims} from "./IForcedClaims.sol";

/// @title ChargeRules
/// @notice The judgement of one charge as protocol/verifyEvidence.ts has it, in the same order: whether everything is
/// genuine and belongs together, then whether it was allowed, then whether it adds up.
library ChargeRules {
    /// @notice How far the clocks of phone and station may lie apart, in seconds.
    uint256 internal constant CLOCK_TOLERANCE = 120;

    uint256 private constant DRIVER = 0;
    uint256 private constant STATION = 1;
    uint256 private constant OFFER = 2;
    uint256 private constant AUTHORIZATION = 3;
    uint256 private constant CDR = 4;

    /// @notice The words that lead each kind of object on this network.
    struct TypeWords {
        bytes32 driverCertificate;
        bytes32 stationCertificate;
        bytes32 offer;
        bytes32 tariff;
        bytes32 authorization;
        bytes32 cdr;
    }

    struct Ids {
        bytes32 driverCertificate;
        bytes32 stationCertificate;
        bytes32 authorization;
        bytes32 cdr;
    }

    /// @notice Computes the ids of all objects, each out of those before it, and checks their signatures: what belongs to
    /// something else has another id, for which there is no signature.
    function requireGenuine(IForcedClaims.ChargeEvidence calldata evidence, TypeWords memory types)
        internal
        view
        returns (Ids memory ids)
    {
        ids.driverCertificate = sha256(
            abi.encode(
                types.driverCertificate,
                evidence.driverProvider,
                sha256(abi.encode(evidence.driverIssuer)),
                evidence.driver
            )
        );
        if (!_isSigned(ids.driverCertificate, evidence.signatures[DRIVER], evidence.driverIssuer)) {
            revert IForcedClaims.BadDriverCertificateSignature();
        }
        ids.stationCertificate = sha256(
            abi.encode(
                types.stationCertificate,
                evidence.stationProvider,
                sha256(abi.encode(evidence.stationIssuer)),
                evidence.station
            )
        );
        if (!_isSigned(ids.stationCertificate, evidence.signatures[STATION], evidence.stationIssuer)) {
            revert IForcedClaims.BadStationCertificateSignature();
        }
        IForcedClaims.PublicKey calldata station = evidence.station.publicKey;
        bytes32 offer = sha256(
            abi.encode(
                types.offer,
                ids.stationCertificate,
                sha256(abi.encodePacked(types.tariff, evidence.tariff)),
                evidence.offer
            )
        );
        if (!_isSigned(offer, evidence.signatures[OFFER], station)) revert IForcedClaims.BadOfferSignature();
        if (evidence.tariff.length < 5) revert IForcedClaims.TariffNotPriceable();
        if (evidence.offer.currency != bytes32(evidence.tariff[4])) revert IForcedClaims.CurrencyMismatch();
        if (evidence.offer.pricesId != 0) revert IForcedClaims.UnknownPrices();

        ids.authorization = sha256(
            abi.encode(
                types.authorization, ids.driverCertificate, ids.stationCertificate, offer, evidence.authorization
            )
        );
        if (!_isSigned(ids.authorization, evidence.signatures[AUTHORIZATION], evidence.driver.publicKey)) {
            revert IForcedClaims.BadAuthorizationSignature();
        }
        ids.cdr = sha256(
            abi.encode(
                types.cdr,
                ids.authorization,
                ids.stationCertificate,
                evidence.session,
                sha256(abi.encodePacked(evidence.readings)),
                evidence.account
            )
        );
        if (!_isSigned(ids.cdr, evidence.signatures[CDR], station)) revert IForcedClaims.BadCdrSignature();
    }

    function _isSigned(bytes32 id, IForcedClaims.Signature calldata signature, IForcedClaims.PublicKey calldata key)
        private
        view
        returns (bool)
    {
        return Evidence.isSigned(id, signature.r, signature.s, key.x, key.y);
    }

    /// @notice Whether certificates, offer and bounds allowed it when the driver signed.
    function requireAllowed(IForcedClaims.ChargeEvidence calldata evidence) internal pure {
        IForcedClaims.DriverCertificate calldata driver = evidence.driver;
        IForcedClaims.StationCertificate calldata station = evidence.station;
        IForcedClaims.Offer calldata offer = evidence.offer;
        IForcedClaims.Authorization calldata authorization = evidence.authorization;
        uint256 signedAt = authorization.signedAt;
        if (signedAt < driver.notBefore) revert IForcedClaims.DriverCertificateNotYetValid();
        if (signedAt >= driver.notAfter) revert IForcedClaims.DriverCertificateExpired();
        if (signedAt < station.notBefore) revert IForcedClaims.StationCertificateNotYetValid();
        if (signedAt >= station.notAfter) revert IForcedClaims.StationCertificateExpired();
        if (signedAt + CLOCK_TOLERANCE < offer.issuedAt) revert IForcedClaims.AuthorizedBeforeOffer();
        if (signedAt >= offer.expiresAt) revert IForcedClaims.OfferExpired();
        if (evidence.session.startedAt + CLOCK_TOLERANCE < signedAt) revert IForcedClaims.StartedBeforeAuthorized();
        if (authorization.maxEnergyWh > driver.maxEnergyWh) revert IForcedClaims.EnergyBoundOverCertificate();
        if (authorization.maxAmountMicro > driver.maxAmountMicro) revert IForcedClaims.AmountBoundOverCertificate();
        if (authorization.mayDischarge && !driver.mayDischarge) revert IForcedClaims.DischargeNotCertified();
    }

    /// @notice The registers of the first and the last reading.
    struct Registers {
        uint64 importBeginWh;
        uint64 importEndWh;
        uint64 exportBeginWh;
        uint64 exportEndWh;
    }

    /// @notice Whether the CDR says what its first and last reading say, within the bounds that the driver signed. That
    /// the readings between them never run back is for who prices them to see.
    function requireReadings(IForcedClaims.ChargeEvidence calldata evidence)
        internal
        pure
        returns (Registers memory registers)
    {
        uint256[] calldata readings = evidence.readings;
        if (readings.length < 8 || readings.length % 4 != 0) revert IForcedClaims.InvalidReadings();
        uint256 last = readings.length - 4;
        (uint256 firstImport, uint256 lastImport) = (readings[1], readings[last + 1]);
        (uint256 firstExport, uint256 lastExport) = (readings[2], readings[last + 2]);
        if (
            lastImport < firstImport || lastExport < firstExport || lastImport > type(uint64).max
                || lastExport > type(uint64).max
        ) revert IForcedClaims.InvalidReadings();
        IForcedClaims.CdrSession calldata session = evidence.session;
        if (
            session.startedAt != readings[0] || session.endedAt != readings[last]
                || session.importedWh != lastImport - firstImport || session.exportedWh != lastExport - firstExport
        ) revert IForcedClaims.ReadingsDoNotAddUp();
        if (session.importedWh > evidence.authorization.maxEnergyWh) revert IForcedClaims.EnergyOverBound();
        if (session.exportedWh > 0 && !evidence.authorization.mayDischarge) {
            revert IForcedClaims.DischargeNotAuthorized();
        }
        // Both are below 2^64, and so is what is not more than they.
        registers = Registers(uint64(firstImport), uint64(lastImport), uint64(firstExport), uint64(lastExport));
    }
}
