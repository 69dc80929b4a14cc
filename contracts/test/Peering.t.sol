// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IConsortium} from "../src/IConsortium.sol";
import {IPeering} from "../src/IPeering.sol";
import {World} from "./World.sol";

contract PeeringTest is World {
    function test_an_agreement_reads_as_it_was_made() public view {
        IPeering.Agreement memory made = peering.agreement(agreementId);
        assertEq(made.memberA, A);
        assertEq(made.memberB, B);
        assertEq(made.proposer, A);
        assertEq(made.version, 1);
        assertEq(made.acceptedAt, block.timestamp);
        assertEq(abi.encode(made.terms), abi.encode(_terms()));
        assertEq(agreementId, peering.agreementIdOf(B, A, 1, _terms()));
    }

    function test_only_the_other_accepts_and_once() public {
        vm.prank(_account(A));
        bytes32 id = peering.propose(C, 1, _terms());
        bytes32[2] memory wrong = [A, B];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(IPeering.NotTheOther.selector);
            vm.prank(_account(wrong[i]));
            peering.accept(id);
        }
        vm.expectRevert(IPeering.NotAMember.selector);
        peering.accept(id);
        vm.prank(_account(C));
        peering.accept(id);
        vm.expectRevert(abi.encodeWithSelector(IPeering.AgreementAcceptedAlready.selector, id));
        vm.prank(_account(C));
        peering.accept(id);
        vm.expectRevert(abi.encodeWithSelector(IPeering.AgreementUnknown.selector, keccak256("x")));
        vm.prank(_account(C));
        peering.accept(keccak256("x"));
    }

    function test_versions_follow_each_other() public {
        IPeering.Terms memory terms = _nextTerms();
        vm.startPrank(_account(B));
        vm.expectRevert(abi.encodeWithSelector(IPeering.VersionNotNext.selector, 2));
        peering.propose(A, 1, terms);
        vm.expectRevert(abi.encodeWithSelector(IPeering.VersionNotNext.selector, 2));
        peering.propose(A, 3, terms);
        bytes32 one = peering.propose(A, 2, terms);
        terms.feeShareBp = 1;
        bytes32 other = peering.propose(A, 2, terms);
        vm.expectRevert(abi.encodeWithSelector(IPeering.AgreementExists.selector, other));
        peering.propose(A, 2, terms);
        vm.stopPrank();

        vm.startPrank(_account(A));
        peering.accept(other);
        vm.expectRevert(abi.encodeWithSelector(IPeering.VersionNotNext.selector, 3));
        peering.accept(one);
        vm.stopPrank();
        bytes32[] memory accepted = peering.agreementsOf(B, A);
        assertEq(accepted.length, 2);
        assertEq(accepted[1], other);
    }

    function test_the_newest_that_is_valid_is_current() public {
        IPeering.Terms memory later = _terms();
        later.validFrom = 1_900_022_400;
        bytes32 second = _agree(B, A, 2, later);
        assertEq(peering.currentAgreement(A, B, _terms().validFrom - 1), 0);
        assertEq(peering.currentAgreement(A, B, 1_900_022_399), agreementId);
        assertEq(peering.currentAgreement(B, A, 1_900_022_400), second);
        assertEq(peering.currentAgreement(A, C, 1_900_022_400), 0);
    }

    function test_malformed_terms_and_partners() public {
        vm.startPrank(_account(A));
        for (uint256 field = 0; field < 9; ++field) {
            IPeering.Terms memory terms = _terms();
            if (field == 0) terms.feeShareBp = 10_001;
            if (field == 1) terms.currency = 0;
            if (field == 2) terms.periodS = 0;
            if (field == 3) terms.periodS = peering.MAX_SPAN() + 1;
            if (field == 4) terms.handInDeadlineS = peering.MAX_SPAN() + 1;
            if (field == 5) terms.graceS = peering.MAX_SPAN() + 1;
            if (field == 6) terms.noticeS = peering.MAX_SPAN() + 1;
            if (field == 7) terms.objectionWindowS = 0;
            if (field == 8) terms.objectionWindowS = peering.MAX_OBJECTION_WINDOW() + 1;
            vm.expectRevert(IPeering.TermsMalformed.selector);
            peering.propose(C, 1, terms);
        }
        vm.expectRevert(IPeering.SameMember.selector);
        peering.propose(A, 1, _terms());
        vm.expectRevert(IPeering.NotAMember.selector);
        peering.propose("DEXXX", 1, _terms());
        vm.stopPrank();
    }

    function test_what_a_member_proposed_before_it_left_is_not_accepted() public {
        vm.prank(_account(A));
        bytes32 id = peering.propose(C, 1, _terms());
        vm.prank(_account(B));
        bytes32 proposalId = consortium.propose(IConsortium.Action.Remove, abi.encode(A), 0);
        vm.prank(_account(C));
        consortium.vote(proposalId);
        consortium.execute(proposalId);
        vm.expectRevert(IPeering.NotAMember.selector);
        vm.prank(_account(C));
        peering.accept(id);
    }

    function testFuzz_the_id_depends_on_every_term(uint8 field) public view {
        IPeering.Terms memory terms = _terms();
        field = uint8(bound(field, 0, 12));
        if (field == 0) terms.feeShareBp += 1;
        if (field == 1) terms.feeMicroPerKwh += 1;
        if (field == 2) terms.currency = "CHF";
        if (field == 3) terms.periodS += 1;
        if (field == 4) terms.handInDeadlineS += 1;
        if (field == 5) terms.graceS += 1;
        if (field == 6) terms.creditLimitMicro += 1;
        if (field == 7) terms.validFrom += 1;
        if (field == 8) terms.feeTo = IPeering.FeeTo.Debtor;
        if (field == 9) terms.objectionWindowS += 1;
        if (field == 10) terms.disputeFeeMicro += 1;
        if (field == 11) terms.termsContract = address(1);
        if (field == 12) terms.noticeS += 1;
        assertTrue(peering.agreementIdOf(A, B, 1, terms) != agreementId);
        assertTrue(peering.agreementIdOf(A, B, 2, _terms()) != agreementId);
        assertTrue(peering.agreementIdOf(A, C, 1, _terms()) != agreementId);
    }

    // ---------------------------------------------------------------------------------------------- future, notice

    function test_a_next_version_begins_with_a_period_still_to_come() public {
        IPeering.Terms memory terms = _nextTerms();
        uint64[4] memory unusable =
            [terms.validFrom - 1 days, terms.validFrom + 1, uint64(block.timestamp), _terms().validFrom - 1 days];
        vm.startPrank(_account(A));
        for (uint256 i = 0; i < unusable.length; ++i) {
            terms.validFrom = unusable[i];
            vm.expectRevert(abi.encodeWithSelector(IPeering.ValidFromNotUsable.selector, unusable[i]));
            peering.propose(B, 2, terms);
        }
        terms = _nextTerms();
        bytes32 id = peering.propose(B, 2, terms);
        vm.stopPrank();
        // Proposed in time and accepted too late: the period has begun and keeps what held when it did.
        vm.warp(terms.validFrom);
        vm.expectRevert(abi.encodeWithSelector(IPeering.ValidFromNotUsable.selector, terms.validFrom));
        vm.prank(_account(B));
        peering.accept(id);
    }

    function test_a_version_does_not_begin_before_the_one_before() public {
        IPeering.Terms memory terms = _nextTerms();
        terms.validFrom += 10 days;
        _agree(A, B, 2, terms);
        terms.validFrom -= 1 days;
        vm.expectRevert(abi.encodeWithSelector(IPeering.ValidFromNotUsable.selector, terms.validFrom));
        vm.prank(_account(A));
        peering.propose(B, 3, terms);
        terms.validFrom += 1 days;
        bytes32 third = _agree(A, B, 3, terms);
        assertEq(peering.currentAgreement(A, B, terms.validFrom), third);
        assertEq(peering.currentAgreement(A, B, terms.validFrom - 1), agreementId);
    }

    function test_either_ends_it_with_notice_once() public {
        uint64 earliest = uint64(block.timestamp) + _terms().noticeS;
        vm.expectRevert(abi.encodeWithSelector(IPeering.NoticeTooShort.selector, earliest));
        vm.prank(_account(B));
        peering.giveNotice(agreementId, earliest - 1);
        vm.expectRevert(IPeering.NotAParty.selector);
        vm.prank(_account(C));
        peering.giveNotice(agreementId, earliest);
        vm.expectRevert(IPeering.NotAMember.selector);
        peering.giveNotice(agreementId, earliest);
        vm.expectEmit(address(peering));
        emit IPeering.NoticeGiven(agreementId, B, earliest);
        vm.prank(_account(B));
        peering.giveNotice(agreementId, earliest);
        vm.expectRevert(abi.encodeWithSelector(IPeering.NoticeGivenAlready.selector, earliest));
        vm.prank(_account(A));
        peering.giveNotice(agreementId, earliest + 1);

        assertEq(peering.agreement(agreementId).endsAt, earliest);
        assertTrue(peering.isInForce(agreementId, earliest - 1));
        assertFalse(peering.isInForce(agreementId, earliest));
        assertEq(peering.currentAgreement(A, B, earliest), 0);
    }

    function test_what_ended_does_not_bring_back_what_it_had_replaced() public {
        IPeering.Terms memory terms = _nextTerms();
        bytes32 second = _agree(A, B, 2, terms);
        uint64 endsAt = uint64(block.timestamp) + 60 days;
        vm.prank(_account(A));
        peering.giveNotice(second, endsAt);
        assertEq(peering.currentAgreement(A, B, endsAt - 1), second);
        assertEq(peering.currentAgreement(A, B, endsAt), 0);
        assertFalse(peering.isInForce(agreementId, endsAt));
        // A third begins anew.
        terms.validFrom += 90 days;
        bytes32 third = _agree(A, B, 3, terms);
        assertEq(peering.currentAgreement(A, B, terms.validFrom), third);
        assertEq(peering.currentAgreement(A, B, terms.validFrom - 1), 0);
        (bytes32 found, IPeering.Agreement memory agreed) = peering.agreementAt(B, A, terms.validFrom);
        assertEq(found, third);
        assertEq(agreed.version, 3);
    }

    function test_only_what_was_accepted_is_ended() public {
        vm.startPrank(_account(A));
        bytes32 id = peering.propose(C, 1, _terms());
        vm.expectRevert(abi.encodeWithSelector(IPeering.AgreementNotAccepted.selector, id));
        peering.giveNotice(id, type(uint48).max);
        vm.expectRevert(abi.encodeWithSelector(IPeering.AgreementUnknown.selector, keccak256("x")));
        peering.giveNotice(keccak256("x"), type(uint48).max);
        vm.expectRevert(
            abi.encodeWithSelector(IPeering.NoticeTooShort.selector, uint64(block.timestamp) + _terms().noticeS)
        );
        peering.giveNotice(agreementId, type(uint64).max);
        vm.stopPrank();
        assertFalse(peering.isInForce(id, uint64(block.timestamp)));
        assertFalse(peering.isInForce(keccak256("x"), uint64(block.timestamp)));
    }

    function test_who_is_suspended_agrees_on_nothing_but_may_give_notice() public {
        vm.prank(_account(A));
        bytes32 id = peering.propose(C, 1, _terms());
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        bytes memory refusal = abi.encodeWithSelector(IPeering.SuspendedMember.selector, A);
        vm.expectRevert(refusal);
        vm.prank(_account(A));
        peering.propose(B, 2, _nextTerms());
        vm.expectRevert(refusal);
        vm.prank(_account(C));
        peering.accept(id);
        vm.prank(_account(B));
        bytes32 toA = peering.propose(A, 2, _nextTerms());
        vm.expectRevert(refusal);
        vm.prank(_account(A));
        peering.accept(toA);
        vm.prank(_account(A));
        peering.giveNotice(agreementId, uint64(block.timestamp) + _terms().noticeS);
    }
}
