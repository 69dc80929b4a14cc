// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {ChargeRules} from "./ChargeRules.sol";
import {Evidence} from "./Evidence.sol";
import {IChargeToken} from "./IChargeToken.sol";
import {IClearing} from "./IClearing.sol";
import {IConsortium} from "./IConsortium.sol";
import {IForcedClaims} from "./IForcedClaims.sol";
import {IPeering} from "./IPeering.sol";
import {IPeeringTerms} from "./IPeeringTerms.sol";
import {MeterReader} from "./MeterReader.sol";
import {MeterRecord} from "./MeterRecord.sol";
import {Pricing} from "./Pricing.sol";
import {TariffPrice} from "./TariffPrice.sol";

/// @title ForcedClaims
/// @notice See {IForcedClaims}.
contract ForcedClaims is IForcedClaims {
    using SafeERC20 for IERC20;

    IConsortium public immutable consortium;
    IPeering public immutable peering;
    IClearing public immutable clearing;
    IERC20 public immutable chargeToken;
    Pricing public immutable pricing;
    MeterReader public immutable meterReader;
    /// The claims beside the token that this one's succeeds, zero if there is none: what was paid, void or anchored
    /// there stays so.
    IForcedClaims public immutable predecessor;
    bytes3 private immutable _currency;
    bytes32 private immutable _driverCertificateType;
    bytes32 private immutable _stationCertificateType;
    bytes32 private immutable _offerType;
    bytes32 private immutable _tariffType;
    bytes32 private immutable _authorizationType;
    bytes32 private immutable _cdrType;
    bytes32 private immutable _handInType;
    bytes32 private immutable _revokedType;

    bytes32 private constant PAID = bytes32(uint256(1));
    bytes32 private constant VOID = bytes32(uint256(2));
    uint64 private constant NEVER = type(uint64).max;

    /// The claim's hash while it stands, then PAID or VOID.
    mapping(bytes32 claimId => bytes32) private _claims;
    mapping(bytes32 root => uint64) private _handInAnchoredAt;
    mapping(bytes32 memberId => mapping(bytes32 root => uint64)) private _revocationsAnchoredAt;

    constructor(IClearing clearing_, Pricing pricing_, MeterReader meterReader_) {
        IConsortium consortium_ = clearing_.consortium();
        if (clearing_.forcedClaims() != address(this) || address(pricing_.consortium()) != address(consortium_)) {
            revert PartnerMismatch();
        }
        consortium = consortium_;
        peering = clearing_.peering();
        clearing = clearing_;
        pricing = pricing_;
        meterReader = meterReader_;
        IChargeToken token = clearing_.chargeToken();
        chargeToken = IERC20(address(token));
        _currency = token.currency();
        address closedToken = token.predecessor();
        // Otherwise a claim could be raised at both while both pay.
        if (closedToken != address(0) && !IChargeToken(closedToken).isClosed()) revert PartnerMismatch();
        predecessor = IForcedClaims(
            closedToken == address(0) ? address(0) : IClearing(IChargeToken(closedToken).clearing()).forcedClaims()
        );
        bytes32 networkId = consortium_.networkId();
        _driverCertificateType = Evidence.typeWord("DriverCertificate", networkId);
        _stationCertificateType = Evidence.typeWord("StationCertificate", networkId);
        _offerType = Evidence.typeWord("Offer", networkId);
        _tariffType = Evidence.typeWord("Tariff", networkId);
        _authorizationType = Evidence.typeWord("Authorization", networkId);
        _cdrType = Evidence.typeWord("ChargeDetailRecord", networkId);
        _handInType = Evidence.typeWord("HandIn", networkId);
        _revokedType = Evidence.typeWord("RevokedCertificate", networkId);
    }

    // ------------------------------------------------------------------------------------------------------ raise

    /// @inheritdoc IForcedClaims
    function raise(Direction direction, ChargeEvidence calldata evidence, HandIn calldata handIn)
        external
        returns (bytes32 claimId)
    {
        Claim memory claim;
        claim.direction = direction;
        claim.signedAt = evidence.authorization.signedAt;
        IPeering.ClaimTerms memory terms = _requireAgreed(claim, evidence);
        _judge(claim, evidence);
        _requireInTime(claim, terms.handInDeadlineS, handIn);

        claimId = claimIdOf(claim.authorizationId, direction);
        if (_claims[claimId] != 0 || _isClosedBefore(claimId)) revert ClaimExists(claimId);
        claim.payableFrom = uint64(block.timestamp) + terms.objectionWindowS;
        claim.maker = msg.sender;
        claim.makerId = _memberOf(msg.sender, claim.creditor);
        if (claim.makerId == 0) claim.bondMicro = peering.agreement(claim.agreementId).terms.disputeFeeMicro;
        _claims[claimId] = _hash(claim);
        emit ForcedClaimRaised(claimId, claim.debtor, claim.creditor, claim);
        if (claim.bondMicro != 0) chargeToken.safeTransferFrom(msg.sender, address(this), claim.bondMicro);
    }

    /// @dev Who owes whom, what they agreed, and whether the keys and the debtor held good when the driver signed.
    function _requireAgreed(Claim memory claim, ChargeEvidence calldata evidence)
        private
        view
        returns (IPeering.ClaimTerms memory terms)
    {
        (bytes32 driverProvider, bytes32 stationProvider) = (evidence.driverProvider, evidence.stationProvider);
        if (driverProvider == stationProvider) revert SameMember();
        (claim.debtor, claim.creditor) =
            claim.direction == Direction.Charge ? (driverProvider, stationProvider) : (stationProvider, driverProvider);
        (claim.agreementId, terms) = peering.claimTerms(driverProvider, stationProvider, claim.signedAt);
        if (claim.agreementId == 0) revert AgreementMissing();
        if (
            terms.currency != _currency || evidence.tariff.length <= ChargeRules.CURRENCY
                || bytes32(terms.currency) != bytes32(evidence.tariff[ChargeRules.CURRENCY])
        ) {
            revert CurrencyMismatch();
        }
        if (!_isTrusted(driverProvider, evidence.driverIssuer, claim.signedAt, terms.graceS)) {
            revert UnknownDriverProvider();
        }
        if (!_isTrusted(stationProvider, evidence.stationIssuer, claim.signedAt, terms.graceS)) {
            revert UnknownStationProvider();
        }
        if (!consortium.isLiable(claim.debtor, claim.signedAt, terms.graceS)) revert DebtorNotLiable();
    }

    /// @dev A key that was retired still counts for what was signed within the grace.
    function _isTrusted(bytes32 memberId, PublicKey calldata key, uint256 signedAt, uint256 graceS)
        private
        view
        returns (bool)
    {
        (uint64 addedAt, uint64 retiredAt) = consortium.keyTimes(memberId, key.x, key.y);
        return addedAt != 0 && (retiredAt == 0 || signedAt < retiredAt + graceS);
    }

    /// @dev The judgement; fills in what it establishes.
    function _judge(Claim memory claim, ChargeEvidence calldata evidence) private view {
        ChargeRules.Session memory session = ChargeRules.readSession(evidence.readings);
        ChargeRules.Ids memory ids = ChargeRules.requireGenuine(evidence, session, _typeWords());
        ChargeRules.requireAllowed(evidence, session);
        claim.billedByTime = _requireCharge(evidence, session.exportedWh);

        bool isCharge = claim.direction == Direction.Charge;
        uint256 last = evidence.readings.length - 4;
        claim.authorizationId = ids.authorization;
        claim.cdrId = ids.cdr;
        claim.certificateId = isCharge ? ids.driverCertificate : ids.stationCertificate;
        claim.meterKeyHash = evidence.station.meterKeyHash;
        claim.meterRecordHash = evidence.cdr.meterRecordHash;
        // Times and registers of the last reading are below 2^64, and those of the first are not above them.
        claim.startedAt = uint64(session.startedAt);
        claim.endedAt = uint64(session.endedAt);
        claim.importBeginWh = uint64(evidence.readings[1]);
        claim.importEndWh = uint64(evidence.readings[last + 1]);
        claim.exportBeginWh = uint64(evidence.readings[2]);
        claim.exportEndWh = uint64(evidence.readings[last + 2]);
        claim.amountMicro = isCharge ? evidence.cdr.chargeMicro : evidence.cdr.creditMicro;
        if (claim.amountMicro == 0) revert AmountMissing();
        if (isCharge) claim.payee = evidence.station.operatorAccount;
    }

    /// @dev Whether the charge is what the tariff asks, within the driver's bound, and may be billed so.
    function _requireCharge(ChargeEvidence calldata evidence, uint256 exportedWh)
        private
        view
        returns (bool billedByTime)
    {
        TariffPrice.Price memory owed = pricing.price(evidence.offer.timeZone, evidence.tariff, evidence.readings);
        uint256 boundMicro = evidence.authorization.maxAmountMicro;
        if (evidence.cdr.chargeMicro > boundMicro) revert ChargeOverBound();
        uint256 dueMicro = owed.inclVatMicro < boundMicro ? owed.inclVatMicro : boundMicro;
        if (evidence.cdr.chargeMicro != dueMicro) revert ChargeMismatch(dueMicro);
        uint8 metrologyClass = evidence.station.metrologyClass;
        if ((metrologyClass != 0 && owed.energyIsBilled) || (metrologyClass > 1 && owed.timeIsBilled)) {
            revert MeterNotBillable();
        }
        uint256 creditMicro = (exportedWh * evidence.offer.feedInMicroPerKwh) / 1_000;
        if (evidence.cdr.creditMicro != creditMicro) revert CreditMismatch(creditMicro);
        return owed.timeIsBilled;
    }

    function _requireInTime(Claim memory claim, uint256 handInDeadlineS, HandIn calldata handIn) private view {
        if (claim.endedAt > block.timestamp + ChargeRules.CLOCK_TOLERANCE) revert SessionNotEnded();
        uint256 deadline = claim.endedAt + handInDeadlineS;
        if (block.timestamp <= deadline) return;
        // A claim that its predecessor's end left undecided came in time once.
        if (
            address(predecessor) != address(0)
                && predecessor.statusOf(claimIdOf(claim.authorizationId, claim.direction)) != Status.None
        ) return;
        uint256 anchoredAt = handInAnchoredAt(handIn.root);
        if (
            anchoredAt == 0 || anchoredAt > deadline
                || !MerkleProof.verifyCalldata(handIn.proof, handIn.root, _leaf(_handInType, claim.cdrId))
        ) revert HandedInTooLate(deadline);
    }

    /// @dev The creditor itself is asked for first, because it is the one who mostly claims.
    function _memberOf(address account, bytes32 creditor) private view returns (bytes32) {
        try consortium.requireMember(creditor) returns (address creditorAccount) {
            if (creditorAccount == account) return creditor;
        } catch {} // removed meanwhile
        return consortium.memberOf(account);
    }

    function _isClosedBefore(bytes32 claimId) private view returns (bool) {
        if (address(predecessor) == address(0)) return false;
        Status before = predecessor.statusOf(claimId);
        return before == Status.Paid || before == Status.Void;
    }

    // --------------------------------------------------------------------------------------------------- objections

    /// @inheritdoc IForcedClaims
    function objectSettled(
        Claim calldata claim,
        uint64 sequence,
        bytes32 cdrId,
        uint256 chargeMicro,
        bytes32[] calldata proof
    ) external {
        _requireOpenToDebtor(claim);
        bytes32 channelId = clearing.channelIdOf(claim.debtor, claim.creditor);
        _decide(
            claim, Objection.Settled, isSettled(channelId, sequence, claim.authorizationId, cdrId, chargeMicro, proof)
        );
    }

    /// @inheritdoc IForcedClaims
    function objectRevoked(Claim calldata claim, bytes32 root, bytes32[] calldata proof) external {
        _requireOpenToDebtor(claim);
        uint256 anchoredAt = revocationsAnchoredAt(claim.debtor, root);
        uint256 graceS = peering.agreement(claim.agreementId).terms.graceS;
        _decide(
            claim,
            Objection.Revoked,
            anchoredAt != 0 && anchoredAt + graceS <= claim.signedAt
                && MerkleProof.verifyCalldata(proof, root, _leaf(_revokedType, claim.certificateId))
        );
    }

    /// @inheritdoc IForcedClaims
    function objectMeter(Claim calldata claim, bytes calldata meterKey, bytes calldata record) external {
        _requireOpenToDebtor(claim);
        if (sha256(meterKey) != claim.meterKeyHash) revert MeterKeyMismatch();
        if (sha256(record) != claim.meterRecordHash) revert RecordMismatch();
        _decide(claim, Objection.Meter, !meterReader.confirms(record, meterKey, _sessionOf(claim)));
    }

    function _sessionOf(Claim calldata claim) private pure returns (MeterRecord.Session memory) {
        return MeterRecord.Session({
            authorizationId: claim.authorizationId,
            startedAt: claim.startedAt,
            endedAt: claim.endedAt,
            importBeginWh: claim.importBeginWh,
            importEndWh: claim.importEndWh,
            exportBeginWh: claim.exportBeginWh,
            exportEndWh: claim.exportEndWh,
            billedByTime: claim.billedByTime
        });
    }

    /// @dev What an objection comes to: the loser is charged, and if the objection held the claim is void. A fee that
    /// the loser's limit does not allow is forgone, so that it stops no decision.
    function _decide(Claim calldata claim, Objection kind, bool held) private {
        bytes32 claimId = claimIdOf(claim.authorizationId, claim.direction);
        uint256 feeMicro =
            held && claim.makerId == 0 ? claim.bondMicro : peering.agreement(claim.agreementId).terms.disputeFeeMicro;
        if (held) {
            _claims[claimId] = VOID;
            if (claim.makerId == 0) {
                if (feeMicro != 0) chargeToken.safeTransfer(msg.sender, feeMicro);
            } else if (!clearing.bookDisputeFee(claim.makerId, msg.sender, feeMicro)) {
                feeMicro = 0;
            }
        } else {
            address maker = claim.makerId == 0 ? claim.maker : consortium.accountOf(claim.makerId);
            if (!clearing.bookDisputeFee(claim.debtor, maker, feeMicro)) feeMicro = 0;
        }
        emit ForcedClaimObjected(claimId, claim.debtor, claim.creditor, kind, held, feeMicro);
    }

    /// @inheritdoc IForcedClaims
    function demandRecord(Claim calldata claim) external {
        bytes32 claimId = _requireOpenToDebtor(claim);
        if (claim.recordDemanded) revert RecordDemandedAlready();
        Claim memory waiting = claim;
        waiting.recordDemanded = true;
        waiting.payableFrom = NEVER;
        _claims[claimId] = _hash(waiting);
        emit MeterRecordDemanded(claimId, claim.debtor, claim.creditor, waiting);
    }

    /// @inheritdoc IForcedClaims
    function showRecord(Claim calldata claim, bytes calldata record) external {
        bytes32 claimId = _requireStanding(claim);
        if (claim.payableFrom != NEVER) revert RecordNotDemanded();
        if (sha256(record) != claim.meterRecordHash) revert RecordMismatch();
        Claim memory shown = claim;
        shown.payableFrom = uint64(block.timestamp) + peering.agreement(claim.agreementId).terms.objectionWindowS;
        _claims[claimId] = _hash(shown);
        emit MeterRecordShown(claimId, claim.debtor, claim.creditor, shown);
    }

    /// @dev The debtor's account is that of a former member, too.
    function _requireOpenToDebtor(Claim calldata claim) private view returns (bytes32 claimId) {
        claimId = _requireStanding(claim);
        if (msg.sender != consortium.accountOf(claim.debtor)) revert NotTheDebtor();
        if (block.timestamp >= claim.payableFrom) revert ObjectionTooLate(claim.payableFrom);
    }

    function _requireStanding(Claim calldata claim) private view returns (bytes32 claimId) {
        claimId = claimIdOf(claim.authorizationId, claim.direction);
        if (_claims[claimId] != keccak256(abi.encode(claim))) revert ClaimUnknown(claimId);
    }

    // -------------------------------------------------------------------------------------------------------- pay

    /// @inheritdoc IForcedClaims
    function pay(Claim calldata claim) external {
        bytes32 claimId = _requireStanding(claim);
        if (block.timestamp < claim.payableFrom) revert NotPayableYet(claim.payableFrom);
        _claims[claimId] = PAID;

        address payee = claim.direction == Direction.Charge ? claim.payee : consortium.accountOf(claim.creditor);
        uint256 feeMicro = clearing.feeBoundMicro(
            claim.agreementId,
            IPeeringTerms.Usage({
                debtor: claim.debtor,
                creditor: claim.creditor,
                from: claim.startedAt,
                to: claim.endedAt,
                count: 1,
                energyWh: claim.direction == Direction.Charge
                    ? claim.importEndWh - claim.importBeginWh
                    : claim.exportEndWh - claim.exportBeginWh,
                totalMicro: claim.amountMicro
            })
        );
        uint256 payeeMicro = claim.amountMicro - feeMicro;
        // A fee that the debtor has is what it need not pay: nobody is owed it.
        if (peering.agreement(claim.agreementId).terms.feeTo == IPeering.FeeTo.Debtor) feeMicro = 0;
        emit ForcedClaimPaid(claimId, claim.debtor, claim.creditor, payee, payeeMicro, feeMicro);
        clearing.bookForced(
            claim.debtor, claim.creditor, payee, payeeMicro, consortium.accountOf(claim.creditor), feeMicro
        );
        if (claim.bondMicro != 0) chargeToken.safeTransfer(claim.maker, claim.bondMicro);
    }

    // ---------------------------------------------------------------------------------------------------- anchors

    /// @inheritdoc IForcedClaims
    function anchorHandIn(bytes32 root) external {
        if (root == 0) revert RootMissing();
        if (_handInAnchoredAt[root] != 0) return;
        _handInAnchoredAt[root] = uint64(block.timestamp);
        emit HandInAnchored(root, uint64(block.timestamp));
    }

    /// @inheritdoc IForcedClaims
    function anchorRevocations(bytes32 root) external {
        bytes32 memberId = consortium.memberOf(msg.sender);
        if (memberId == 0) revert NotAMember();
        if (root == 0) revert RootMissing();
        if (_revocationsAnchoredAt[memberId][root] != 0) return;
        _revocationsAnchoredAt[memberId][root] = uint64(block.timestamp);
        emit RevocationsAnchored(memberId, root, uint64(block.timestamp));
    }

    // ------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IForcedClaims
    function claimIdOf(bytes32 authorizationId, Direction direction) public pure returns (bytes32) {
        return keccak256(abi.encode(authorizationId, direction));
    }

    /// @inheritdoc IForcedClaims
    function statusOf(bytes32 claimId) external view returns (Status) {
        bytes32 kept = _claims[claimId];
        if (kept == PAID) return Status.Paid;
        if (kept == VOID) return Status.Void;
        if (kept != 0) return Status.Raised;
        // What is only raised at a predecessor can be raised here: there it can no longer be paid.
        return _isClosedBefore(claimId) ? predecessor.statusOf(claimId) : Status.None;
    }

    /// @inheritdoc IForcedClaims
    function isSettled(
        bytes32 channelId,
        uint64 sequence,
        bytes32 authorizationId,
        bytes32 cdrId,
        uint256 chargeMicro,
        bytes32[] calldata proof
    ) public view returns (bool) {
        if (clearing.isSettled(channelId, sequence, authorizationId, cdrId, chargeMicro, proof)) {
            return true;
        }
        return address(predecessor) != address(0)
            && predecessor.isSettled(channelId, sequence, authorizationId, cdrId, chargeMicro, proof);
    }

    /// @inheritdoc IForcedClaims
    function handInAnchoredAt(bytes32 root) public view returns (uint64 anchoredAt) {
        if (address(predecessor) != address(0)) anchoredAt = predecessor.handInAnchoredAt(root);
        if (anchoredAt == 0) anchoredAt = _handInAnchoredAt[root];
    }

    /// @inheritdoc IForcedClaims
    function revocationsAnchoredAt(bytes32 memberId, bytes32 root) public view returns (uint64 anchoredAt) {
        if (address(predecessor) != address(0)) anchoredAt = predecessor.revocationsAnchoredAt(memberId, root);
        if (anchoredAt == 0) anchoredAt = _revocationsAnchoredAt[memberId][root];
    }

    function _typeWords() private view returns (ChargeRules.TypeWords memory) {
        return ChargeRules.TypeWords({
            driverCertificate: _driverCertificateType,
            stationCertificate: _stationCertificateType,
            offer: _offerType,
            tariff: _tariffType,
            authorization: _authorizationType,
            cdr: _cdrType
        });
    }

    function _hash(Claim memory claim) private pure returns (bytes32) {
        return keccak256(abi.encode(claim));
    }

    /// @dev OpenZeppelin's standard tree hashes a leaf twice, so that no inner node can pass for one.
    function _leaf(bytes32 typeWord, bytes32 id) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(typeWord, id))));
    }
}
