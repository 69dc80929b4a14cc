// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsortium} from "./IConsortium.sol";
import {IPeering} from "./IPeering.sol";

/// @title Peering
/// @notice See {IPeering}.
contract Peering is IPeering {
    /// @notice The longest window, so that a claim is decided while those concerned remember it.
    uint32 public constant MAX_OBJECTION_WINDOW = 60 days;
    /// @notice The longest period, deadline, grace and notice.
    uint32 public constant MAX_SPAN = 366 days;

    IConsortium public immutable consortium;

    /// @dev {IPeering-Agreement} in four slots, because a claim reads all of it: one for the parties, whose ids have
    /// five characters, three for the terms.
    struct Kept {
        bytes5 memberA;
        bytes5 memberB;
        bool isProposedByA;
        uint32 version;
        uint48 acceptedAt;
        uint48 endsAt;
        Terms terms;
    }

    mapping(bytes32 agreementId => Kept) private _agreements;
    mapping(bytes32 pairId => bytes32[]) private _accepted;

    constructor(IConsortium consortium_) {
        consortium = consortium_;
    }

    /// @inheritdoc IPeering
    function propose(bytes32 other, uint32 version, Terms calldata terms) external returns (bytes32 agreementId) {
        bytes32 proposer = _callingMember();
        if (!consortium.isMember(other)) revert NotAMember();
        if (proposer == other) revert SameMember();
        _requireActive(proposer);
        _requireWellFormed(terms);
        (bytes32 a, bytes32 b) = _sort(proposer, other);
        _requireNext(a, b, version, terms.validFrom);
        agreementId = _agreementId(a, b, version, terms);
        if (_agreements[agreementId].version != 0) revert AgreementExists(agreementId);

        // Ids of members have five characters, as the consortium made sure.
        _agreements[agreementId] = Kept({
            memberA: bytes5(a),
            memberB: bytes5(b),
            isProposedByA: proposer == a,
            version: version,
            acceptedAt: 0,
            endsAt: 0,
            terms: terms
        });
        emit AgreementProposed(agreementId, proposer, other, version, terms);
    }

    /// @inheritdoc IPeering
    function accept(bytes32 agreementId) external {
        bytes32 accepter = _callingMember();
        Kept storage proposed = _agreements[agreementId];
        if (proposed.version == 0) revert AgreementUnknown(agreementId);
        if (proposed.acceptedAt != 0) revert AgreementAcceptedAlready(agreementId);
        (bytes32 a, bytes32 b) = (proposed.memberA, proposed.memberB);
        (bytes32 proposer, bytes32 other) = proposed.isProposedByA ? (a, b) : (b, a);
        if (accepter != other) revert NotTheOther();
        if (!consortium.isMember(proposer)) revert NotAMember();
        _requireActive(accepter);
        _requireActive(proposer);
        _requireNext(a, b, proposed.version, proposed.terms.validFrom);

        proposed.acceptedAt = uint48(block.timestamp);
        _accepted[_pairId(a, b)].push(agreementId);
        emit AgreementAccepted(agreementId, a, b);
    }

    /// @inheritdoc IPeering
    function giveNotice(bytes32 agreementId, uint64 endsAt) external {
        bytes32 memberId = _callingMember();
        Kept storage ending = _agreements[agreementId];
        if (ending.version == 0) revert AgreementUnknown(agreementId);
        if (memberId != ending.memberA && memberId != ending.memberB) revert NotAParty();
        if (ending.acceptedAt == 0) revert AgreementNotAccepted(agreementId);
        if (ending.endsAt != 0) revert NoticeGivenAlready(ending.endsAt);
        uint64 earliest = uint64(block.timestamp) + ending.terms.noticeS;
        if (endsAt < earliest || endsAt > type(uint48).max) revert NoticeTooShort(earliest);

        ending.endsAt = uint48(endsAt);
        emit NoticeGiven(agreementId, memberId, endsAt);
    }

    // ------------------------------------------------------------------------------------------------------ rules

    function _requireWellFormed(Terms calldata terms) private pure {
        if (
            terms.feeShareBp > 10_000 || terms.currency == 0 || terms.periodS == 0 || terms.periodS > MAX_SPAN
                || terms.handInDeadlineS > MAX_SPAN || terms.graceS > MAX_SPAN || terms.noticeS > MAX_SPAN
                || terms.objectionWindowS == 0 || terms.objectionWindowS > MAX_OBJECTION_WINDOW
        ) revert TermsMalformed();
    }

    /// @dev A pair's first agreement may reach back to charges already made: there was none that it could change. A
    /// later one begins with a period that is still to come, counted from 1970 in periods of the one before.
    function _requireNext(bytes32 a, bytes32 b, uint32 version, uint64 validFrom) private view {
        bytes32[] storage accepted = _accepted[_pairId(a, b)];
        uint32 next = uint32(accepted.length) + 1;
        if (version != next) revert VersionNotNext(next);
        if (next == 1) return;
        Terms storage former = _agreements[accepted[accepted.length - 1]].terms;
        if (validFrom <= block.timestamp || validFrom < former.validFrom || validFrom % former.periodS != 0) {
            revert ValidFromNotUsable(validFrom);
        }
    }

    function _callingMember() private view returns (bytes32 memberId) {
        memberId = consortium.memberOf(msg.sender);
        if (memberId == 0) revert NotAMember();
    }

    function _requireActive(bytes32 memberId) private view {
        if (!consortium.isActive(memberId)) revert SuspendedMember(memberId);
    }

    // ------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IPeering
    function agreement(bytes32 agreementId) public view returns (Agreement memory) {
        Kept storage kept = _agreements[agreementId];
        (bytes32 a, bytes32 b) = (kept.memberA, kept.memberB);
        return Agreement({
            memberA: a,
            memberB: b,
            proposer: kept.isProposedByA ? a : b,
            version: kept.version,
            acceptedAt: kept.acceptedAt,
            endsAt: kept.endsAt,
            terms: kept.terms
        });
    }

    /// @inheritdoc IPeering
    function agreementIdOf(bytes32 memberX, bytes32 memberY, uint32 version, Terms calldata terms)
        external
        view
        returns (bytes32)
    {
        (bytes32 a, bytes32 b) = _sort(memberX, memberY);
        return _agreementId(a, b, version, terms);
    }

    /// @inheritdoc IPeering
    function agreementsOf(bytes32 memberX, bytes32 memberY) external view returns (bytes32[] memory) {
        (bytes32 a, bytes32 b) = _sort(memberX, memberY);
        return _accepted[_pairId(a, b)];
    }

    /// @inheritdoc IPeering
    function currentAgreement(bytes32 memberX, bytes32 memberY, uint64 time) public view returns (bytes32) {
        (bytes32 a, bytes32 b) = _sort(memberX, memberY);
        bytes32[] storage accepted = _accepted[_pairId(a, b)];
        for (uint256 i = accepted.length; i > 0; --i) {
            bytes32 newest = accepted[i - 1];
            if (_agreements[newest].terms.validFrom > time) continue;
            uint48 endsAt = _agreements[newest].endsAt;
            // An ended one does not bring back what it had replaced.
            return endsAt != 0 && endsAt <= time ? bytes32(0) : newest;
        }
        return 0;
    }

    /// @inheritdoc IPeering
    function claimTerms(bytes32 memberX, bytes32 memberY, uint64 time)
        external
        view
        returns (bytes32 agreementId, ClaimTerms memory)
    {
        agreementId = currentAgreement(memberX, memberY, time);
        Terms storage terms = _agreements[agreementId].terms;
        return (
            agreementId,
            ClaimTerms({
                currency: terms.currency,
                handInDeadlineS: terms.handInDeadlineS,
                graceS: terms.graceS,
                objectionWindowS: terms.objectionWindowS
            })
        );
    }

    /// @inheritdoc IPeering
    function agreementAt(bytes32 memberX, bytes32 memberY, uint64 time)
        external
        view
        returns (bytes32 agreementId, Agreement memory)
    {
        agreementId = currentAgreement(memberX, memberY, time);
        return (agreementId, agreement(agreementId));
    }

    /// @inheritdoc IPeering
    function isInForce(bytes32 agreementId, uint64 time) external view returns (bool) {
        Kept storage kept = _agreements[agreementId];
        return kept.acceptedAt != 0 && currentAgreement(kept.memberA, kept.memberB, time) == agreementId;
    }

    function _agreementId(bytes32 a, bytes32 b, uint32 version, Terms calldata terms) private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), a, b, version, terms));
    }

    function _pairId(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return keccak256(abi.encode(a, b));
    }

    function _sort(bytes32 x, bytes32 y) private pure returns (bytes32 a, bytes32 b) {
        return x < y ? (x, y) : (y, x);
    }
}
