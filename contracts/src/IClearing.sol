// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IChargeToken} from "./IChargeToken.sol";
import {IConsortium} from "./IConsortium.sol";
import {IPeering} from "./IPeering.sol";
import {IPeeringTerms} from "./IPeeringTerms.sol";

/// @title IClearing
/// @notice Moves what a period's charges come to between two providers, by one batch that both signed, at a cost that
/// does not grow with the number of charges; and pays the operators what they are owed.
/// @dev Between two members run two one-way channels, debtor to creditor. In each, sequence numbers rise by one and
/// every operator's total only ever grows, so only the newest payouts' root counts.
interface IClearing {
    /// @notice A period's charges in one channel.
    /// @param debtor the drivers' provider, on whose behalf tokens are issued
    /// @param creditor the operators' provider
    /// @param sequence one more than the channel's last
    /// @param agreementId what bounds the fee
    /// @param count number of charges
    /// @param totalMicro what all the charges come to, fee included
    /// @param feeMicro issued to the creditor, or not at all where the agreement gives it to the debtor
    /// @param cdrRoot tree of (typeWord, authorizationId, cdrId, chargeMicro)
    /// @param payoutsRoot tree of (channelId, operator's account, all it was ever owed in this channel)
    struct Batch {
        bytes32 debtor;
        bytes32 creditor;
        uint64 sequence;
        uint64 periodStart;
        uint64 periodEnd;
        bytes32 agreementId;
        uint64 count;
        uint64 energyWh;
        uint256 totalMicro;
        uint256 feeMicro;
        bytes32 cdrRoot;
        bytes32 payoutsRoot;
    }

    /// @param potMicro what was settled for operators and not claimed yet
    struct Channel {
        uint64 sequence;
        uint128 potMicro;
        bytes32 payoutsRoot;
    }

    /// @param batchHash EIP-712 `hashStruct` of the batch: the name of what both signed
    event BatchSettled(bytes32 indexed channelId, uint64 indexed sequence, bytes32 indexed batchHash, Batch batch);
    event Claimed(bytes32 indexed channelId, address indexed account, uint256 paidMicro, uint256 claimedMicro);

    /// @notice A charge that was claimed by its evidence, outside the channel's sequence, pot and root.
    event ForcedBooked(
        bytes32 indexed debtor,
        bytes32 indexed creditor,
        address indexed payee,
        uint256 payeeMicro,
        address feeAccount,
        uint256 feeMicro
    );
    event DisputeFeeBooked(bytes32 indexed payer, address indexed to, uint256 amountMicro);

    /// @notice Debtor or creditor never was a member.
    error NotAMember();
    /// @notice Debtor and creditor are the same.
    error SameMember();
    /// @notice The channel's next sequence number is another one.
    error SequenceNotNext(uint64 next);
    /// @notice The period ends before it starts, there is no charge and no root in it, or the total is not below 2^128.
    error BatchMalformed();
    /// @notice Not an accepted agreement of these two, or not valid yet when the period started.
    error AgreementNotValid(bytes32 agreementId);
    /// @notice The debtor was suspended or removed before the period began.
    error NotLiable(bytes32 debtor, uint64 suspendedAt);
    /// @notice The transaction has too little gas to ask the pair's terms contract.
    error GasMissing();
    /// @notice The agreement is in another currency than the token.
    error CurrencyMismatch();
    /// @notice The fee is above what the agreement allows.
    error FeeTooHigh(uint256 boundMicro);
    /// @notice The signature is not the debtor's.
    error DebtorSignatureInvalid();
    /// @notice The signature is not the creditor's.
    error CreditorSignatureInvalid();
    /// @notice The proof does not lead to the channel's newest payouts' root.
    error ProofInvalid();
    /// @notice All of it was paid out before, or the pot is empty.
    error NothingToClaim();
    /// @notice Reserved to ForcedClaims.
    error NotForcedClaims();
    /// @notice At construction: the token is made for another Clearing.
    error TokenMismatch();

    /// @notice Settles a batch that both signed. Anyone may bring it.
    function settle(Batch calldata batch, bytes calldata debtorSignature, bytes calldata creditorSignature) external;

    /// @notice Pays an operator the difference between what it is owed by the newest root and what it was paid, as far
    /// as the channel's pot reaches. Anyone may call; the money goes to the account.
    /// @return paidMicro what was paid
    function claim(bytes32 debtor, bytes32 creditor, address account, uint256 cumulativeMicro, bytes32[] calldata proof)
        external
        returns (uint256 paidMicro);

    /// @notice Books a claim that was judged good and not objected to: straight to its payee and to the account that the
    /// fee is owed to. Only for ForcedClaims.
    function bookForced(
        bytes32 debtor,
        bytes32 creditor,
        address payee,
        uint256 payeeMicro,
        address feeAccount,
        uint256 feeMicro
    ) external;

    /// @notice Books the fee of a dispute that a member lost. Only for ForcedClaims.
    /// @return booked false where the member's limit does not allow it
    function bookDisputeFee(bytes32 payerMember, address to, uint256 amountMicro) external returns (bool booked);

    /// @notice Whether a charge is in the batch that was settled in a channel under a sequence number.
    function isSettled(
        bytes32 channelId,
        uint64 sequence,
        bytes32 authorizationId,
        bytes32 cdrId,
        uint256 chargeMicro,
        bytes32[] calldata proof
    ) external view returns (bool);

    function consortium() external view returns (IConsortium);
    function chargeToken() external view returns (IChargeToken);
    function peering() external view returns (IPeering);
    function forcedClaims() external view returns (address);
    function channelIdOf(bytes32 debtor, bytes32 creditor) external pure returns (bytes32);
    function channel(bytes32 channelId) external view returns (Channel memory);
    /// @notice The root of the charges that were settled in a channel under a sequence number; zero if none were.
    function settledRoot(bytes32 channelId, uint64 sequence) external view returns (bytes32 cdrRoot);
    function claimedMicro(bytes32 channelId, address account) external view returns (uint256);
    /// @notice EIP-712: `hashStruct` of a batch, and the digest that is signed.
    function hashBatch(Batch calldata batch) external view returns (bytes32 batchHash, bytes32 digest);
    /// @notice The most that the fee may be under an agreement: of a batch, or of the one charge of a claim. What the
    /// pair's terms contract says, else floor(total × share / 10000) + floor(energy × fee per kWh / 1000); never more
    /// than the total.
    function feeBoundMicro(bytes32 agreementId, IPeeringTerms.Usage calldata usage) external view returns (uint256);
}
