// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Consortium} from "../src/Consortium.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {World} from "./World.sol";

contract ConsortiumTest is World {
    bytes32 private constant D = "ATDDD";

    function _propose(bytes32 proposer, IConsortium.Action action, bytes memory data) private returns (bytes32) {
        vm.prank(_account(proposer));
        return consortium.propose(action, data, 0);
    }

    function _vote(bytes32 voter, bytes32 proposalId) private {
        vm.prank(_account(voter));
        consortium.vote(proposalId);
    }

    // ----------------------------------------------------------------------------------------------------- founding

    function test_founded_with_its_members() public view {
        assertEq(consortium.networkId(), NETWORK);
        assertEq(consortium.memberCount(), 3);
        bytes32[] memory ids = consortium.memberIds();
        assertEq(ids.length, 3);
        assertEq(ids[2], C);
        IConsortium.Member memory member = consortium.member(A);
        assertEq(member.account, _account(A));
        assertEq(member.url, "https://provider.example");
        assertEq(member.admittedAt, block.timestamp);
        assertEq(consortium.memberOf(_account(B)), B);
        assertEq(consortium.keys(A).length, 1);
        assertEq(consortium.keys(A)[0].retiredAt, 0);
    }

    function test_founded_with_nobody_is_refused() public {
        vm.expectRevert(IConsortium.LastMember.selector);
        new Consortium(NETWORK, new IConsortium.Candidate[](0));
    }

    function testFuzz_member_ids_have_one_form(bytes32 memberId) public {
        bool wellFormed = uint216(uint256(memberId)) == 0;
        for (uint256 i = 0; i < 5; ++i) {
            uint8 c = uint8(memberId[i]);
            bool letter = c >= 65 && c <= 90;
            wellFormed = wellFormed && (letter || (i > 1 && c >= 48 && c <= 57));
        }
        IConsortium.Candidate[] memory founders = new IConsortium.Candidate[](1);
        founders[0] = _candidate(A);
        founders[0].memberId = memberId;
        if (!wellFormed) vm.expectRevert(abi.encodeWithSelector(IConsortium.MemberIdMalformed.selector, memberId));
        new Consortium(NETWORK, founders);
    }

    function test_member_ids_at_the_edges_of_their_form() public {
        IConsortium.Candidate[] memory founders = new IConsortium.Candidate[](1);
        founders[0] = _candidate(A);
        string[7] memory bad = ["DEAA", "DEAAAA", "deAAA", "D3AAA", "DE-AA", "DEAA:", "DEAA["];
        for (uint256 i = 0; i < bad.length; ++i) {
            bytes32 memberId = bytes32(bytes(bad[i]));
            founders[0].memberId = memberId;
            vm.expectRevert(abi.encodeWithSelector(IConsortium.MemberIdMalformed.selector, memberId));
            new Consortium(NETWORK, founders);
        }
        string[3] memory good = ["DE8A9", "ATZ0Z", "FR000"];
        for (uint256 i = 0; i < good.length; ++i) {
            founders[0].memberId = bytes32(bytes(good[i]));
            new Consortium(NETWORK, founders);
        }
    }

    // ------------------------------------------------------------------------------------------------------- voting

    function test_admitted_by_more_than_half() public {
        bytes32 proposalId = _propose(A, IConsortium.Action.Admit, abi.encode(_candidate(D)));
        vm.expectRevert(abi.encodeWithSelector(IConsortium.QuorumMissing.selector, 1, 3));
        consortium.execute(proposalId);
        _vote(C, proposalId);
        consortium.execute(proposalId);
        assertTrue(consortium.isMember(D));
        assertEq(consortium.memberCount(), 4);
        assertEq(consortium.votes(proposalId).length, 2);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.ProposalExecuted.selector, proposalId));
        consortium.execute(proposalId);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.ProposalExecuted.selector, proposalId));
        vm.prank(_account(B));
        consortium.vote(proposalId);
    }

    function test_half_is_not_enough() public {
        _decide(IConsortium.Action.Admit, abi.encode(_candidate(D)));
        bytes32 proposalId = _propose(A, IConsortium.Action.Remove, abi.encode(D));
        _vote(B, proposalId);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.QuorumMissing.selector, 2, 4));
        consortium.execute(proposalId);
        _vote(C, proposalId);
        consortium.execute(proposalId);
        assertFalse(consortium.isMember(D));
    }

    function test_one_vote_a_member() public {
        bytes32 proposalId = _propose(A, IConsortium.Action.Remove, abi.encode(C));
        vm.expectRevert(abi.encodeWithSelector(IConsortium.AlreadyVoted.selector, proposalId));
        vm.prank(_account(A));
        consortium.vote(proposalId);
        vm.expectRevert(IConsortium.NotAMember.selector);
        consortium.vote(proposalId);
        vm.expectRevert(IConsortium.NotAMember.selector);
        consortium.propose(IConsortium.Action.Remove, abi.encode(C), 0);
    }

    function test_a_removed_members_vote_no_longer_counts() public {
        bytes32 rotation = _propose(C, IConsortium.Action.RotateAccount, abi.encode(A, makeAddr("what C would like")));
        _decide(IConsortium.Action.Remove, abi.encode(C));
        _vote(B, rotation);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.QuorumMissing.selector, 1, 2));
        consortium.execute(rotation);
    }

    function test_a_proposal_expires() public {
        bytes32 proposalId = _propose(A, IConsortium.Action.Remove, abi.encode(C));
        uint256 expiresAt = consortium.proposal(proposalId).expiresAt;
        assertEq(expiresAt, block.timestamp + 14 days);
        vm.warp(expiresAt);
        _vote(B, proposalId);
        vm.warp(expiresAt + 1);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.ProposalExpired.selector, proposalId));
        consortium.execute(proposalId);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.ProposalExpired.selector, proposalId));
        vm.prank(_account(C));
        consortium.vote(proposalId);
    }

    function test_a_proposal_is_named_by_all_of_it() public {
        bytes memory data = abi.encode(C);
        bytes32 proposalId = _propose(A, IConsortium.Action.Remove, data);
        assertEq(proposalId, consortium.proposalIdOf(A, IConsortium.Action.Remove, data, 0));
        vm.expectRevert(abi.encodeWithSelector(IConsortium.ProposalExists.selector, proposalId));
        vm.prank(_account(A));
        consortium.propose(IConsortium.Action.Remove, data, 0);
        // Nobody can take another's proposal from under it.
        assertTrue(_propose(B, IConsortium.Action.Remove, data) != proposalId);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.ProposalUnknown.selector, keccak256("x")));
        consortium.execute(keccak256("x"));
        vm.chainId(block.chainid + 1);
        assertTrue(proposalId != consortium.proposalIdOf(A, IConsortium.Action.Remove, data, 0));
    }

    function test_data_that_does_not_fit_its_action_is_not_put_to_the_vote() public {
        for (uint8 action = 0; action < 4; ++action) {
            vm.expectRevert();
            vm.prank(_account(A));
            consortium.propose(IConsortium.Action(action), hex"1234", 0);
        }
    }

    function test_the_last_member_stays() public {
        _decide(IConsortium.Action.Remove, abi.encode(C));
        _decide(IConsortium.Action.Remove, abi.encode(B));
        bytes32 proposalId = _propose(A, IConsortium.Action.Remove, abi.encode(A));
        vm.expectRevert(IConsortium.LastMember.selector);
        consortium.execute(proposalId);
    }

    function test_who_was_removed_can_be_admitted_again() public {
        _decide(IConsortium.Action.Remove, abi.encode(C));
        assertEq(consortium.accountOf(C), _account(C));
        assertEq(consortium.memberOf(_account(C)), 0);
        vm.expectRevert(IConsortium.NotAMember.selector);
        consortium.requireMember(C);
        IConsortium.Candidate memory again = _candidate(C);
        again.keys = new IConsortium.PublicKey[](0);
        _decide(IConsortium.Action.Admit, abi.encode(again));
        assertEq(consortium.requireMember(C), _account(C));
        assertEq(consortium.memberIds().length, 3);
        assertEq(consortium.keys(C).length, 1);
    }

    function test_one_account_one_member() public {
        bytes32 proposalId = _propose(A, IConsortium.Action.RotateAccount, abi.encode(C, _account(B)));
        _vote(B, proposalId);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.AccountNotUsable.selector, _account(B)));
        consortium.execute(proposalId);

        address next = makeAddr("C's next account");
        _decide(IConsortium.Action.RotateAccount, abi.encode(C, next));
        assertEq(consortium.memberOf(next), C);
        assertEq(consortium.memberOf(_account(C)), 0);
        vm.expectRevert(IConsortium.NotAMember.selector);
        vm.prank(_account(C));
        consortium.setUrl("https://old.example");
    }

    function test_who_is_a_member_is_not_admitted_twice() public {
        bytes32 proposalId = _propose(A, IConsortium.Action.Admit, abi.encode(_candidate(B)));
        _vote(B, proposalId);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.MemberExists.selector, B));
        consortium.execute(proposalId);
    }

    function test_limits_are_granted_by_vote_only() public {
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), C, 7));
        assertEq(token.accountState(C).limitMicro, 7);
        vm.expectRevert(IChargeToken.NotConsortium.selector);
        vm.prank(_account(A));
        token.setIssuanceLimit(A, 7);
    }

    function test_what_is_executed_cannot_be_executed_from_inside() public {
        ReenteringToken reentering = new ReenteringToken(consortium);
        bytes32 proposalId =
            _propose(A, IConsortium.Action.SetIssuanceLimit, abi.encode(address(reentering), C, uint256(7)));
        _vote(B, proposalId);
        reentering.aim(proposalId);
        consortium.execute(proposalId);
        assertTrue(reentering.wasRefused());
    }

    // --------------------------------------------------------------------------------------------------------- keys

    function test_a_member_adds_and_retires_its_own_keys() public {
        IConsortium.PublicKey memory key = _certificateKey("second");
        vm.startPrank(_account(A));
        vm.expectEmit(address(consortium));
        emit IConsortium.KeyAdded(A, key.x, key.y);
        consortium.addKey(key.x, key.y);
        vm.expectRevert(IConsortium.KeyExists.selector);
        consortium.addKey(key.x, key.y);
        vm.warp(block.timestamp + 1 days);
        consortium.retireKey(key.x, key.y, 0);
        assertEq(consortium.keys(A)[1].retiredAt, block.timestamp);
        assertEq(consortium.keys(A)[1].addedAt, block.timestamp - 1 days);
        vm.expectRevert(IConsortium.KeyUnknown.selector);
        consortium.retireKey(key.x, key.y, 0);
        vm.expectRevert(IConsortium.KeyExists.selector);
        consortium.addKey(key.x, key.y);
        vm.stopPrank();

        IConsortium.PublicKey memory ofB = _certificateKey(B);
        vm.expectRevert(IConsortium.KeyUnknown.selector);
        vm.prank(_account(A));
        consortium.retireKey(ofB.x, ofB.y, 0);
        // Another's key can be claimed, which binds nobody but oneself, and takes it from nobody.
        vm.prank(_account(A));
        consortium.addKey(ofB.x, ofB.y);
    }

    function testFuzz_only_points_of_the_curve_are_keys(bytes32 x, bytes32 y) public {
        vm.expectRevert(IConsortium.KeyMalformed.selector);
        vm.prank(_account(A));
        consortium.addKey(x, y);
    }

    function test_keys_are_limited() public {
        vm.startPrank(_account(A));
        for (uint256 i = 1; i < consortium.MAX_KEYS(); ++i) {
            IConsortium.PublicKey memory key = _certificateKey(bytes32(i));
            consortium.addKey(key.x, key.y);
        }
        IConsortium.PublicKey memory tooMany = _certificateKey("one too many");
        vm.expectRevert(IConsortium.TooManyKeys.selector);
        consortium.addKey(tooMany.x, tooMany.y);
        vm.stopPrank();
    }

    function test_a_url_is_limited() public {
        vm.startPrank(_account(A));
        consortium.setUrl(string(new bytes(256)));
        vm.expectRevert(IConsortium.UrlTooLong.selector);
        consortium.setUrl(string(new bytes(257)));
        vm.stopPrank();
    }
}

/// @notice What members could be talked into naming as a token: it calls back into the vote.
contract ReenteringToken {
    Consortium private immutable _consortium;
    bytes32 public proposalId;
    bool public wasRefused;

    constructor(Consortium consortium) {
        _consortium = consortium;
    }

    function aim(bytes32 proposalId_) external {
        proposalId = proposalId_;
    }

    function setIssuanceLimit(bytes32, uint256) external {
        try _consortium.execute(proposalId) {}
        catch (bytes memory reason) {
            wasRefused = bytes4(reason) == IConsortium.ProposalExecuted.selector;
        }
    }
}
