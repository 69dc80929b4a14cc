// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IPeering
/// @notice What two members agree on. One proposes, the other accepts, both on the chain; from then on the agreement
/// never changes. Other terms are a next version, and what was made under the one before keeps it.
interface IPeering {
    /// @param feeShareBp share of a batch's total that the creditor may keep, in hundredths of a percent
    /// @param feeMicroPerKwh what the creditor may keep for each kWh, in micro-units of the currency
    /// @param currency ISO 4217
    /// @param periodS length of a settlement period
    /// @param handInDeadlineS how long after its end a charge may be handed to the driver's provider
    /// @param graceS how old a revocation may be before it binds the operator's side
    /// @param creditLimitMicro how much may be outstanding between the two before the creditor may refuse more;
    /// kept by the two off the chain, because what is outstanding is what is not in a batch yet
    /// @param validFrom the first second of periods made under it
    struct Terms {
        uint16 feeShareBp;
        uint64 feeMicroPerKwh;
        bytes3 currency;
        uint32 periodS;
        uint32 handInDeadlineS;
        uint32 graceS;
        uint128 creditLimitMicro;
        uint64 validFrom;
    }

    /// @param memberA the lesser of the two ids, memberB the greater
    /// @param version 1 for the pair's first agreement
    /// @param acceptedAt zero while only proposed
    struct Agreement {
        bytes32 memberA;
        bytes32 memberB;
        bytes32 proposer;
        uint32 version;
        uint64 acceptedAt;
        Terms terms;
    }

    event AgreementProposed(
        bytes32 indexed agreementId, bytes32 indexed proposer, bytes32 indexed other, uint32 version, Terms terms
    );
    event AgreementAccepted(bytes32 indexed agreementId, bytes32 indexed memberA, bytes32 indexed memberB);

    error NotAMember();
    /// @notice A member cannot agree with itself.
    error SameMember();
    /// @notice A share above 100 %, no currency or no period.
    error TermsMalformed();
    /// @notice The pair's next version is another one.
    error VersionNotNext(uint32 next);
    error AgreementExists(bytes32 agreementId);
    error AgreementUnknown(bytes32 agreementId);
    error AgreementAcceptedAlready(bytes32 agreementId);
    /// @notice Only the one to whom it was proposed accepts.
    error NotTheOther();

    /// @notice Proposes terms to another member. The id is made from all of it, so a retry is refused.
    /// @param version one more than the pair's last accepted version
    function propose(bytes32 other, uint32 version, Terms calldata terms) external returns (bytes32 agreementId);

    /// @notice Accepts what was proposed to the caller.
    function accept(bytes32 agreementId) external;

    function agreement(bytes32 agreementId) external view returns (Agreement memory);
    function agreementIdOf(bytes32 memberX, bytes32 memberY, uint32 version, Terms calldata terms)
        external
        view
        returns (bytes32);
    /// @notice The ids of a pair's accepted agreements in order of their versions.
    function agreementsOf(bytes32 memberX, bytes32 memberY) external view returns (bytes32[] memory);
    /// @notice The newest accepted agreement of a pair that holds at a time; zero if none.
    function currentAgreement(bytes32 memberX, bytes32 memberY, uint64 time) external view returns (bytes32);
}
