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

/// @title Clearing
/// @notice See {IClearing}.
contract Clearing is EIP712, IClearing {
    using SafeERC20 for IERC20;

    bytes32 public constant BATCH_TYPEHASH = keccak256(
        "Batch(bytes32 debtor,bytes32 creditor,uint64 sequence,uint64 periodStart,uint64 periodEnd,bytes32 agreementId,uint64 count,uint64 energyWh,uint256 totalMicro,uint256 feeMicro,bytes32 cdrRoot,bytes32 payoutsRoot)"
    );

    IConsortium public immutable consortium;
    IChargeToken public immutable chargeToken;
    IPeering public immutable peering;
    bytes3 private immutable _currency;
    bytes32 private immutable _settledChargeTypeWord;

    mapping(bytes32 channelId => Channel) private _channels;
    mapping(bytes32 channelId => mapping(uint64 sequence => bytes32 cdrRoot)) private _settledRoots;
    mapping(bytes32 channelId => mapping(address account => uint256)) private _claimed;

    constructor(IConsortium consortium_, IChargeToken chargeToken_, IPeering peering_)
        EIP712("P2P-Power Clearing", "1")
    {
        if (chargeToken_.clearing() != address(this)) revert TokenMismatch();
        consortium = consortium_;
        chargeToken = chargeToken_;
        peering = peering_;
        _currency = chargeToken_.currency();
        _settledChargeTypeWord = Evidence.typeWord("SettledCharge", consortium_.networkId());
    }

    // ----------------------------------------------------------------------------------------------------- settle

    /// @inheritdoc IClearing
    function settle(Batch calldata batch, bytes calldata debtorSignature, bytes calldata creditorSignature) external {
        (address debtorAccount, address creditorAccount) = _requireFit(batch);
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
        _bookDebit(batch.debtor, creditorAccount, batch.feeMicro);
    }

    /// @dev Puts tokens into a channel's pot for its operators to claim, at the debtor's expense.
    function _fillPot(Channel storage open, bytes32 debtor, uint256 amountMicro) private {
        // A pot is part of what its debtor ever issued, which the token keeps below 2^128.
        open.potMicro += uint128(amountMicro);
        _bookDebit(debtor, address(this), amountMicro);
    }

    /// @dev Books a debit: tokens are issued on the debtor's behalf, within its limit, to whoever is owed. This is
    /// the one way by which Clearing makes anyone owe anything. A claim of a single charge by its evidence, without
    /// the debtor's signature, ends here too: after its checks and its window it books the charge straight to the
    /// operator's account, outside the channel's sequence, pot and root.
    function _bookDebit(bytes32 debtor, address payee, uint256 amountMicro) private {
        if (amountMicro != 0) chargeToken.issue(debtor, payee, amountMicro);
    }

    /// @dev What the rules want of a batch besides signatures and sequence.
    function _requireFit(Batch calldata batch) private view returns (address debtorAccount, address creditorAccount) {
        if (batch.debtor == batch.creditor) revert SameMember();
        if (
            batch.periodStart >= batch.periodEnd || batch.count == 0 || batch.cdrRoot == 0
                || batch.totalMicro > type(uint128).max
        ) revert BatchMalformed();
        debtorAccount = consortium.requireMember(batch.debtor);
        creditorAccount = consortium.requireMember(batch.creditor);

        IPeering.Agreement memory agreed = peering.agreement(batch.agreementId);
        (bytes32 a, bytes32 b) =
            batch.debtor < batch.creditor ? (batch.debtor, batch.creditor) : (batch.creditor, batch.debtor);
        if (
            agreed.acceptedAt == 0 || agreed.memberA != a || agreed.memberB != b
                || agreed.terms.validFrom > batch.periodStart
        ) revert AgreementNotValid(batch.agreementId);
        if (agreed.terms.currency != _currency) revert CurrencyMismatch();
        uint256 boundMicro = _feeBound(agreed.terms, batch.totalMicro, batch.energyWh);
        if (batch.feeMicro > boundMicro) revert FeeTooHigh(boundMicro);
    }

    /// @dev Members' accounts may be contracts that sign by ERC-1271.
    function _isSigned(address account, bytes32 digest, bytes calldata signature) private view returns (bool) {
        return SignatureChecker.isValidSignatureNowCalldata(account, digest, signature);
    }

    function _feeBound(IPeering.Terms memory terms, uint256 totalMicro, uint64 energyWh)
        private
        pure
        returns (uint256)
    {
        // The total is below 2^128, the share below 2^16, energy and price below 2^64 each: nothing overflows.
        uint256 boundMicro =
            (totalMicro * terms.feeShareBp) / 10_000 + (uint256(energyWh) * terms.feeMicroPerKwh) / 1_000;
        return Math.min(boundMicro, totalMicro);
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
    function feeBoundMicro(bytes32 agreementId, uint256 totalMicro, uint64 energyWh) external view returns (uint256) {
        return _feeBound(peering.agreement(agreementId).terms, totalMicro, energyWh);
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
