// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IChargeToken
/// @notice Mutual credit among the providers: a token is one unit of the currency that some provider owes to whoever
/// holds it. Clearing issues it on a debtor's behalf up to the limit that the consortium granted; a provider takes it
/// back for money. What a provider issued less what it redeemed is its position, and all positions add up to the
/// supply. Six decimals: the smallest part is a micro-unit.
interface IChargeToken {
    struct Account {
        uint128 issuedMicro;
        uint128 redeemedMicro;
        uint256 limitMicro;
    }

    struct Limit {
        bytes32 memberId;
        uint256 limitMicro;
    }

    /// @notice Open: asked for, can be cancelled. Paying: the provider sent the money, cannot be cancelled until
    /// payBy. Paid and Cancelled are final.
    enum RedemptionStatus {
        None,
        Open,
        Paying,
        Paid,
        Cancelled
    }

    /// @param payBy until when a payment that was begun keeps the holder from cancelling
    struct Redemption {
        address holder;
        uint64 requestedAt;
        RedemptionStatus status;
        bytes32 provider;
        uint128 amountMicro;
        uint64 payBy;
        bytes32 bankReference;
    }

    event LimitSet(bytes32 indexed memberId, uint256 limitMicro);
    event Issued(bytes32 indexed debtor, address indexed to, uint256 amountMicro);
    event RedemptionRequested(
        bytes32 indexed redemptionId, address indexed holder, bytes32 indexed provider, uint256 amountMicro
    );
    event PaymentBegun(bytes32 indexed redemptionId, uint64 payBy);
    event RedemptionPaid(
        bytes32 indexed redemptionId, bytes32 indexed provider, uint256 amountMicro, bytes32 bankReference
    );
    event RedemptionCancelled(bytes32 indexed redemptionId);
    event ReceiptConfirmed(bytes32 indexed receiver, bytes32 indexed payer, uint256 amountMicro, bytes32 bankReference);

    /// @notice Only Clearing issues.
    error NotClearing();
    /// @notice Only the consortium grants limits.
    error NotConsortium();
    /// @notice The caller's account is not that of the provider concerned.
    error NotTheProvider();
    /// @notice The caller is not the holder who asked for the redemption.
    error NotTheHolder();
    error NotAMember();
    /// @notice The debtor's position would pass its limit.
    error LimitExceeded(bytes32 debtor, uint256 limitMicro, int256 positionMicro);
    error AmountMissing();
    /// @notice The holder used this reference before.
    error RedemptionExists(bytes32 redemptionId);
    error RedemptionUnknown(bytes32 redemptionId);
    /// @notice Paid or cancelled already.
    error RedemptionClosed(bytes32 redemptionId);
    /// @notice The provider has begun to pay: no cancelling before payBy, no second beginning.
    error PaymentUnderWay(bytes32 redemptionId, uint64 payBy);
    error BankReferenceMissing();
    /// @notice The same bank reference was used by this provider before.
    error BankReferenceUsed(bytes32 bankReference);
    /// @notice The receiver is not owed, or the payer does not owe, as much.
    error NotOwed();

    /// @notice Issues on a debtor's behalf; only Clearing.
    function issue(bytes32 debtor, address to, uint256 amountMicro) external;

    /// @notice Sets how far a member's position may go; only the consortium, by vote.
    function setIssuanceLimit(bytes32 memberId, uint256 limitMicro) external;

    /// @notice Asks a provider for money: the tokens are locked here until it is paid or cancelled.
    /// @param reference_ chosen by the holder, once: asking again with it is refused, so a retry cannot ask twice
    function requestRedemption(bytes32 provider, uint256 amountMicro, bytes32 reference_)
        external
        returns (bytes32 redemptionId);

    /// @notice The provider says that it is sending the money, which keeps the holder from cancelling meanwhile.
    function beginPayment(bytes32 redemptionId) external;

    /// @notice The provider says that the money was sent: burns the tokens and lowers its position.
    function markPaid(bytes32 redemptionId, bytes32 bankReference) external;

    /// @notice The holder takes the request and the tokens back.
    function cancelRedemption(bytes32 redemptionId) external;

    /// @notice The receiver of a bank transfer between two providers says that it has come: the payer's position falls
    /// and the receiver's, which was negative, rises by as much. The caller is the receiver.
    function confirmReceipt(bytes32 payer, uint256 amountMicro, bytes32 bankReference) external;

    function currency() external view returns (bytes3);
    function clearing() external view returns (address);
    function accountState(bytes32 memberId) external view returns (Account memory);
    /// @notice What a member issued less what it redeemed.
    function position(bytes32 memberId) external view returns (int256);
    function redemption(bytes32 redemptionId) external view returns (Redemption memory);
    function redemptionIdOf(address holder, bytes32 reference_) external view returns (bytes32);
}
