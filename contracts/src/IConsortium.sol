// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title IConsortium
/// @notice Who the providers are: their accounts, certificate keys and addresses on the web. There is no owner: what
/// concerns all is decided by more than half of the members, what concerns one member's keys by that member.
/// @dev A member id is the ISO country code and the party id in ASCII, padded with zeros on the right: "DEAAA".
interface IConsortium {
    /// @notice A P-256 key that signs certificates, requests and acknowledgements of a member.
    /// @param retiredAt zero while in use without an end; nothing signed then or later is to be believed. It may lie
    /// ahead: then the key and its successor are both good until that time
    struct Key {
        bytes32 x;
        bytes32 y;
        uint64 addedAt;
        uint64 retiredAt;
    }

    /// @dev Account, admission and suspension share one slot: whether somebody answers for a charge is one read.
    /// @param suspendedAt zero in good standing; set by a suspension, and by a removal if there was none before it
    /// @param removedAt zero while a member
    struct Member {
        address account;
        uint48 admittedAt;
        uint48 suspendedAt;
        uint48 removedAt;
        string url;
    }

    struct PublicKey {
        bytes32 x;
        bytes32 y;
    }

    struct Candidate {
        bytes32 memberId;
        address account;
        string url;
        PublicKey[] keys;
    }

    /// @notice What the members can decide, each with the layout of its data.
    /// Admit: `(Candidate)` · Remove: `(bytes32 memberId)` · RotateAccount: `(bytes32 memberId, address account)` ·
    /// SetIssuanceLimit: `(address chargeToken, bytes32 memberId, uint256 limitMicro)` ·
    /// Suspend, Reinstate: `(bytes32 memberId)` · CloseToken: `(address chargeToken)` ·
    /// NameSuccessor: `(address chargeToken, address successor)` ·
    /// SetTimeZone: `(address pricing, bytes32 zone, LocalTime.Rule rule)`
    enum Action {
        Admit,
        Remove,
        RotateAccount,
        SetIssuanceLimit,
        Suspend,
        Reinstate,
        CloseToken,
        NameSuccessor,
        SetTimeZone
    }

    /// @param expiresAt the last second in which it can be voted for or executed
    struct Proposal {
        bytes32 proposer;
        Action action;
        bool executed;
        uint64 expiresAt;
        bytes data;
    }

    event MemberAdmitted(bytes32 indexed memberId, address account, string url);
    event MemberRemoved(bytes32 indexed memberId);
    event MemberSuspended(bytes32 indexed memberId);
    event MemberReinstated(bytes32 indexed memberId);
    event AccountRotated(bytes32 indexed memberId, address account);
    event UrlSet(bytes32 indexed memberId, string url);
    event KeyAdded(bytes32 indexed memberId, bytes32 x, bytes32 y);
    event KeyRetired(bytes32 indexed memberId, bytes32 x, bytes32 y, uint64 retiredAt);
    event Proposed(bytes32 indexed proposalId, bytes32 indexed proposer, Action action, bytes data, uint64 expiresAt);
    event Voted(bytes32 indexed proposalId, bytes32 indexed memberId);
    event Executed(bytes32 indexed proposalId);

    /// @notice The caller's account, or the id named, is not one of a member (any longer).
    error NotAMember();
    /// @notice The id does not have the form of a party id.
    error MemberIdMalformed(bytes32 memberId);
    /// @notice The id to be admitted is a member's already.
    error MemberExists(bytes32 memberId);
    /// @notice The account is zero or belongs to another member.
    error AccountNotUsable(address account);
    /// @notice The last member that may vote can be neither removed nor suspended: nobody could decide any more.
    error LastMember();
    /// @notice The member is suspended: it neither proposes nor votes, and cannot be suspended twice.
    error SuspendedMember(bytes32 memberId);
    /// @notice The member to be reinstated is not suspended.
    error MemberNotSuspended(bytes32 memberId);
    /// @notice Not a point of P-256.
    error KeyMalformed();
    /// @notice The member has, or once had, this key.
    error KeyExists();
    /// @notice The member has no such key in use.
    error KeyUnknown();
    /// @notice A key cannot be retired for a time that has passed.
    error TimePassed();
    /// @notice The end of a key's use may be moved to an earlier time only.
    error RetirementNotEarlier(uint64 retiredAt);
    /// @notice A member has at most MAX_KEYS keys in its history.
    error TooManyKeys();
    /// @notice A url has at most MAX_URL_BYTES bytes.
    error UrlTooLong();
    /// @notice The same member made the same proposal before.
    error ProposalExists(bytes32 proposalId);
    error ProposalUnknown(bytes32 proposalId);
    error ProposalExpired(bytes32 proposalId);
    error ProposalExecuted(bytes32 proposalId);
    error AlreadyVoted(bytes32 proposalId);
    /// @notice Not more than half of the members that may vote are for it.
    error QuorumMissing(uint256 votes, uint256 voters);

