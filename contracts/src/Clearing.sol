// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Evidence} from "./Evidence.sol";
import {IChargeToken} from "./IChargeToken.sol";
import {IClearing} from "./IClearing.sol";
import {IConsortium} from "./IConsortium.sol";
import {IPeering} from "./IPeering.sol";
import {IPeeringTerms} from "./IPeeringTerms.sol";

/// @title Clearing
/// @notice See {IClearing}.
contract Clearing is EIP712, IClearing {
    using SafeERC20 for IERC20;

    bytes32 public constant BATCH_TYPEHASH = keccak256(
        "Batch(bytes32 debtor,bytes32 creditor,uint64 sequence,uint64 periodStart,uint64 periodEnd,bytes32 agreementId,uint64 count,uint64 energyWh,uint256 totalMicro,uint256 feeMicro,bytes32 cdrRoot,bytes32 payoutsRoot)"
    );

    /// @notice The gas that a pair's own terms contract may use for its answer.
    uint256 public constant TERMS_GAS = 100_000;

    IConsortium public immutable consortium;
    IChargeToken public immutable chargeToken;
    IPeering public immutable peering;
    address public immutable forcedClaims;
    bytes3 private immutable _currency;
    bytes32 private immutable _settledChargeTypeWord;

    mapping(bytes32 channelId => Channel) private _channels;
    mapping(bytes32 channelId => mapping(uint64 sequence => bytes32 cdrRoot)) private _settledRoots;
    mapping(bytes32 channelId => mapping(address account => uint256)) private _claimed;

    /// @param forcedClaims_ the one contract that may book a claim or a dispute fee without the debtor's signature
    constructor(IConsortium consortium_, IChargeToken chargeToken_, IPeering peering_, address forcedClaims_)
        EIP712("P2P-Power Clearing", "1")
    {
        if (chargeToken_.clearing() != address(this)) revert TokenMismatch();
        consortium = consortium_;
        chargeToken = chargeToken_;
        peering = peering_;
        forcedClaims = forcedClaims_;
        _currency = chargeToken_.currency();
        _settledChargeTypeWord = Evidence.typeWord("SettledCharge", consortium_.networkId());
    }

    // ----------------------------------------------------------------------------------------------------- settle

    /// @inheritdoc IClearing
    function settle(Batch calldata batch, bytes calldata debtorSignature, bytes calldata creditorSignature) external {
        (address debtorAccount, address creditorAccount, IPeering.FeeTo feeTo) = _requireFit(batch);
        bytes32 batchHash = _hashStruct(batch);
        bytes32 digest = _hashTypedDataV4(batchHash);
        if (!_isSigned(debtorAccount, digest, debtorSignature)) revert DebtorSignatureInvalid();
        if (!_isSigned(creditorAccount, digest, creditorSignature)) revert CreditorSignatureInvalid();

        bytes32 channelId = channelIdOf(batch.debtor, batch.creditor);
        Channel storage open = _channels[channelId];
        if (batch.sequence != open.sequence + 1) revert SequenceNotNext(open.sequence + 1);
        open.sequence = batch.sequence;
        open.payoutsRoot = batch.payoutsRoot;
        _settledRoots[channelId][batch.sequence] = batch.cdrRoot;
        emit BatchSettled(channelId, batch.sequence, batchHash, batch);

        _fillPot(open, batch.debtor, batch.totalMicro - batch.feeMicro);
        // A fee that the debtor has is what it need not pay: nobody is owed it.
        if (feeTo == IPeering.FeeTo.Creditor) _bookDebit(batch.debtor, creditorAccount, batch.feeMicro);
    }

    /// @dev Puts tokens into a channel's pot for its operators to claim, at the debtor's expense.
    function _fillPot(Channel storage open, bytes32 debtor, uint256 amountMicro) private {
        _bookDebit(debtor, address(this), amountMicro);
        // A pot is part of what its debtor ever issued, which the token has just kept below 2^128.
        open.potMicro += uint128(amountMicro);
    }

    /// @dev Books a debit: tokens are issued on the debtor's behalf, within its limit, to whoever is owed. This is
    /// the one way by which Clearing makes anyone owe anything.
    function _bookDebit(bytes32 debtor, address payee, uint256 amountMicro) private {
        if (amountMicro != 0) chargeToken.issue(debtor, payee, amountMicro);
    }

    // --------------------------------------------------------------------------------------------- forced claims

    /// @inheritdoc IClearing
    function bookForced(
        bytes32 debtor,
        bytes32 creditor,
        address payee,
        uint256 payeeMicro,
        address feeAccount,
        uint256 feeMicro
    ) external {
        if (msg.sender != forcedClaims) revert NotForcedClaims();
        emit ForcedBooked(debtor, creditor, payee, payeeMicro, feeAccount, feeMicro);
        _bookDebit(debtor, payee, payeeMicro);
        _bookDebit(debtor, feeAccount, feeMicro);
    }

    /// @inheritdoc IClearing
    function bookDisputeFee(bytes32 payerMember, address to, uint256 amountMicro) external returns (bool) {
        if (msg.sender != forcedClaims) revert NotForcedClaims();
        // Asked, not tried: a caller that leaves too little gas must not get away without the fee.
        IChargeToken.Account memory payer = chargeToken.accountState(payerMember);
        uint256 afterMicro = uint256(payer.issuedMicro) + amountMicro;
        if (afterMicro > type(uint128).max) return false;
        if (afterMicro > payer.redeemedMicro && afterMicro - payer.redeemedMicro > payer.limitMicro) return false;
        emit DisputeFeeBooked(payerMember, to, amountMicro);
        _bookDebit(payerMember, to, amountMicro);
        return true;
    }

    /// @dev What the rules want of a batch besides signatures and sequence. Former members are held to what they agreed:
    /// only a debtor that was suspended or removed before the period began makes no new debts.
    function _requireFit(Batch calldata batch)
        private
        view
        returns (address debtorAccount, address creditorAccount, IPeering.FeeTo)
    {
        if (batch.debtor == batch.creditor) revert SameMember();
        if (
            batch.periodStart >= batch.periodEnd || batch.count == 0 || batch.cdrRoot == 0
                || batch.totalMicro > type(uint128).max
        ) revert BatchMalformed();
        debtorAccount = _requireAccount(batch.debtor);
        creditorAccount = _requireAccount(batch.creditor);
        uint64 suspendedAt = consortium.suspendedAt(batch.debtor);
        if (suspendedAt != 0 && batch.periodStart >= suspendedAt) revert NotLiable(batch.debtor, suspendedAt);

        IPeering.Agreement memory agreed = peering.agreement(batch.agreementId);
        (bytes32 a, bytes32 b) =
            batch.debtor < batch.creditor ? (batch.debtor, batch.creditor) : (batch.creditor, batch.debtor);
        if (
            agreed.acceptedAt == 0 || agreed.memberA != a || agreed.memberB != b
                || agreed.terms.validFrom > batch.periodStart
        ) revert AgreementNotValid(batch.agreementId);
        if (agreed.terms.currency != _currency) revert CurrencyMismatch();
        uint256 boundMicro = _feeBound(
            agreed.terms,
            IPeeringTerms.Usage({
                debtor: batch.debtor,
                creditor: batch.creditor,
                from: batch.periodStart,
                to: batch.periodEnd,
                count: batch.count,
                energyWh: batch.energyWh,
                totalMicro: batch.totalMicro
            })
        );
        if (batch.feeMicro > boundMicro) revert FeeTooHigh(boundMicro);
        return (debtorAccount, creditorAccount, agreed.terms.feeTo);
    }

    function _requireAccount(bytes32 memberId) private view returns (address account) {
        account = consortium.accountOf(memberId);
        if (account == address(0)) revert NotAMember();
    }

    /// @dev Members' accounts may be contracts that sign by ERC-1271.
    function _isSigned(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        return SignatureChecker.isValidSignatureNowCalldata(account, digest, signature);
    }

    /// @dev The pair's own contract says the fee, or, where it has none or gets none out of it, share and price do.
    /// Never more than the total.
    function _feeBound(IPeering.Terms memory terms, IPeeringTerms.Usage memory usage) private view returns (uint256) {
        if (terms.termsContract != address(0)) {
            (bool answered, uint256 feeMicro) = _askTerms(terms.termsContract, usage);
            if (answered) return Math.min(feeMicro, usage.totalMicro);
        }
        // The total is below 2^128, the share below 2^16, energy and price below 2^64 each: nothing overflows.
        uint256 boundMicro =
            (usage.totalMicro * terms.feeShareBp) / 10_000 + (uint256(usage.energyWh) * terms.feeMicroPerKwh) / 1_000;
        return Math.min(boundMicro, usage.totalMicro);
    }

    /// @dev Asks code that is not to be trusted. A static call changes nothing and comes back into nothing that does;
    /// its gas is capped; whatever it returns, one word is copied. Who brings the transaction must leave the gas for it,
    /// so that nobody makes it fail to have the other fee.
    function _askTerms(address termsContract, IPeeringTerms.Usage memory usage)
        private
        view
        returns (bool answered, uint256 feeMicro)
    {
        bytes memory question = abi.encodeCall(IPeeringTerms.feeMicro, (usage));
        // At most 63 of 64 parts of the gas that is left can be given on (EIP-150).
        if ((gasleft() / 64) * 63 <= TERMS_GAS + 5_000) revert GasMissing();
        assembly ("memory-safe") {
            // The answer goes to the scratch space; with less than a word it is none.
            answered := staticcall(TERMS_GAS, termsContract, add(question, 0x20), mload(question), 0x00, 0x20)
            answered := and(answered, gt(returndatasize(), 0x1f))
            feeMicro := mload(0x00)
        }
    }

    // ------------------------------------------------------------------------------------------------------ claim

    /// @inheritdoc IClearing
    function claim(bytes32 debtor, bytes32 creditor, address account, uint256 cumulativeMicro, bytes32[] calldata proof)
        external
        returns (uint256 paidMicro)
    {
        bytes32 channelId = channelIdOf(debtor, creditor);
        Channel storage open = _channels[channelId];
        bytes32 leaf = _leaf(keccak256(abi.encode(channelId, account, cumulativeMicro)));
        if (!MerkleProof.verifyCalldata(proof, open.payoutsRoot, leaf)) revert ProofInvalid();

        uint256 before = _claimed[channelId][account];
        paidMicro = Math.min(cumulativeMicro > before ? cumulativeMicro - before : 0, open.potMicro);
        if (paidMicro == 0) revert NothingToClaim();

        _claimed[channelId][account] = before + paidMicro;
        open.potMicro -= uint128(paidMicro); // at most the pot
        emit Claimed(channelId, account, paidMicro, before + paidMicro);
        IERC20(address(chargeToken)).safeTransfer(account, paidMicro);
    }

    // ------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IClearing
    function isSettled(
        bytes32 channelId,
        uint64 sequence,
        bytes32 authorizationId,
        bytes32 cdrId,
        uint256 chargeMicro,
        bytes32[] calldata proof
    ) external view returns (bool) {
        bytes32 root = _settledRoots[channelId][sequence];
        if (root == 0) return false;
        bytes32 leaf = _leaf(keccak256(abi.encode(_settledChargeTypeWord, authorizationId, cdrId, chargeMicro)));
        return MerkleProof.verifyCalldata(proof, root, leaf);
    }

    /// @inheritdoc IClearing
    function channelIdOf(bytes32 debtor, bytes32 creditor) public pure returns (bytes32) {
        return keccak256(abi.encode(debtor, creditor));
    }

    /// @inheritdoc IClearing
    function channel(bytes32 channelId) external view returns (Channel memory) {
        return _channels[channelId];
    }

    /// @inheritdoc IClearing
    function settledRoot(bytes32 channelId, uint64 sequence) external view returns (bytes32) {
        return _settledRoots[channelId][sequence];
    }

    /// @inheritdoc IClearing
    function claimedMicro(bytes32 channelId, address account) external view returns (uint256) {
        return _claimed[channelId][account];
    }

    /// @inheritdoc IClearing
    function hashBatch(Batch calldata batch) external view returns (bytes32 batchHash, bytes32 digest) {
        batchHash = _hashStruct(batch);
        digest = _hashTypedDataV4(batchHash);
    }

    /// @inheritdoc IClearing
    function feeBoundMicro(bytes32 agreementId, IPeeringTerms.Usage calldata usage) external view returns (uint256) {
        if (usage.totalMicro > type(uint128).max) revert BatchMalformed();
        return _feeBound(peering.agreement(agreementId).terms, usage);
    }

    /// @dev A batch has static fields only, so its encoding is the struct's words in order.
    function _hashStruct(Batch calldata batch) private pure returns (bytes32) {
        return keccak256(abi.encode(BATCH_TYPEHASH, batch));
    }

    /// @dev OpenZeppelin's standard tree hashes a leaf twice, so that no inner node can pass for one.
    function _leaf(bytes32 valueHash) private pure returns (bytes32) {
        return keccak256(bytes.concat(valueHash));
    }
}
