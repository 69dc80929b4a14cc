// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Evidence} from "./Evidence.sol";
import {IChargeToken} from "./IChargeToken.sol";
import {IConsortium} from "./IConsortium.sol";

/// @title Consortium
/// @notice See {IConsortium}.
contract Consortium is IConsortium {
    /// @notice How long a proposal can be voted for and executed.
    uint64 public constant VOTING_PERIOD = 14 days;
    uint256 public constant MAX_KEYS = 64;
    uint256 public constant MAX_URL_BYTES = 256;

    bytes32 public immutable networkId;

    uint256 public memberCount;
    bytes32[] private _memberIds;
    mapping(bytes32 memberId => Member) private _members;
    mapping(address account => bytes32 memberId) private _memberOf;
    mapping(bytes32 memberId => Key[]) private _keys;
    /// The place of a key in its member's list, counted from one.
    mapping(bytes32 memberId => mapping(bytes32 keyHash => uint256)) private _keyPlace;
    mapping(bytes32 proposalId => Proposal) private _proposals;
    mapping(bytes32 proposalId => bytes32[]) private _votes;
    mapping(bytes32 proposalId => mapping(bytes32 memberId => bool)) private _hasVoted;

    constructor(bytes32 networkId_, Candidate[] memory founders) {
        networkId = networkId_;
        if (founders.length == 0) revert LastMember();
        for (uint256 i = 0; i < founders.length; ++i) {
            _admit(founders[i]);
        }
    }

    // ------------------------------------------------------------------------------------------------- decisions

    /// @inheritdoc IConsortium
    function propose(Action action, bytes calldata data, bytes32 salt) external returns (bytes32 proposalId) {
        bytes32 proposer = _callingMember();
        proposalId = proposalIdOf(proposer, action, data, salt);
        if (_proposals[proposalId].expiresAt != 0) revert ProposalExists(proposalId);
        _requireDecodable(action, data);

        uint64 expiresAt = uint64(block.timestamp) + VOTING_PERIOD;
        _proposals[proposalId] =
            Proposal({proposer: proposer, action: action, executed: false, expiresAt: expiresAt, data: data});
        emit Proposed(proposalId, proposer, action, data, expiresAt);
        _vote(proposalId, proposer);
    }

    /// @inheritdoc IConsortium
    function vote(bytes32 proposalId) external {
        bytes32 memberId = _callingMember();
        _requireOpen(proposalId);
        if (_hasVoted[proposalId][memberId]) revert AlreadyVoted(proposalId);
        _vote(proposalId, memberId);
    }

    /// @inheritdoc IConsortium
    function execute(bytes32 proposalId) external {
        Proposal storage decided = _requireOpen(proposalId);
        uint256 votesFor = _countVotes(proposalId);
        if (votesFor * 2 <= memberCount) revert QuorumMissing(votesFor, memberCount);

        decided.executed = true;
        emit Executed(proposalId);
        _apply(decided.action, decided.data);
    }

    function _apply(Action action, bytes memory data) private {
        if (action == Action.Admit) {
            _admit(abi.decode(data, (Candidate)));
        } else if (action == Action.Remove) {
            _remove(abi.decode(data, (bytes32)));
        } else if (action == Action.RotateAccount) {
            (bytes32 memberId, address account) = abi.decode(data, (bytes32, address));
            _rotateAccount(memberId, account);
        } else {
            (address chargeToken, bytes32 memberId, uint256 limitMicro) = abi.decode(data, (address, bytes32, uint256));
            IChargeToken(chargeToken).setIssuanceLimit(memberId, limitMicro);
        }
    }

    /// @dev Data that does not fit its action must not reach the vote.
    function _requireDecodable(Action action, bytes calldata data) private pure {
        if (action == Action.Admit) abi.decode(data, (Candidate));
        else if (action == Action.Remove) abi.decode(data, (bytes32));
        else if (action == Action.RotateAccount) abi.decode(data, (bytes32, address));
        else abi.decode(data, (address, bytes32, uint256));
    }

    function _requireOpen(bytes32 proposalId) private view returns (Proposal storage open) {
        open = _proposals[proposalId];
        if (open.expiresAt == 0) revert ProposalUnknown(proposalId);
        if (open.executed) revert ProposalExecuted(proposalId);
        if (block.timestamp > open.expiresAt) revert ProposalExpired(proposalId);
    }

    function _vote(bytes32 proposalId, bytes32 memberId) private {
        _hasVoted[proposalId][memberId] = true;
        _votes[proposalId].push(memberId);
        emit Voted(proposalId, memberId);
    }

    /// @dev Who was removed after voting no longer counts.
    function _countVotes(bytes32 proposalId) private view returns (uint256 count) {
        bytes32[] storage voters = _votes[proposalId];
        for (uint256 i = 0; i < voters.length; ++i) {
            if (isMember(voters[i])) ++count;
        }
    }

    // --------------------------------------------------------------------------------------------------- members

    function _admit(Candidate memory candidate) private {
        bytes32 memberId = candidate.memberId;
        if (!_isPartyId(memberId)) revert MemberIdMalformed(memberId);
        if (isMember(memberId)) revert MemberExists(memberId);
        _requireUsable(candidate.account);
        if (bytes(candidate.url).length > MAX_URL_BYTES) revert UrlTooLong();

        if (_members[memberId].admittedAt == 0) _memberIds.push(memberId);
        _members[memberId] =
            Member({account: candidate.account, admittedAt: uint48(block.timestamp), removedAt: 0, url: candidate.url});
        _memberOf[candidate.account] = memberId;
        ++memberCount;
        emit MemberAdmitted(memberId, candidate.account, candidate.url);
        for (uint256 i = 0; i < candidate.keys.length; ++i) {
            _addKey(memberId, candidate.keys[i].x, candidate.keys[i].y);
        }
    }

    function _remove(bytes32 memberId) private {
        address account = requireMember(memberId);
        if (memberCount == 1) revert LastMember();
        _members[memberId].removedAt = uint48(block.timestamp);
        delete _memberOf[account];
        --memberCount;
        emit MemberRemoved(memberId);
    }

    function _rotateAccount(bytes32 memberId, address account) private {
        address before = requireMember(memberId);
        _requireUsable(account);
        delete _memberOf[before];
        _memberOf[account] = memberId;
        _members[memberId].account = account;
        emit AccountRotated(memberId, account);
    }

    /// @inheritdoc IConsortium
    function setUrl(string calldata url) external {
        bytes32 memberId = _callingMember();
        if (bytes(url).length > MAX_URL_BYTES) revert UrlTooLong();
        _members[memberId].url = url;
        emit UrlSet(memberId, url);
    }

    // ------------------------------------------------------------------------------------------------------ keys

    /// @inheritdoc IConsortium
    function addKey(bytes32 x, bytes32 y) external {
        _addKey(_callingMember(), x, y);
    }

    /// @inheritdoc IConsortium
    function retireKey(bytes32 x, bytes32 y) external {
        bytes32 memberId = _callingMember();
        uint256 place = _keyPlace[memberId][_keyHash(x, y)];
        if (place == 0 || _keys[memberId][place - 1].retiredAt != 0) revert KeyUnknown();
        _keys[memberId][place - 1].retiredAt = uint64(block.timestamp);
        emit KeyRetired(memberId, x, y);
    }

    function _addKey(bytes32 memberId, bytes32 x, bytes32 y) private {
        if (!Evidence.isKey(x, y)) revert KeyMalformed();
        if (_keyPlace[memberId][_keyHash(x, y)] != 0) revert KeyExists();
        if (_keys[memberId].length == MAX_KEYS) revert TooManyKeys();
        _keys[memberId].push(Key({x: x, y: y, addedAt: uint64(block.timestamp), retiredAt: 0}));
        _keyPlace[memberId][_keyHash(x, y)] = _keys[memberId].length;
        emit KeyAdded(memberId, x, y);
    }

    function _keyHash(bytes32 x, bytes32 y) private pure returns (bytes32) {
        return keccak256(abi.encode(x, y));
    }

    // ----------------------------------------------------------------------------------------------------- views

    /// @inheritdoc IConsortium
    function proposalIdOf(bytes32 proposer, Action action, bytes calldata data, bytes32 salt)
        public
        view
        returns (bytes32)
    {
        return keccak256(abi.encode(block.chainid, address(this), proposer, action, data, salt));
    }

    /// @inheritdoc IConsortium
    function isMember(bytes32 memberId) public view returns (bool) {
        Member storage found = _members[memberId];
        return found.admittedAt != 0 && found.removedAt == 0;
    }

    /// @inheritdoc IConsortium
    function requireMember(bytes32 memberId) public view returns (address) {
        if (!isMember(memberId)) revert NotAMember();
        return _members[memberId].account;
    }

    /// @inheritdoc IConsortium
    function accountOf(bytes32 memberId) external view returns (address) {
        return _members[memberId].account;
    }

    /// @inheritdoc IConsortium
    function memberOf(address account) external view returns (bytes32) {
        return _memberOf[account];
    }

    /// @inheritdoc IConsortium
    function member(bytes32 memberId) external view returns (Member memory) {
        return _members[memberId];
    }

    /// @inheritdoc IConsortium
    function memberIds() external view returns (bytes32[] memory) {
        return _memberIds;
    }

    /// @inheritdoc IConsortium
    function keys(bytes32 memberId) external view returns (Key[] memory) {
        return _keys[memberId];
    }

    /// @inheritdoc IConsortium
    function proposal(bytes32 proposalId) external view returns (Proposal memory) {
        return _proposals[proposalId];
    }

    /// @inheritdoc IConsortium
    function votes(bytes32 proposalId) external view returns (bytes32[] memory) {
        return _votes[proposalId];
    }

    function _callingMember() private view returns (bytes32 memberId) {
        memberId = _memberOf[msg.sender];
        if (memberId == 0) revert NotAMember();
    }

    function _requireUsable(address account) private view {
        if (account == address(0) || _memberOf[account] != 0) revert AccountNotUsable(account);
    }

    /// @dev Two letters of a country, three letters or digits of a party, then zeros.
    function _isPartyId(bytes32 memberId) private pure returns (bool) {
        if (uint256(memberId) << 40 != 0) return false;
        for (uint256 i = 0; i < 5; ++i) {
            bytes1 c = memberId[i];
            bool letter = c >= "A" && c <= "Z";
            bool digit = c >= "0" && c <= "9";
            if (!letter && (i < 2 || !digit)) return false;
        }
        return true;
    }
}
