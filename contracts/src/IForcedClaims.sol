// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IForcedClaims
/// @notice Collects a charge whose debtor does not sign: whoever holds the evidence brings it, the contract judges it as
/// both providers do and computes the price anew, and after a window in which the debtor may object it is paid.
/// @dev What is signed off the chain is a row of 32-byte words (docs/protocol.md). Of these words the evidence leaves out
/// those that the contract computes itself: type words, ids of other objects, hashes. A wrong one therefore shows as a
/// signature that does not fit.
interface IForcedClaims {
    /// @notice Charge: the operator's side claims from the driver's provider. Credit: the driver's provider claims, from
    /// the operator's, the credit for energy that the car gave back.
    enum Direction {
        Charge,
        Credit
    }

    enum Objection {
        Settled,
        Revoked,
        Meter
    }

    /// @notice Void is what an objection held against; it can never be raised again.
    enum Status {
        None,
        Raised,
        Paid,
        Void
    }

    struct Signature {
        bytes32 r;
        bytes32 s;
    }

    struct PublicKey {
        bytes32 x;
        bytes32 y;
    }

    /// @notice The words of a driver certificate after the provider's id and the issuer's key id.
    struct DriverCertificate {
        bytes32 emaid;
        PublicKey publicKey;
        uint64 notBefore;
        uint64 notAfter;
        uint64 maxEnergyWh;
        uint64 maxAmountMicro;
        bool mayDischarge;
    }

    /// @notice The words of a station certificate after the provider's id and the issuer's key id.
    /// @param metrologyClass 0 energy and time may be billed, 1 time only, 2 neither
    struct StationCertificate {
        bytes32 evseId;
        address operatorAccount;
        PublicKey publicKey;
        bytes32 meterKeyHash;
        uint64 notBefore;
        uint64 notAfter;
        bytes32 hardwareModel;
        bytes32 certificationHash;
        uint8 metrologyClass;
    }

    /// @notice The words of an offer after the tariff's id, without those for prices that the evidence does not hold and
    /// for the currency, which is the tariff's.
    struct Offer {
        bytes32 timeZone;
        uint64 maxPowerW;
        uint64 feedInMicroPerKwh;
        uint64 issuedAt;
        uint64 expiresAt;
        bytes32 nonce;
    }

    /// @notice The words of an authorization after the ids of both certificates and the offer.
    struct Authorization {
        uint64 signedAt;
        bytes32 nonce;
        uint64 maxEnergyWh;
        uint64 maxAmountMicro;
        uint8 mode;
        uint64 startAt;
        uint64 leaveAt;
        uint64 maxPowerW;
        bool mayDischarge;
        uint64 reserveWh;
        uint64 targetWh;
    }

    /// @notice The words of a CDR after the readings' hash; those before it follow from the readings.
    struct ChargeDetailRecord {
        bytes32 meterRecordHash;
        uint64 chargeMicro;
        uint64 creditMicro;
        uint8 endReason;
        uint64 journalNumber;
        bytes32 journalPreviousHash;
    }

    /// @notice All that the contract judges.
    /// @param driverProvider member id of the driver's provider
    /// @param driverIssuer the key with which it signed the driver certificate
    /// @param stationProvider member id of the operator's provider
    /// @param stationIssuer the key with which it signed the station certificate
    /// @param signatures of driver certificate, station certificate, offer, authorization, CDR
    /// @param tariff the words of the tariff's encoding (tariff/encodeTariff.ts)
    /// @param readings four words each: time, import and export register in Wh, 1 charging or 0 parking
    struct ChargeEvidence {
        bytes32 driverProvider;
        PublicKey driverIssuer;
        DriverCertificate driver;
        bytes32 stationProvider;
        PublicKey stationIssuer;
        StationCertificate station;
        Offer offer;
        Authorization authorization;
        ChargeDetailRecord cdr;
        Signature[5] signatures;
        uint256[] tariff;
        uint256[] readings;
    }

    /// @notice Shows that a CDR was handed in in time although it is brought late.
    /// @param root zero where the claim is raised within the deadline
    /// @param proof from the leaf (type word `HandIn`, CDR id) to the root
    struct HandIn {
        bytes32 root;
        bytes32[] proof;
    }

