// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IChargeToken} from "./IChargeToken.sol";
import {IConsortium} from "./IConsortium.sol";

/// @title ChargeToken
/// @notice See {IChargeToken}.
contract ChargeToken is ERC20, ERC20Permit, IChargeToken {
    using SafeCast for uint256;

    /// @notice How long a payment that was begun keeps the holder from cancelling: bank days over a holiday weekend.
    uint64 public constant PAYMENT_WINDOW = 7 days;
    /// @notice How long a provider has for a redemption before it is overdue.
    uint64 public constant REDEMPTION_PERIOD = 10 days;
    /// @notice How long before its close a token says so. Every payment begun before then ends within it.
    uint64 public constant CLOSING_PERIOD = PAYMENT_WINDOW;

    bytes32 public constant REDEMPTION_REQUEST_TYPEHASH = keccak256(
        "RedemptionRequest(address holder,bytes32 provider,uint256 amountMicro,bytes32 reference,uint256 deadline)"
    );

    IConsortium public immutable consortium;
    address public immutable clearing;
    bytes3 public immutable currency;
    address public immutable predecessor;
    bytes32 public immutable carryOverRoot;
    uint256 public immutable carriedMicro;

    uint64 public closesAt;
    address public successor;
    mapping(address account => bool) public isCarriedOver;
    mapping(bytes32 memberId => Account) private _accounts;
    mapping(bytes32 redemptionId => Redemption) private _redemptions;
    mapping(bytes32 memberId => mapping(bytes32 bankReference => bool)) private _bankReferenceUsed;

    /// @param clearing_ the one contract that may issue; it refuses to be deployed with another token
    /// @param carried what is taken over from a closed token; it is minted here and waits to be carried over
    constructor(
        IConsortium consortium_,
        address clearing_,
        bytes3 currency_,
        Limit[] memory limits,
        CarryOver memory carried
    ) ERC20("P2P-Power Charge Token", "CHARGE") ERC20Permit("P2P-Power Charge Token") {
        consortium = consortium_;
        clearing = clearing_;
        currency = currency_;
        for (uint256 i = 0; i < limits.length; ++i) {
            _setLimit(limits[i].memberId, limits[i].limitMicro);
        }
        predecessor = carried.predecessor;
        carryOverRoot = carried.root;
        carriedMicro = _carryPositions(carried);
        if (carriedMicro != 0) _mint(address(this), carriedMicro);
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }

    // ------------------------------------------------------------------------------------------------------ issue

    /// @inheritdoc IChargeToken
    function issue(bytes32 debtor, address to, uint256 amountMicro) external {
        if (msg.sender != clearing) revert NotClearing();
        Account storage account = _accounts[debtor];
        account.issuedMicro = (account.issuedMicro + amountMicro).toUint128();
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
        // A former member's, too: it bounds what may still be collected from it.
        if (consortium.accountOf(memberId) == address(0)) revert NotAMember();
        _accounts[memberId].limitMicro = limitMicro;
        emit LimitSet(memberId, limitMicro);
    }

    // ------------------------------------------------------------------------------------------------- redemption

    /// @inheritdoc IChargeToken
    function requestRedemption(bytes32 provider, uint256 amountMicro, bytes32 reference_)
        external
        returns (bytes32 redemptionId)
    {
        return _request(msg.sender, provider, amountMicro, reference_);
    }

    /// @inheritdoc IChargeToken
    function requestRedemptionFor(
        address holder,
        bytes32 provider,
        uint256 amountMicro,
        bytes32 reference_,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 redemptionId) {
        if (block.timestamp > deadline) revert RequestExpired(deadline);
        bytes32 digest = _hashTypedDataV4(
            keccak256(abi.encode(REDEMPTION_REQUEST_TYPEHASH, holder, provider, amountMicro, reference_, deadline))
        );
        if (!SignatureChecker.isValidSignatureNowCalldata(holder, digest, signature)) revert RequestSignatureInvalid();
        return _request(holder, provider, amountMicro, reference_);
    }

    function _request(address holder, bytes32 provider, uint256 amountMicro, bytes32 reference_)
        private
        returns (bytes32 redemptionId)
    {
        _requireNotClosing();
        if (consortium.accountOf(provider) == address(0)) revert NotAMember();
        if (amountMicro == 0) revert AmountMissing();
        redemptionId = redemptionIdOf(holder, reference_);
        if (_redemptions[redemptionId].status != RedemptionStatus.None) revert RedemptionExists(redemptionId);

        _redemptions[redemptionId] = Redemption({
            holder: holder,
            requestedAt: uint64(block.timestamp),
            status: RedemptionStatus.Open,
            provider: provider,
            amountMicro: amountMicro.toUint128(),
            payBy: 0,
            bankReference: 0
        });
        emit RedemptionRequested(redemptionId, holder, provider, amountMicro);
        _transfer(holder, address(this), amountMicro);
    }

    /// @inheritdoc IChargeToken
    function beginPayment(bytes32 redemptionId) external {
        _requireNotClosing();
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
        _accounts[provider].redeemedMicro = (uint256(_accounts[provider].redeemedMicro) + amountMicro).toUint128();
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
        if (isClosed()) revert TokenClosed();
        bytes32 receiver = consortium.memberOrFormerOf(msg.sender);
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

    // -------------------------------------------------------------------------------------------------- succession

    /// @inheritdoc IChargeToken
    function close() external {
        if (msg.sender != address(consortium)) revert NotConsortium();
        _requireNotClosing();
        closesAt = uint64(block.timestamp) + CLOSING_PERIOD;
        emit Closing(closesAt);
    }

    /// @inheritdoc IChargeToken
    function nameSuccessor(IChargeToken successor_) external {
        if (msg.sender != address(consortium)) revert NotConsortium();
        if (!isClosed()) revert TokenOpen();
        if (successor != address(0)) revert SuccessorExists(successor);
        if (successor_.predecessor() != address(this) || successor_.carriedMicro() != totalSupply()) {
            revert SuccessorMismatch();
        }
        successor = address(successor_);
        emit SuccessorNamed(address(successor_));
    }

    /// @inheritdoc IChargeToken
    function carryOver(address account, uint256 amountMicro, bytes32[] calldata proof) external {
        if (isCarriedOver[account]) revert CarriedAlready(account);
        // Hashed twice, so that no inner node can pass for a leaf.
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, amountMicro))));
        if (!MerkleProof.verifyCalldata(proof, carryOverRoot, leaf)) revert ProofInvalid();
        isCarriedOver[account] = true;
        emit CarriedOver(account, amountMicro);
        _transfer(address(this), account, amountMicro);
    }

    /// @dev The positions as they were; their sum is what the accounts have.
    function _carryPositions(CarryOver memory carried) private returns (uint256) {
        int256 sum = 0;
        for (uint256 i = 0; i < carried.positions.length; ++i) {
            CarriedPosition memory it = carried.positions[i];
            Account storage account = _accounts[it.memberId];
            if (account.issuedMicro != 0 || account.redeemedMicro != 0) revert CarryOverMalformed();
            if (it.positionMicro >= 0) account.issuedMicro = uint256(it.positionMicro).toUint128();
            else account.redeemedMicro = uint256(-it.positionMicro).toUint128();
            sum += it.positionMicro;
            emit PositionCarried(it.memberId, it.positionMicro);
        }
        if (sum < 0) revert CarryOverMalformed();
        return uint256(sum);
    }

    /// @inheritdoc IChargeToken
    function isClosed() public view returns (bool) {
        return closesAt != 0 && block.timestamp >= closesAt;
    }

    function _requireNotClosing() private view {
        if (closesAt != 0) revert TokenClosing(closesAt);
    }

    /// @dev Whatever mints, moves or burns comes through here.
    function _update(address from, address to, uint256 amountMicro) internal override {
        if (isClosed()) revert TokenClosed();
        super._update(from, to, amountMicro);
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
    function redemption(bytes32 redemptionId) external view returns (Redemption memory found) {
        found = _redemptions[redemptionId];
        bool isWaiting = found.status == RedemptionStatus.Open
            || (found.status == RedemptionStatus.Paying && block.timestamp > found.payBy);
        if (isWaiting && block.timestamp > uint256(found.requestedAt) + REDEMPTION_PERIOD) {
            found.status = RedemptionStatus.Overdue;
        }
    }

    /// @inheritdoc IChargeToken
    function totalSupply() public view override(ERC20, IChargeToken) returns (uint256) {
        return super.totalSupply();
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
