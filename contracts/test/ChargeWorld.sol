// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Evidence} from "../src/Evidence.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IForcedClaims} from "../src/IForcedClaims.sol";
import {World} from "./World.sol";

/// @notice Makes the evidence of single charges, signed by all who sign: drivers and stations of any two members.
abstract contract ChargeWorld is World {
    uint256 private constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    uint64 internal constant MICRO_PER_KWH = 390_000;
    uint64 internal constant FEED_IN_MICRO_PER_KWH = 120_000;

    /// What tells one charge from another.
    struct Charge {
        bytes32 driverProvider;
        bytes32 stationProvider;
        address operator;
        uint64 signedAt;
        uint64 importedWh;
        uint64 exportedWh;
        bytes32 nonce;
    }

    /// 0.39 a kWh and nothing else, without tax: the words of tariff/encodeTariff.ts.
    function _tariff() internal pure returns (uint256[] memory) {
        return _words(
            abi.encodePacked(
                abi.encode(bytes32("DE"), bytes32("BBB"), bytes32("garage"), bytes32(0), bytes32("EUR")),
                abi.encode(uint256(0), uint256(0), uint256(0), uint256(0), uint256(0), uint256(0), uint256(1)),
                abi.encode(uint256(0), uint256(1), uint256(1), uint256(MICRO_PER_KWH), uint256(0), uint256(1))
            )
        );
    }

    function _words(bytes memory encoded) internal pure returns (uint256[] memory) {
        return abi.decode(abi.encodePacked(uint256(32), encoded.length / 32, encoded), (uint256[]));
    }

    function _evidence(Charge memory charge) internal returns (IForcedClaims.ChargeEvidence memory evidence) {
        uint64 startedAt = charge.signedAt + 30;
        evidence.driverProvider = charge.driverProvider;
        evidence.driverIssuer = _publicKey(charge.driverProvider);
        evidence.stationProvider = charge.stationProvider;
        evidence.stationIssuer = _publicKey(charge.stationProvider);
        evidence.driver = IForcedClaims.DriverCertificate({
            emaid: keccak256("salted emaid"),
            publicKey: _publicKey("driver"),
            notBefore: charge.signedAt - 1 days,
            notAfter: charge.signedAt + 14 days,
            maxEnergyWh: 100_000,
            maxAmountMicro: 80_000_000,
            mayDischarge: true
        });
        evidence.station.evseId = keccak256("salted evse id");
        evidence.station.operatorAccount = charge.operator;
        evidence.station.publicKey = _publicKey("station");
        evidence.station.meterKeyHash = keccak256("meter key");
        evidence.station.notBefore = charge.signedAt - 30 days;
        evidence.station.notAfter = charge.signedAt + 300 days;
        evidence.station.hardwareModel = "Garage 11 kW";
        evidence.offer = IForcedClaims.Offer({
            timeZone: "Europe/Berlin",
            maxPowerW: 11_000,
            feedInMicroPerKwh: FEED_IN_MICRO_PER_KWH,
            issuedAt: charge.signedAt - 30,
            expiresAt: charge.signedAt + 300,
            nonce: charge.nonce
        });
        evidence.authorization.signedAt = charge.signedAt;
        evidence.authorization.nonce = charge.nonce;
        evidence.authorization.maxEnergyWh = 60_000;
        evidence.authorization.maxAmountMicro = 40_000_000;
        evidence.authorization.mayDischarge = true;
        evidence.tariff = _tariff();
        evidence.readings = _words(
            abi.encodePacked(
                abi.encode(uint256(startedAt), uint256(1_000), uint256(500), uint256(1)),
                abi.encode(
                    uint256(startedAt) + 3_600,
                    1_000 + uint256(charge.importedWh),
                    500 + uint256(charge.exportedWh),
                    uint256(1)
                )
            )
        );
        evidence.cdr.meterRecordHash = keccak256("meter record");
        evidence.cdr.chargeMicro = charge.importedWh * (MICRO_PER_KWH / 1_000);
        evidence.cdr.creditMicro = charge.exportedWh * FEED_IN_MICRO_PER_KWH / 1_000;
        evidence.cdr.journalNumber = 7;
        _signAll(evidence);
    }

    /// Ids and signatures as protocol/ has them, each over the ids before it.
    function _signAll(IForcedClaims.ChargeEvidence memory evidence) internal returns (bytes32 authorizationId) {
        bytes32 driverId = sha256(
            abi.encode(
                Evidence.typeWord("DriverCertificate", NETWORK),
                evidence.driverProvider,
                sha256(abi.encode(evidence.driverIssuer)),
                evidence.driver
            )
        );
        bytes32 stationId = sha256(
            abi.encode(
                Evidence.typeWord("StationCertificate", NETWORK),
                evidence.stationProvider,
                sha256(abi.encode(evidence.stationIssuer)),
                evidence.station
            )
        );
        bytes32 tariffId = sha256(abi.encodePacked(Evidence.typeWord("Tariff", NETWORK), evidence.tariff));
        bytes32 offerId = sha256(
            abi.encode(
                Evidence.typeWord("Offer", NETWORK), stationId, tariffId, bytes32(0), evidence.tariff[4], evidence.offer
            )
        );
        authorizationId = sha256(
            abi.encode(
                Evidence.typeWord("Authorization", NETWORK), driverId, stationId, offerId, evidence.authorization
            )
        );
        evidence.signatures[0] = _signP256(evidence.driverProvider, driverId);
        evidence.signatures[1] = _signP256(evidence.stationProvider, stationId);
        evidence.signatures[2] = _signP256("station", offerId);
        evidence.signatures[3] = _signP256("driver", authorizationId);
        evidence.signatures[4] = _signP256("station", _cdrId(evidence, authorizationId, stationId));
    }

    function _cdrId(IForcedClaims.ChargeEvidence memory evidence, bytes32 authorizationId, bytes32 stationId)
        private
        pure
        returns (bytes32)
    {
        return sha256(
            abi.encode(
                Evidence.typeWord("ChargeDetailRecord", NETWORK),
                authorizationId,
                stationId,
                _session(evidence.readings),
                sha256(abi.encodePacked(evidence.readings)),
                evidence.cdr
            )
        );
    }

    /// Time and energy between the first and the last reading.
    function _session(uint256[] memory readings) private pure returns (uint256[4] memory) {
        uint256 last = readings.length - 4;
        return [readings[0], readings[last], readings[last + 1] - readings[1], readings[last + 2] - readings[2]];
    }

    function _publicKey(bytes32 name) internal returns (IForcedClaims.PublicKey memory) {
        IConsortium.PublicKey memory key = _certificateKey(name);
        return IForcedClaims.PublicKey({x: key.x, y: key.y});
    }

    function _signP256(bytes32 name, bytes32 id) internal pure returns (IForcedClaims.Signature memory) {
        (bytes32 r, bytes32 s) = vm.signP256(_p256Secret(name), id);
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        return IForcedClaims.Signature({r: r, s: s});
    }
}
