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
    /// payBy. Paid and Cancelled are final. Overdue is how {redemption} shows one that was asked for REDEMPTION_PERIOD
    /// ago and is neither paid nor being paid: the holder does best to cancel it and ask another provider.
    enum RedemptionStatus {
        None,
        Open,
        Paying,
        Paid,
        Cancelled,
        Overdue
    }

    /// @notice What a token's successor is founded with: the state in which the predecessor was closed.
    /// @param predecessor the closed token, zero for a first one
    /// @param root tree of (account, amountMicro): what each account held, with its own open redemptions
    /// @param positions of all members and former members that had one; their sum is the predecessor's supply
    struct CarryOver {
        address predecessor;
        bytes32 root;
        CarriedPosition[] positions;
    }

    struct CarriedPosition {
        bytes32 memberId;
        int256 positionMicro;
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
    /// @notice The token closes for good at this time.
    event Closing(uint64 closesAt);
    event SuccessorNamed(address indexed successor);
    event PositionCarried(bytes32 indexed memberId, int256 positionMicro);
    event CarriedOver(address indexed account, uint256 amountMicro);
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
    /// @notice The relayed request was to be brought before this time.
    error RequestExpired(uint256 deadline);
    /// @notice The relayed request is not signed by the holder.
    error RequestSignatureInvalid();
    /// @notice The token closes at this time: no redemption is begun any more.
    error TokenClosing(uint64 closesAt);
    /// @notice The token is closed: nothing in it changes any more.
    error TokenClosed();
    /// @notice Not closed yet, so nothing can follow.
    error TokenOpen();
    /// @notice The successor is named once.
    error SuccessorExists(address successor);
    /// @notice The successor was not founded on this token, or not with its whole supply.
    error SuccessorMismatch();
    /// @notice At founding: the positions come to less than nothing, or one is named twice or beyond all bounds.
    error CarryOverMalformed();
    /// @notice The account's share was carried over before.
    error CarriedAlready(address account);
    /// @notice No leaf of the predecessor's last state.
    error ProofInvalid();

    /// @notice Issues on a debtor's behalf; only Clearing.
    function issue(bytes32 debtor, address to, uint256 amountMicro) external;

    /// @notice Sets how far a member's position may go; only the consortium, by vote.
    function setIssuanceLimit(bytes32 memberId, uint256 limitMicro) external;

    /// @notice Asks a provider for money: the tokens are locked here until it is paid or cancelled. A former member may
    /// be asked, too: what it owes does not end with its membership.
    /// @param reference_ chosen by the holder, once: asking again with it is refused, so a retry cannot ask twice
    function requestRedemption(bytes32 provider, uint256 amountMicro, bytes32 reference_)
        external
        returns (bytes32 redemptionId);

    /// @notice The same on behalf of a holder who signed it (EIP-712, the token's domain, or ERC-1271) and pays for no
    /// transaction. Anyone may bring it, once: the reference sees to that.
    /// @param deadline the last second in which it may be brought
    function requestRedemptionFor(
        address holder,
        bytes32 provider,
        uint256 amountMicro,
        bytes32 reference_,
        uint256 deadline,
        bytes calldata signature
    ) external returns (bytes32 redemptionId);

    /// @notice The provider says that it is sending the money, which keeps the holder from cancelling meanwhile.
    function beginPayment(bytes32 redemptionId) external;

    /// @notice The provider says that the money was sent: burns the tokens and lowers its position.
    function markPaid(bytes32 redemptionId, bytes32 bankReference) external;

    /// @notice The holder takes the request and the tokens back.
    function cancelRedemption(bytes32 redemptionId) external;

    /// @notice The receiver of a bank transfer between two providers says that it has come: the payer's position falls
    /// and the receiver's, which was negative, rises by as much. The caller is the receiver, a member or former member.
    function confirmReceipt(bytes32 payer, uint256 amountMicro, bytes32 bankReference) external;

    /// @notice Begins the end of this token; only the consortium, by vote. For CLOSING_PERIOD charges are still settled,
    /// payouts claimed and payments that were begun finished, but no redemption is asked for or begun. Then it is closed:
    /// nothing is issued, moved, burnt, booked or claimed any more, and what it says is the successor's beginning.
    function close() external;

    /// @notice Names what follows this closed token, once; only the consortium, by vote.
    function nameSuccessor(IChargeToken successor_) external;

    /// @notice Pays an account once what it had in the predecessor. Anyone may call.
    /// @param amountMicro balance and own open redemptions in the predecessor's last state
    function carryOver(address account, uint256 amountMicro, bytes32[] calldata proof) external;

    /// @notice When the token closes or closed; zero while no end is decided.
    function closesAt() external view returns (uint64);
    function isClosed() external view returns (bool);
    function successor() external view returns (address);
    function predecessor() external view returns (address);
    function carryOverRoot() external view returns (bytes32);
    /// @notice What all accounts together can carry over: the predecessor's supply.
    function carriedMicro() external view returns (uint256);
    function isCarriedOver(address account) external view returns (bool);
    function totalSupply() external view returns (uint256);
    function currency() external view returns (bytes3);
    function clearing() external view returns (address);
    function accountState(bytes32 memberId) external view returns (Account memory);
    /// @notice What a member issued less what it redeemed.
    function position(bytes32 memberId) external view returns (int256);
    /// @notice A redemption with its status as it stands now.
    function redemption(bytes32 redemptionId) external view returns (Redemption memory);
    function redemptionIdOf(address holder, bytes32 reference_) external view returns (bytes32);
}