    /// @notice Puts something to the vote; the proposer's own vote counts at once.
    /// @param salt chosen by the caller: the same call again names the same proposal and is refused
    function propose(Action action, bytes calldata data, bytes32 salt) external returns (bytes32 proposalId);

    /// @notice Votes for a proposal. Not to vote is to be against it.
    function vote(bytes32 proposalId) external;

    /// @notice Carries a proposal out that more than half of those voted for who may vote now: present members that
    /// are not suspended. Anyone may call.
    function execute(bytes32 proposalId) external;

    /// @notice Adds one of the caller's own certificate keys.
    function addKey(bytes32 x, bytes32 y) external;

    /// @notice Ends the use of one of the caller's own keys, for good.
    /// @param from from when on nothing is signed with it; 0 is now. A rotation names a time ahead, up to which this key
    /// and the next overlap. It may be moved to an earlier time later, never to one that has passed, never back
    function retireKey(bytes32 x, bytes32 y, uint64 from) external;

    /// @notice Where the caller's server is.
    function setUrl(string calldata url) external;

    function networkId() external view returns (bytes32);
    function isMember(bytes32 memberId) external view returns (bool);
    /// @notice The account of a member or former member, zero if there never was one.
    function accountOf(bytes32 memberId) external view returns (address);
    /// @notice The member whose account this is; zero if none, or removed.
    function memberOf(address account) external view returns (bytes32);
    /// @notice The member or former member whose account this is or was last; zero if none.
    function memberOrFormerOf(address account) external view returns (bytes32);
    /// @notice Whether it is a present member that is not suspended: such a one decides, agrees and makes new debts.
    function isActive(bytes32 memberId) external view returns (bool);
    /// @notice Whether a member answers for what was authorized at a time: admitted by then, and neither suspended nor
    /// removed by then. A reinstated member is one that never was suspended. A founder was a member always: what it
    /// answers for in the time before is what its agreements reach back to.
    function liableAt(bytes32 memberId, uint64 time) external view returns (bool);
    /// @notice The rule for charges: admitted when the driver signed, and not suspended or removed so long before that
    /// the grace was over. It is {liableAt} that time, or some time not longer than the grace before it.
    function isLiable(bytes32 memberId, uint64 signedAt, uint64 graceS) external view returns (bool);
    /// @notice From when on a member makes no new debts: its suspension or removal; zero while in good standing.
    function suspendedAt(bytes32 memberId) external view returns (uint64);
    /// @notice The account of a present member.
    function requireMember(bytes32 memberId) external view returns (address account);
    function member(bytes32 memberId) external view returns (Member memory);
    /// @notice All ids ever admitted, in order of their first admission.
    function memberIds() external view returns (bytes32[] memory);
    function memberCount() external view returns (uint256);
    /// @notice How many may vote: members that are not suspended.
    function voterCount() external view returns (uint256);
    function keys(bytes32 memberId) external view returns (Key[] memory);
    /// @notice Since when and until when a key is a member's; both zero if it never was. One storage read.
    function keyTimes(bytes32 memberId, bytes32 x, bytes32 y) external view returns (uint64 addedAt, uint64 retiredAt);
    function proposal(bytes32 proposalId) external view returns (Proposal memory);
    /// @notice The members' votes for a proposal; only those of members that may vote count.
    function votes(bytes32 proposalId) external view returns (bytes32[] memory);
    function proposalIdOf(bytes32 proposer, Action action, bytes calldata data, bytes32 salt)
        external
        view
        returns (bytes32);
}
