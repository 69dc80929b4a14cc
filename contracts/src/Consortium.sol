// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Evidence} from "./Evidence.sol";
import {IChargeToken} from "./IChargeToken.sol";
import {IConsortium} from "./IConsortium.sol";
import {LocalTime} from "./LocalTime.sol";
import {Pricing} from "./Pricing.sol";

/// @title Consortium
/// @notice See {IConsortium}.
contract Consortium is IConsortium {
    /// @notice How long a proposal can be voted for and executed.
    uint64 public constant VOTING_PERIOD = 14 days;
    uint256 public constant MAX_KEYS = 64;
    uint256 public constant MAX_URL_BYTES = 256;

    bytes32 public immutable networkId;

    /// @dev A time in which somebody was a member once, before a later admission.
    struct Span {
        uint48 from;
        uint48 until;
    }

    struct KeyTimes {
        uint64 addedAt;
        uint64 retiredAt;
    }

    uint256 public memberCount;
    uint256 public voterCount;
    bytes32[] private _memberIds;
    mapping(bytes32 memberId => Member) private _members;
    mapping(address account => bytes32 memberId) private _memberOf;
    mapping(bytes32 memberId => Span[]) private _formerSpans;
    mapping(bytes32 memberId => PublicKey[]) private _keys;
    mapping(bytes32 memberId => mapping(bytes32 keyHash => KeyTimes)) private _keyTimes;
    mapping(bytes32 proposalId => Proposal) private _proposals;
    mapping(bytes32 proposalId => bytes32[]) private _votes;
    mapping(bytes32 proposalId => mapping(bytes32 memberId => bool)) private _hasVoted;

    constructor(bytes32 networkId_, Candidate[] memory founders) {
        networkId = networkId_;
        if (founders.length == 0) revert LastMember();
        for (uint256 i = 0; i < founders.length; ++i) {
            _admit(founders[i]);
            // A deployment that follows another takes over what was signed under it.
            _formerSpans[founders[i].memberId].push(Span({from: 0, until: uint48(block.timestamp)}));
        }
    }

    // ------------------------------------------------------------------------------------------------- decisions

    /// @inheritdoc IConsortium
    function propose(Action action, bytes calldata data, bytes32 salt) external returns (bytes32 proposalId) {
        bytes32 proposer = _callingVoter();
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
        bytes32 memberId = _callingVoter();
        _requireOpen(proposalId);
        if (_hasVoted[proposalId][memberId]) revert AlreadyVoted(proposalId);
        _vote(proposalId, memberId);
    }

    /// @inheritdoc IConsortium
    function execute(bytes32 proposalId) external {
        Proposal storage decided = _requireOpen(proposalId);
        uint256 votesFor = _countVotes(proposalId);
        if (votesFor * 2 <= voterCount) revert QuorumMissing(votesFor, voterCount);

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
        } else if (action == Action.Suspend) {
            _suspend(abi.decode(data, (bytes32)));
        } else if (action == Action.Reinstate) {
            _reinstate(abi.decode(data, (bytes32)));
        } else if (action == Action.CloseToken) {
            IChargeToken(abi.decode(data, (address))).close();
        } else if (action == Action.NameSuccessor) {
            (address closed, address successor) = abi.decode(data, (address, address));
            IChargeToken(closed).nameSuccessor(IChargeToken(successor));
        } else if (action == Action.SetTimeZone) {
            (address pricing, bytes32 zone, LocalTime.Rule memory rule) =
                abi.decode(data, (address, bytes32, LocalTime.Rule));
            Pricing(pricing).setTimeZone(zone, rule);
        } else {
            (address chargeToken, bytes32 memberId, uint256 limitMicro) = abi.decode(data, (address, bytes32, uint256));
            IChargeToken(chargeToken).setIssuanceLimit(memberId, limitMicro);
        }
    }

    /// @dev Data that does not fit its action must not reach the vote.
    function _requireDecodable(Action action, bytes calldata data) private pure {
        if (action == Action.Admit) abi.decode(data, (Candidate));
        else if (action == Action.RotateAccount) abi.decode(data, (bytes32, address));
        else if (action == Action.SetIssuanceLimit) abi.decode(data, (address, bytes32, uint256));
        else if (action == Action.CloseToken) abi.decode(data, (address));
        else if (action == Action.NameSuccessor) abi.decode(data, (address, address));
        else if (action == Action.SetTimeZone) abi.decode(data, (address, bytes32, LocalTime.Rule));
        else abi.decode(data, (bytes32));
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

    /// @dev Who was removed or suspended after voting no longer counts.
    function _countVotes(bytes32 proposalId) private view returns (uint256 count) {
        bytes32[] storage voters = _votes[proposalId];
        for (uint256 i = 0; i < voters.length; ++i) {
            if (isActive(voters[i])) ++count;
        }
    }

    // --------------------------------------------------------------------------------------------------- members

    function _admit(Candidate memory candidate) private {
        bytes32 memberId = candidate.memberId;
        if (!_isPartyId(memberId)) revert MemberIdMalformed(memberId);
        if (isMember(memberId)) revert MemberExists(memberId);
        _requireUsable(candidate.account, memberId);
        if (bytes(candidate.url).length > MAX_URL_BYTES) revert UrlTooLong();

        Member storage former = _members[memberId];
        if (former.admittedAt == 0) {
            _memberIds.push(memberId);
        } else {
            _formerSpans[memberId].push(Span({from: former.admittedAt, until: former.suspendedAt}));
            delete _memberOf[former.account];
        }
        _members[memberId] = Member({
            account: candidate.account,
            admittedAt: uint48(block.timestamp),
            suspendedAt: 0,
            removedAt: 0,
            url: candidate.url
        });
        _memberOf[candidate.account] = memberId;
        ++memberCount;
        ++voterCount;
        emit MemberAdmitted(memberId, candidate.account, candidate.url);
        for (uint256 i = 0; i < candidate.keys.length; ++i) {
            _addKey(memberId, candidate.keys[i].x, candidate.keys[i].y);
        }
    }

    /// @dev The account stays known as the former member's: it pays and receives what was owed before.
    function _remove(bytes32 memberId) private {
        requireMember(memberId);
        Member storage leaving = _members[memberId];
        if (leaving.suspendedAt == 0) {
            if (voterCount == 1) revert LastMember();
            leaving.suspendedAt = uint48(block.timestamp);
            --voterCount;
        }
        leaving.removedAt = uint48(block.timestamp);
        --memberCount;
        emit MemberRemoved(memberId);
    }

    function _suspend(bytes32 memberId) private {
        requireMember(memberId);
        if (_members[memberId].suspendedAt != 0) revert SuspendedMember(memberId);
        if (voterCount == 1) revert LastMember();
        _members[memberId].suspendedAt = uint48(block.timestamp);
        --voterCount;
        emit MemberSuspended(memberId);
    }

    function _reinstate(bytes32 memberId) private {
        requireMember(memberId);
        if (_members[memberId].suspendedAt == 0) revert MemberNotSuspended(memberId);
        _members[memberId].suspendedAt = 0;
        ++voterCount;
        emit MemberReinstated(memberId);
    }

    function _rotateAccount(bytes32 memberId, address account) private {
        address before = requireMember(memberId);
        _requireUsable(account, 0);
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
    function retireKey(bytes32 x, bytes32 y, uint64 from) external {
        bytes32 memberId = _callingMember();
        uint64 now_ = uint64(block.timestamp);
        KeyTimes storage times = _keyTimes[memberId][_keyHash(x, y)];
        uint64 until = times.retiredAt;
        if (times.addedAt == 0 || (until != 0 && until <= now_)) revert KeyUnknown();
        if (from == 0) from = now_;
        if (from < now_) revert TimePassed();
        if (until != 0 && from >= until) revert RetirementNotEarlier(until);
        times.retiredAt = from;
        emit KeyRetired(memberId, x, y, from);
    }

    function _addKey(bytes32 memberId, bytes32 x, bytes32 y) private {
        if (!Evidence.isKey(x, y)) revert KeyMalformed();
        KeyTimes storage times = _keyTimes[memberId][_keyHash(x, y)];
        if (times.addedAt != 0) revert KeyExists();
        if (_keys[memberId].length == MAX_KEYS) revert TooManyKeys();
        _keys[memberId].push(PublicKey({x: x, y: y}));
        times.addedAt = uint64(block.timestamp);
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
        // A removal suspends too, so who is not suspended was not removed: the common case reads one slot.
        return found.admittedAt != 0 && (found.suspendedAt == 0 || found.removedAt == 0);
    }

    /// @inheritdoc IConsortium
    function isActive(bytes32 memberId) public view returns (bool) {
        // A removal suspends too, so this slot says it all.
        Member storage found = _members[memberId];
        return found.admittedAt != 0 && found.suspendedAt == 0;
    }

    /// @inheritdoc IConsortium
    function liableAt(bytes32 memberId, uint64 time) external view returns (bool) {
        return isLiable(memberId, time, 0);
    }

    /// @inheritdoc IConsortium
    function isLiable(bytes32 memberId, uint64 signedAt, uint64 graceS) public view returns (bool) {
        Member storage found = _members[memberId];
        uint256 admittedAt = found.admittedAt;
        if (admittedAt == 0) return false;
        if (_isWithin(admittedAt, found.suspendedAt, signedAt, graceS)) return true;
        if (signedAt >= admittedAt) return false;
        Span[] storage former = _formerSpans[memberId];
        for (uint256 i = 0; i < former.length; ++i) {
            if (_isWithin(former[i].from, former[i].until, signedAt, graceS)) return true;
        }
        return false;
    }

    function _isWithin(uint256 from, uint256 until, uint256 signedAt, uint256 graceS) private pure returns (bool) {
        return from <= signedAt && (until == 0 || signedAt < until + graceS);
    }

    /// @inheritdoc IConsortium
    function suspendedAt(bytes32 memberId) external view returns (uint64) {
        return _members[memberId].suspendedAt;
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
    function memberOf(address account) public view returns (bytes32 memberId) {
        memberId = _memberOf[account];
        if (!isMember(memberId)) return 0;
    }

    /// @inheritdoc IConsortium
    function memberOrFormerOf(address account) external view returns (bytes32) {
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
    function keys(bytes32 memberId) external view returns (Key[] memory found) {
        PublicKey[] storage listed = _keys[memberId];
        found = new Key[](listed.length);
        for (uint256 i = 0; i < listed.length; ++i) {
            (bytes32 x, bytes32 y) = (listed[i].x, listed[i].y);
            KeyTimes storage times = _keyTimes[memberId][_keyHash(x, y)];
            found[i] = Key({x: x, y: y, addedAt: times.addedAt, retiredAt: times.retiredAt});
        }
    }

    /// @inheritdoc IConsortium
    function keyTimes(bytes32 memberId, bytes32 x, bytes32 y) external view returns (uint64 addedAt, uint64 retiredAt) {
        KeyTimes storage times = _keyTimes[memberId][_keyHash(x, y)];
        return (times.addedAt, times.retiredAt);
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
        memberId = memberOf(msg.sender);
        if (memberId == 0) revert NotAMember();
    }

    function _callingVoter() private view returns (bytes32 memberId) {
        memberId = _callingMember();
        if (!isActive(memberId)) revert SuspendedMember(memberId);
    }

    /// @dev A former member's account can become no one else's; its own it may be again.
    function _requireUsable(address account, bytes32 former) private view {
        bytes32 holder = _memberOf[account];
        if (account == address(0) || (holder != 0 && holder != former)) revert AccountNotUsable(account);
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