    /// @notice A claim that the contract found good. It keeps only the hash; the data are in the event.
    /// @param certificateId of the certificate that the debtor issued: the driver's, or for a credit the station's
    /// @param startedAt time of the first reading, `endedAt` of the last
    /// @param importBeginWh register at the first reading, and so on
    /// @param payee the operator's account as certified; zero for a credit, which goes to the account that the driver's
    /// provider has when it is paid
    /// @param maker who raised it; `makerId` is zero where that was no member, who then left `bondMicro`
    /// @param payableFrom the first second in which it can be paid and no longer objected to; the end of all time while
    /// the debtor waits for the meter's record
    /// @param recordDemanded whether the debtor has used its one demand
    /// @param billedByTime whether time was billed, so that the meter's clock must be good
    struct Claim {
        bytes32 authorizationId;
        bytes32 cdrId;
        bytes32 agreementId;
        bytes32 debtor;
        bytes32 creditor;
        Direction direction;
        bytes32 certificateId;
        bytes32 meterKeyHash;
        bytes32 meterRecordHash;
        uint64 signedAt;
        uint64 startedAt;
        uint64 endedAt;
        uint64 importBeginWh;
        uint64 importEndWh;
        uint64 exportBeginWh;
        uint64 exportEndWh;
        uint128 amountMicro;
        address payee;
        address maker;
        bytes32 makerId;
        uint128 bondMicro;
        uint64 payableFrom;
        bool recordDemanded;
        bool billedByTime;
    }

    event ForcedClaimRaised(bytes32 indexed claimId, bytes32 indexed debtor, bytes32 indexed creditor, Claim claim);
    /// @param held whether the claim fell
    /// @param feeMicro what the loser was charged; zero where its limit did not allow it
    event ForcedClaimObjected(
        bytes32 indexed claimId,
        bytes32 indexed debtor,
        bytes32 indexed creditor,
        Objection kind,
        bool held,
        uint256 feeMicro
    );
    /// @notice The debtor asked for the meter's record; the claim waits until somebody shows it.
    event MeterRecordDemanded(bytes32 indexed claimId, bytes32 indexed debtor, bytes32 indexed creditor, Claim claim);
    /// @notice The record is in the transaction's data; `claim` has its window anew.
    event MeterRecordShown(bytes32 indexed claimId, bytes32 indexed debtor, bytes32 indexed creditor, Claim claim);
    event ForcedClaimPaid(
        bytes32 indexed claimId,
        bytes32 indexed debtor,
        bytes32 indexed creditor,
        address payee,
        uint256 payeeMicro,
        uint256 feeMicro
    );
    event HandInAnchored(bytes32 indexed root, uint64 anchoredAt);
    event RevocationsAnchored(bytes32 indexed memberId, bytes32 indexed root, uint64 anchoredAt);

    // The judgement, in the order of precedence. Where the name follows protocol/EvidenceRefusal.ts, so does the meaning.

    /// @notice The certificate key is none of the driver's provider, or retired longer than the grace before the signing.
    error UnknownDriverProvider();
    /// @notice The certificate key is none of the operator's provider, or retired longer than the grace before the signing.
    error UnknownStationProvider();
    /// @notice Debtor and creditor are the same: nothing to clear.
    error SameMember();
    /// @notice The two had no agreement in force when the driver signed.
    error AgreementMissing();
    /// @notice The debtor was no member when the driver signed, or suspended or removed longer than the grace before.
    error DebtorNotLiable();
    /// @notice Tariff, agreement and token are not in the same currency.
    error CurrencyMismatch();
    error BadDriverCertificateSignature();
    error BadStationCertificateSignature();
    error BadOfferSignature();
    error BadAuthorizationSignature();
    error BadCdrSignature();
    error DriverCertificateNotYetValid();
    error DriverCertificateExpired();
    error StationCertificateNotYetValid();
    error StationCertificateExpired();
    error AuthorizedBeforeOffer();
    error OfferExpired();
    error StartedBeforeAuthorized();
    error EnergyBoundOverCertificate();
    error AmountBoundOverCertificate();
    error DischargeNotCertified();
    /// @notice No whole readings, fewer than two, more than MAX_READINGS, or time or a register runs back.
    error InvalidReadings();
    error EnergyOverBound();
    error DischargeNotAuthorized();
    /// @notice Longer or more than a session may be, or cut by the tariff's times into fractions too fine to add up.
    error SessionNotPriceable();
    /// @notice The tariff has rows that the contract does not know, or not in their canonical form.
    error TariffNotPriceable();
    error ChargeOverBound();
    /// @notice The charge is not the tariff's price within the driver's bound.
    error ChargeMismatch(uint256 dueMicro);
    error MeterNotBillable();
    error CreditMismatch(uint256 dueMicro);
    /// @notice There is nothing to claim in this direction.
    error AmountMissing();
    /// @notice The session ends after the present.
    error SessionNotEnded();
    /// @notice Brought after the hand-in deadline without proof of a hand-in before it.
    error HandedInTooLate(uint256 deadline);
    /// @notice Raised, paid or void already, here or at a predecessor.
    error ClaimExists(bytes32 claimId);

