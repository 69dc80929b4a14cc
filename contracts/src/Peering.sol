// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsortium} from "./IConsortium.sol";
import {IPeering} from "./IPeering.sol";

/// @title Peering
/// @notice See {IPeering}.
contract Peering is IPeering {
    IConsortium public immutable consortium;

    mapping(bytes32 agreementId => Agreement) private _agreements;
    mapping(bytes32 pairId => bytes32[]) private _accepted;

    constructor(IConsortium consortium_) {
        consortium = consortium_;
    }

    /// @inheritdoc IPeering
    function propose(bytes32 other, uint32 version, Terms calldata terms) external returns (bytes32 agreementId) {
        bytes32 proposer = _callingMember();
        if (!consortium.isMember(other)) revert NotAMember();
        if (proposer == other) revert SameMember();
        if (terms.feeShareBp > 10_000 || terms.currency == 0 || terms.periodS == 0) revert TermsMalformed();
        (bytes32 a, bytes32 b) = _sort(proposer, other);
        _requireNext(a, b, version);
        agreementId = _agreementId(a, b, version, terms);
        if (_agreements[agreementId].version != 0) revert AgreementExists(agreementId);

        _agreements[agreementId] =
            Agreement({memberA: a, memberB: b, proposer: proposer, version: version, acceptedAt: 0, terms: terms});
        emit AgreementProposed(agreementId, proposer, other, version, terms);
    }

    /// @inheritdoc IPeering
    function accept(bytes32 agreementId) external {
        bytes32 accepter = _callingMember();
        Agreement storage proposed = _agreements[agreementId];
        if (proposed.version == 0) revert AgreementUnknown(agreementId);
        if (proposed.acceptedAt != 0) revert AgreementAcceptedAlready(agreementId);
        (bytes32 a, bytes32 b) = (proposed.memberA, proposed.memberB);
        if (accepter == proposed.proposer || (accepter != a && accepter != b)) revert NotTheOther();
        if (!consortium.isMember(proposed.proposer)) revert NotAMember();
        _requireNext(a, b, proposed.version);

        proposed.acceptedAt = uint64(block.timestamp);
        _accepted[_pairId(a, b)].push(agreementId);
        emit AgreementAccepted(agreementId, a, b);
    }

    // ------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IPeering
    function agreement(bytes32 agreementId) external view returns (Agreement memory) {
        return _agreements[agreementId];
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
    function currentAgreement(bytes32 memberX, bytes32 memberY, uint64 time) external view returns (bytes32) {
        (bytes32 a, bytes32 b) = _sort(memberX, memberY);
        bytes32[] storage accepted = _accepted[_pairId(a, b)];
        for (uint256 i = accepted.length; i > 0; --i) {
            if (_agreements[accepted[i - 1]].terms.validFrom <= time) return accepted[i - 1];
        }
        return 0;
    }

    function _requireNext(bytes32 a, bytes32 b, uint32 version) private view {
        uint32 next = uint32(_accepted[_pairId(a, b)].length) + 1;
        if (version != next) revert VersionNotNext(next);
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

    function _callingMember() private view returns (bytes32 memberId) {
        memberId = consortium.memberOf(msg.sender);
        if (memberId == 0) revert NotAMember();
    }
}
