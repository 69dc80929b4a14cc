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
        IPeering.Terms memory terms = _terms();
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
        later.validFrom = 1_900_000_000;
        bytes32 second = _agree(B, A, 2, later);
        assertEq(peering.currentAgreement(A, B, _terms().validFrom - 1), 0);
        assertEq(peering.currentAgreement(A, B, 1_899_999_999), agreementId);
        assertEq(peering.currentAgreement(B, A, 1_900_000_000), second);
        assertEq(peering.currentAgreement(A, C, 1_900_000_000), 0);
    }

    function test_malformed_terms_and_partners() public {
        vm.startPrank(_account(A));
        IPeering.Terms memory terms = _terms();
        terms.feeShareBp = 10_001;
        vm.expectRevert(IPeering.TermsMalformed.selector);
        peering.propose(C, 1, terms);
        terms = _terms();
        terms.currency = 0;
        vm.expectRevert(IPeering.TermsMalformed.selector);
        peering.propose(C, 1, terms);
        terms = _terms();
        terms.periodS = 0;
        vm.expectRevert(IPeering.TermsMalformed.selector);
        peering.propose(C, 1, terms);
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
        field = uint8(bound(field, 0, 7));
        if (field == 0) terms.feeShareBp += 1;
        if (field == 1) terms.feeMicroPerKwh += 1;
        if (field == 2) terms.currency = "CHF";
        if (field == 3) terms.periodS += 1;
        if (field == 4) terms.handInDeadlineS += 1;
        if (field == 5) terms.graceS += 1;
        if (field == 6) terms.creditLimitMicro += 1;
        if (field == 7) terms.validFrom += 1;
        assertTrue(peering.agreementIdOf(A, B, 1, terms) != agreementId);
        assertTrue(peering.agreementIdOf(A, B, 2, _terms()) != agreementId);
        assertTrue(peering.agreementIdOf(A, C, 1, _terms()) != agreementId);
    }
}