    /// @notice Not the claim that stands, or none stands.
    error ClaimUnknown(bytes32 claimId);
    /// @notice Only the debtor objects.
    error NotTheDebtor();
    /// @notice The window has closed.
    error ObjectionTooLate(uint64 payableFrom);
    /// @notice The window is open, or the debtor waits for the meter's record.
    error NotPayableYet(uint64 payableFrom);
    /// @notice The debtor demanded the record before.
    error RecordDemandedAlready();
    /// @notice Nobody asked for the record.
    error RecordNotDemanded();
    /// @notice The record is not the one that the CDR names.
    error RecordMismatch();
    /// @notice The key is not the one that the station certificate names.
    error MeterKeyMismatch();
    /// @notice The key is not P-256, or the record has another form than ours: the contract can say nothing about it.
    error MeterRecordUnreadable();
    /// @notice At construction: a partner is made for another, or the token that is succeeded is still open.
    error PartnerMismatch();
    error RootMissing();
    /// @notice Only members anchor revocations.
    error NotAMember();

    /// @notice Raises a claim. A member pays a dispute fee if it falls; anybody else leaves it as a bond, for which the
    /// contract must have an allowance, and gets it back when the claim is paid.
    /// @return claimId of authorization and direction
    function raise(Direction direction, ChargeEvidence calldata evidence, HandIn calldata handIn)
        external
        returns (bytes32 claimId);

    /// @notice Objects that the authorization was settled in a batch of the channel.
    /// @param cdrId of the charge that was settled, which may be another one than the claim's, with its `chargeMicro`
    function objectSettled(
        Claim calldata claim,
        uint64 sequence,
        bytes32 cdrId,
        uint256 chargeMicro,
        bytes32[] calldata proof
    ) external;

    /// @notice Objects that the debtor had revoked the certificate, and anchored it longer than the grace before signing.
    /// @param proof from the leaf (type word `RevokedCertificate`, certificate id) to the root
    function objectRevoked(Claim calldata claim, bytes32 root, bytes32[] calldata proof) external;

    /// @notice Objects that the meter's record is not signed by the certified key, or says another thing than the CDR.
    /// @param meterKey SPKI DER, whose hash the station certificate names
    /// @param record the record byte by byte, whose hash the CDR names
    function objectMeter(Claim calldata claim, bytes calldata meterKey, bytes calldata record) external;

    /// @notice Asks for the meter's record, once: until it is shown the claim cannot be paid.
    function demandRecord(Claim calldata claim) external;

    /// @notice Shows the record that was demanded; the window begins anew. Anyone may call.
    function showRecord(Claim calldata claim, bytes calldata record) external;

    /// @notice Pays a claim whose window has closed. Anyone may call.
    function pay(Claim calldata claim) external;

    /// @notice Puts on record that what is under a root was handed in by now. Anyone may call; the first time counts.
    /// @param root tree of (type word `HandIn`, CDR id)
    function anchorHandIn(bytes32 root) external;

    /// @notice Puts on record which certificates the calling member has revoked by now.
    /// @param root tree of (type word `RevokedCertificate`, certificate id)
    function anchorRevocations(bytes32 root) external;

    function claimIdOf(bytes32 authorizationId, Direction direction) external pure returns (bytes32 claimId);
    function statusOf(bytes32 claimId) external view returns (Status);
    /// @notice Whether a charge is in the batch that was settled in a channel under a sequence number, here or before.
    function isSettled(
        bytes32 channelId,
        uint64 sequence,
        bytes32 authorizationId,
        bytes32 cdrId,
        uint256 chargeMicro,
        bytes32[] calldata proof
    ) external view returns (bool);
    /// @notice When a root was first anchored; zero if never.
    function handInAnchoredAt(bytes32 root) external view returns (uint64);
    function revocationsAnchoredAt(bytes32 memberId, bytes32 root) external view returns (uint64);
}
