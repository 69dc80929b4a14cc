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

    /// The place of the currency in a tariff's words.
    uint256 internal constant CURRENCY = 4;
    /// An offer whose tariff says all names no prices of the coming hours.
    bytes32 private constant NO_PRICES = 0;

    /// @notice The words that lead each kind of object on this network.
    struct TypeWords {
        bytes32 driverCertificate;
        bytes32 stationCertificate;
        bytes32 offer;
        bytes32 tariff;
        bytes32 authorization;
        bytes32 cdr;
    }

    /// @notice What the first and the last reading say: the words of a CDR before the readings' hash.
    struct Session {
        uint256 startedAt;
        uint256 endedAt;
        uint256 importedWh;
        uint256 exportedWh;
    }

    struct Ids {
        bytes32 driverCertificate;
        bytes32 stationCertificate;
        bytes32 authorization;
        bytes32 cdr;
    }

    /// @notice Computes the ids of all objects, each out of those before it, and checks their signatures: what belongs to
    /// something else has another id, for which there is no signature.
    function requireGenuine(
        IForcedClaims.ChargeEvidence calldata evidence,
        Session memory session,
        TypeWords memory types
    ) internal view returns (Ids memory ids) {
        ids.driverCertificate = sha256(
            abi.encodePacked(
                types.driverCertificate, evidence.driverProvider, _keyId(evidence.driverIssuer), _words(evidence.driver)
            )
        );
        if (!_isSigned(ids.driverCertificate, evidence.signatures[DRIVER], evidence.driverIssuer)) {
            revert IForcedClaims.BadDriverCertificateSignature();
        }
        ids.stationCertificate = sha256(
            abi.encodePacked(
                types.stationCertificate,
                evidence.stationProvider,
                _keyId(evidence.stationIssuer),
                _words(evidence.station)
            )
        );
        if (!_isSigned(ids.stationCertificate, evidence.signatures[STATION], evidence.stationIssuer)) {
            revert IForcedClaims.BadStationCertificateSignature();
        }
        IForcedClaims.PublicKey calldata station = evidence.station.publicKey;
        bytes32 offer = sha256(
            abi.encodePacked(
                types.offer,
                ids.stationCertificate,
                sha256(abi.encodePacked(types.tariff, evidence.tariff)),
                NO_PRICES,
                evidence.tariff[CURRENCY],
                _words(evidence.offer)
            )
        );
        if (!_isSigned(offer, evidence.signatures[OFFER], station)) revert IForcedClaims.BadOfferSignature();
        ids.authorization = sha256(
            abi.encodePacked(
                types.authorization,
                ids.driverCertificate,
                ids.stationCertificate,
                offer,
                _words(evidence.authorization)
            )
        );
        if (!_isSigned(ids.authorization, evidence.signatures[AUTHORIZATION], evidence.driver.publicKey)) {
            revert IForcedClaims.BadAuthorizationSignature();
        }
        ids.cdr = sha256(
            abi.encodePacked(
                types.cdr,
                ids.authorization,
                ids.stationCertificate,
                abi.encode(session),
                sha256(abi.encodePacked(evidence.readings)),
                _words(evidence.cdr)
            )
        );
        if (!_isSigned(ids.cdr, evidence.signatures[CDR], station)) revert IForcedClaims.BadCdrSignature();
    }

    // A struct of static fields lies in the calldata as its words, one after the other. Taken as they are, they are
    // hashed as they were signed; each field that counts is checked against its type where it is read.

    function _words(IForcedClaims.DriverCertificate calldata value) private pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := value
            words.length := 0x100
        }
    }

    function _words(IForcedClaims.StationCertificate calldata value) private pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := value
            words.length := 0x140
        }
    }

    function _words(IForcedClaims.Offer calldata value) private pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := value
            words.length := 0xc0
        }
    }

    function _words(IForcedClaims.Authorization calldata value) private pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := value
            words.length := 0x160
        }
    }

    function _words(IForcedClaims.ChargeDetailRecord calldata value) private pure returns (bytes calldata words) {
        assembly ("memory-safe") {
            words.offset := value
            words.length := 0xc0
        }
    }

    function _keyId(IForcedClaims.PublicKey calldata key) private pure returns (bytes32) {
        return sha256(abi.encodePacked(key.x, key.y));
    }

    function _isSigned(bytes32 id, IForcedClaims.Signature calldata signature, IForcedClaims.PublicKey calldata key)
        private
        view
        returns (bool)
    {
        return Evidence.isSigned(id, signature.r, signature.s, key.x, key.y);
    }

    /// @notice Whether certificates, offer and bounds allowed it.
    function requireAllowed(IForcedClaims.ChargeEvidence calldata evidence, Session memory session) internal pure {
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
        if (session.startedAt + CLOCK_TOLERANCE < signedAt) revert IForcedClaims.StartedBeforeAuthorized();
        if (authorization.maxEnergyWh > driver.maxEnergyWh) revert IForcedClaims.EnergyBoundOverCertificate();
        if (authorization.maxAmountMicro > driver.maxAmountMicro) revert IForcedClaims.AmountBoundOverCertificate();
        if (authorization.mayDischarge && !driver.mayDischarge) revert IForcedClaims.DischargeNotCertified();
        if (session.importedWh > authorization.maxEnergyWh) revert IForcedClaims.EnergyOverBound();
        if (session.exportedWh > 0 && !authorization.mayDischarge) revert IForcedClaims.DischargeNotAuthorized();
    }

    /// @notice What the first and the last reading say. That the readings between them never run back is for who prices
    /// them to see.
    function readSession(uint256[] calldata readings) internal pure returns (Session memory) {
        if (readings.length < 8 || readings.length % 4 != 0) revert IForcedClaims.InvalidReadings();
        uint256 last = readings.length - 4;
        if (
            readings[last + 1] < readings[1] || readings[last + 2] < readings[2] || readings[last] > type(uint64).max
                || readings[last + 1] > type(uint64).max || readings[last + 2] > type(uint64).max
                || readings[0] > readings[last]
        ) revert IForcedClaims.InvalidReadings();
        return Session({
            startedAt: readings[0],
            endedAt: readings[last],
            importedWh: readings[last + 1] - readings[1],
            exportedWh: readings[last + 2] - readings[2]
        });
    }
}
