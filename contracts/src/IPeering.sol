// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IPeering
/// @notice What two members agree on. One proposes, the other accepts, both on the chain; from then on the agreement
/// never changes. Other terms are a next version for periods to come, and what was made under the one before keeps it.
/// Either ends an agreement with notice. What holds for a charge is the agreement in force when the driver signed.
interface IPeering {
    /// @notice Who has the fee: the creditor, to whose account it is issued, or the debtor, who then owes so much less.
    enum FeeTo {
        Creditor,
        Debtor
    }

    /// @param feeShareBp share of a batch's total that the fee may be, in hundredths of a percent
    /// @param feeMicroPerKwh what the fee may be for each kWh besides, in micro-units of the currency
    /// @param currency ISO 4217
    /// @param periodS length of a settlement period
    /// @param handInDeadlineS how long after its end a charge may be handed to the driver's provider
    /// @param graceS how old a revocation may be before it binds the operator's side
    /// @param objectionWindowS how long the debtor of a forced claim may object before it is paid
    /// @param creditLimitMicro how much may be outstanding between the two before the creditor may refuse more;
    /// kept by the two off the chain, because what is outstanding is what is not in a batch yet
    /// @param disputeFeeMicro what a false claim costs its maker, and a false objection the debtor
    /// @param termsContract the pair's own {IPeeringTerms}, which says the fee instead of share and price; zero if none
    /// @param validFrom the first second of periods made under it
    /// @param noticeS how long before its end notice must be given
    struct Terms {
        uint16 feeShareBp;
        uint64 feeMicroPerKwh;
        FeeTo feeTo;
        bytes3 currency;
        uint32 periodS;
        uint32 handInDeadlineS;
        uint32 graceS;
        uint32 objectionWindowS;
        uint128 creditLimitMicro;
        uint128 disputeFeeMicro;
        address termsContract;
        uint64 validFrom;
        uint32 noticeS;
    }

    /// @notice Of the terms what a forced claim must know, which is all in one place.
    struct ClaimTerms {
        bytes3 currency;
        uint32 handInDeadlineS;
        uint32 graceS;
        uint32 objectionWindowS;
    }

    /// @param memberA the lesser of the two ids, memberB the greater
    /// @param version 1 for the pair's first agreement
    /// @param acceptedAt zero while only proposed
    /// @param endsAt the first second in which it is no longer in force, by notice; zero if none was given
    struct Agreement {
        bytes32 memberA;
        bytes32 memberB;
        bytes32 proposer;
        uint32 version;
        uint64 acceptedAt;
        uint64 endsAt;
        Terms terms;
    }

    event AgreementProposed(
        bytes32 indexed agreementId, bytes32 indexed proposer, bytes32 indexed other, uint32 version, Terms terms
    );
    event AgreementAccepted(bytes32 indexed agreementId, bytes32 indexed memberA, bytes32 indexed memberB);
    event NoticeGiven(bytes32 indexed agreementId, bytes32 indexed memberId, uint64 endsAt);

    error NotAMember();
    /// @notice A suspended member agrees on nothing.
    error SuspendedMember(bytes32 memberId);
    /// @notice A member cannot agree with itself.
    error SameMember();
    /// @notice A share above 100 %, no currency, a span of zero where there must be one, or one beyond its bound.
    error TermsMalformed();
    /// @notice A next version holds from a future start of one of the former's periods on, not before the former.
    error ValidFromNotUsable(uint64 validFrom);
    /// @notice The pair's next version is another one.
    error VersionNotNext(uint32 next);
    error AgreementExists(bytes32 agreementId);
    error AgreementUnknown(bytes32 agreementId);
    error AgreementAcceptedAlready(bytes32 agreementId);
    /// @notice Only the one to whom it was proposed accepts.
    error NotTheOther();
    /// @notice Only one of the two gives notice.
    error NotAParty();
    /// @notice It was not accepted, so there is nothing to end.
    error AgreementNotAccepted(bytes32 agreementId);
    /// @notice The agreement's period of notice does not allow an end before this time.
    error NoticeTooShort(uint64 earliest);
    /// @notice Notice was given before; it stands.
    error NoticeGivenAlready(uint64 endsAt);

    /// @notice Proposes terms to another member. The id is made from all of it, so a retry is refused.
    /// @param version one more than the pair's last accepted version
    function propose(bytes32 other, uint32 version, Terms calldata terms) external returns (bytes32 agreementId);

    /// @notice Accepts what was proposed to the caller.
    function accept(bytes32 agreementId) external;

    /// @notice Ends an accepted agreement of the caller's, once and for good. A suspended member may, too.
    /// @param endsAt at least the agreement's noticeS from now
    function giveNotice(bytes32 agreementId, uint64 endsAt) external;

    function agreement(bytes32 agreementId) external view returns (Agreement memory);
    function agreementIdOf(bytes32 memberX, bytes32 memberY, uint32 version, Terms calldata terms)
        external
        view
        returns (bytes32);
    /// @notice The ids of a pair's accepted agreements in order of their versions.
    function agreementsOf(bytes32 memberX, bytes32 memberY) external view returns (bytes32[] memory);
    /// @notice The agreement of a pair in force at a time: of those accepted the newest that is valid by then, unless it
    /// has ended by then. Zero if none.
    function currentAgreement(bytes32 memberX, bytes32 memberY, uint64 time) external view returns (bytes32);
    /// @notice The same with what a forced claim must know of its terms.
    function claimTerms(bytes32 memberX, bytes32 memberY, uint64 time)
        external
        view
        returns (bytes32 agreementId, ClaimTerms memory);
    /// @notice The same with what was agreed: one call for a claim.
    function agreementAt(bytes32 memberX, bytes32 memberY, uint64 time)
        external
        view
        returns (bytes32 agreementId, Agreement memory);
    /// @notice Whether it is its pair's agreement in force at a time.
    function isInForce(bytes32 agreementId, uint64 time) external view returns (bool);
}
