// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IChargeToken} from "./IChargeToken.sol";
import {IConsortium} from "./IConsortium.sol";

/// @title ChargeToken
/// @notice See {IChargeToken}.
contract ChargeToken is ERC20, ERC20Permit, IChargeToken {
    using SafeCast for uint256;

    /// @notice How long a payment that was begun keeps the holder from cancelling: bank days over a holiday weekend.
    uint64 public constant PAYMENT_WINDOW = 7 days;

    IConsortium public immutable consortium;
    address public immutable clearing;
    bytes3 public immutable currency;

    mapping(bytes32 memberId => Account) private _accounts;
    mapping(bytes32 redemptionId => Redemption) private _redemptions;
    mapping(bytes32 memberId => mapping(bytes32 bankReference => bool)) private _bankReferenceUsed;

    /// @param clearing_ the one contract that may issue; it refuses to be deployed with another token
    constructor(IConsortium consortium_, address clearing_, bytes3 currency_, Limit[] memory limits)
        ERC20("P2P-Power Charge Token", "CHARGE")
        ERC20Permit("P2P-Power Charge Token")
    {
        consortium = consortium_;
        clearing = clearing_;
        currency = currency_;
        for (uint256 i = 0; i < limits.length; ++i) {
            _setLimit(limits[i].memberId, limits[i].limitMicro);
        }
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    // ------------------------------------------------------------------------------------------------------ issue

    /// @inheritdoc IChargeToken
    function issue(bytes32 debtor, address to, uint256 amountMicro) external {
        if (msg.sender != clearing) revert NotClearing();
        Account storage account = _accounts[debtor];
        account.issuedMicro += amountMicro.toUint128();
        int256 after_ = _position(account);
        if (after_ > 0 && uint256(after_) > account.limitMicro) {
            revert LimitExceeded(debtor, account.limitMicro, after_);
        }
        emit Issued(debtor, to, amountMicro);
        _mint(to, amountMicro);
    }

    /// @inheritdoc IChargeToken
    function setIssuanceLimit(bytes32 memberId, uint256 limitMicro) external {
        if (msg.sender != address(consortium)) revert NotConsortium();
        _setLimit(memberId, limitMicro);
    }

    function _setLimit(bytes32 memberId, uint256 limitMicro) private {
        if (!consortium.isMember(memberId)) revert NotAMember();
        _accounts[memberId].limitMicro = limitMicro;
        emit LimitSet(memberId, limitMicro);
    }

    // ------------------------------------------------------------------------------------------------- redemption
    // A redemption that stays open for too long is not yet told apart: requestedAt is kept for it.

    /// @inheritdoc IChargeToken
    function requestRedemption(bytes32 provider, uint256 amountMicro, bytes32 reference_)
        external
        returns (bytes32 redemptionId)
    {
        if (!consortium.isMember(provider)) revert NotAMember();
        if (amountMicro == 0) revert AmountMissing();
        redemptionId = redemptionIdOf(msg.sender, reference_);
        if (_redemptions[redemptionId].status != RedemptionStatus.None) revert RedemptionExists(redemptionId);

        _redemptions[redemptionId] = Redemption({
            holder: msg.sender,
            requestedAt: uint64(block.timestamp),
            status: RedemptionStatus.Open,
            provider: provider,
            amountMicro: amountMicro.toUint128(),
            payBy: 0,
            bankReference: 0
        });
        emit RedemptionRequested(redemptionId, msg.sender, provider, amountMicro);
        _transfer(msg.sender, address(this), amountMicro);
    }

    /// @inheritdoc IChargeToken
    function beginPayment(bytes32 redemptionId) external {
        Redemption storage pending = _requirePending(redemptionId);
        if (msg.sender != consortium.accountOf(pending.provider)) revert NotTheProvider();
        if (pending.status == RedemptionStatus.Paying) revert PaymentUnderWay(redemptionId, pending.payBy);
        uint64 payBy = uint64(block.timestamp) + PAYMENT_WINDOW;
        pending.status = RedemptionStatus.Paying;
        pending.payBy = payBy;
        emit PaymentBegun(redemptionId, payBy);
    }

    /// @inheritdoc IChargeToken
    function markPaid(bytes32 redemptionId, bytes32 bankReference) external {
        Redemption storage pending = _requirePending(redemptionId);
        bytes32 provider = pending.provider;
        if (msg.sender != consortium.accountOf(provider)) revert NotTheProvider();
        _useBankReference(provider, bankReference);

        uint128 amountMicro = pending.amountMicro;
        pending.status = RedemptionStatus.Paid;
        pending.bankReference = bankReference;
        _accounts[provider].redeemedMicro += amountMicro;
        emit RedemptionPaid(redemptionId, provider, amountMicro, bankReference);
        _burn(address(this), amountMicro);
    }

    /// @inheritdoc IChargeToken
    function cancelRedemption(bytes32 redemptionId) external {
        Redemption storage pending = _requirePending(redemptionId);
        if (msg.sender != pending.holder) revert NotTheHolder();
        if (pending.status == RedemptionStatus.Paying && block.timestamp <= pending.payBy) {
            revert PaymentUnderWay(redemptionId, pending.payBy);
        }
        pending.status = RedemptionStatus.Cancelled;
        emit RedemptionCancelled(redemptionId);
        _transfer(address(this), msg.sender, pending.amountMicro);
    }

    function _requirePending(bytes32 redemptionId) private view returns (Redemption storage pending) {
        pending = _redemptions[redemptionId];
        if (pending.status == RedemptionStatus.None) revert RedemptionUnknown(redemptionId);
        if (pending.status == RedemptionStatus.Paid || pending.status == RedemptionStatus.Cancelled) {
            revert RedemptionClosed(redemptionId);
        }
    }

    // -------------------------------------------------------------------------------------------- between members

    /// @inheritdoc IChargeToken
    function confirmReceipt(bytes32 payer, uint256 amountMicro, bytes32 bankReference) external {
        bytes32 receiver = consortium.memberOf(msg.sender);
        if (receiver == 0) revert NotAMember();
        if (amountMicro == 0) revert AmountMissing();
        _useBankReference(receiver, bankReference);
        int256 amount = amountMicro.toInt256();
        Account storage receiving = _accounts[receiver];
        Account storage paying = _accounts[payer];
        if (_position(receiving) > -amount || _position(paying) < amount) revert NotOwed();

        paying.redeemedMicro += amountMicro.toUint128();
        receiving.issuedMicro += amountMicro.toUint128();
        emit ReceiptConfirmed(receiver, payer, amountMicro, bankReference);
    }

    /// @dev One bank transfer pays for one thing.
    function _useBankReference(bytes32 memberId, bytes32 bankReference) private {
        if (bankReference == 0) revert BankReferenceMissing();
        if (_bankReferenceUsed[memberId][bankReference]) revert BankReferenceUsed(bankReference);
        _bankReferenceUsed[memberId][bankReference] = true;
    }

    // ------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IChargeToken
    function accountState(bytes32 memberId) external view returns (Account memory) {
        return _accounts[memberId];
    }

    /// @inheritdoc IChargeToken
    function position(bytes32 memberId) external view returns (int256) {
        return _position(_accounts[memberId]);
    }

    /// @inheritdoc IChargeToken
    function redemption(bytes32 redemptionId) external view returns (Redemption memory) {
        return _redemptions[redemptionId];
    }

    /// @inheritdoc IChargeToken
    function redemptionIdOf(address holder, bytes32 reference_) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), holder, reference_));
    }

    function _position(Account storage account) private view returns (int256) {
        // Both are below 2^128, so neither conversion nor difference can overflow.
        return int256(uint256(account.issuedMicro)) - int256(uint256(account.redeemedMicro));
    }
}
