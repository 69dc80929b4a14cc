// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {LocalTime} from "../src/LocalTime.sol";
import {Pricing} from "../src/Pricing.sol";
import {World} from "./World.sol";

/// @notice Suspended, removed, back again: who decides, and who answers for what.
contract MembershipTest is World {
    bytes32 private constant D = "ATDDD";
    address private immutable bert = makeAddr("operator Bert");

    function _suspended(bytes32 memberId) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IConsortium.SuspendedMember.selector, memberId);
    }

    // ----------------------------------------------------------------------------------------------------- quorum

    function test_who_is_suspended_neither_proposes_nor_votes_nor_counts() public {
        vm.prank(_account(A));
        bytes32 before = consortium.propose(IConsortium.Action.Admit, abi.encode(_candidate(D)), 0);
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        assertEq(consortium.voterCount(), 2);
        assertEq(consortium.memberCount(), 3);
        assertTrue(consortium.isMember(A));
        assertFalse(consortium.isActive(A));

        vm.startPrank(_account(A));
        vm.expectRevert(_suspended(A));
        consortium.propose(IConsortium.Action.Remove, abi.encode(B), 0);
        vm.expectRevert(_suspended(A));
        consortium.vote(before);
        vm.stopPrank();

        // Its vote from before counts no more, and half of two is not more than half.
        vm.prank(_account(B));
        consortium.vote(before);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.QuorumMissing.selector, 1, 2));
        consortium.execute(before);
        vm.prank(_account(C));
        consortium.vote(before);
        consortium.execute(before);
        assertTrue(consortium.isActive(D));
        assertEq(consortium.voterCount(), 3);
    }

    function test_reinstated_as_if_never_suspended() public {
        uint64 suspendedAt = uint64(vm.getBlockTimestamp());
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        vm.warp(vm.getBlockTimestamp() + 5 days);
        _decideWithout(A, IConsortium.Action.Reinstate, abi.encode(A));
        assertTrue(consortium.isActive(A));
        assertEq(consortium.voterCount(), 3);
        assertEq(consortium.suspendedAt(A), 0);
        assertTrue(consortium.liableAt(A, suspendedAt + 1 days));
    }

    function test_suspended_once_and_reinstated_only_then() public {
        vm.prank(_account(B));
        bytes32 early = consortium.propose(IConsortium.Action.Reinstate, abi.encode(A), 0);
        vm.prank(_account(C));
        consortium.vote(early);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.MemberNotSuspended.selector, A));
        consortium.execute(early);
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        vm.prank(_account(B));
        bytes32 again = consortium.propose(IConsortium.Action.Suspend, abi.encode(A), "again");
        vm.prank(_account(C));
        consortium.vote(again);
        vm.expectRevert(_suspended(A));
        consortium.execute(again);
        vm.prank(_account(B));
        bytes32 unknown = consortium.propose(IConsortium.Action.Suspend, abi.encode(D), 0);
        vm.prank(_account(C));
        consortium.vote(unknown);
        vm.expectRevert(IConsortium.NotAMember.selector);
        consortium.execute(unknown);
    }

    function test_somebody_is_always_left_to_decide() public {
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(C));
        assertEq(consortium.voterCount(), 1);
        IConsortium.Action[2] memory actions = [IConsortium.Action.Suspend, IConsortium.Action.Remove];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(_account(B));
            bytes32 id = consortium.propose(actions[i], abi.encode(B), 0);
            vm.expectRevert(IConsortium.LastMember.selector);
            consortium.execute(id);
        }
        // A suspended one goes, and the last voter is not touched by it.
        vm.prank(_account(B));
        bytes32 removal = consortium.propose(IConsortium.Action.Remove, abi.encode(C), 0);
        consortium.execute(removal);
        assertEq(consortium.voterCount(), 1);
        assertEq(consortium.memberCount(), 2);
    }

    function test_the_members_decide_on_time_zones() public {
        LocalTime.Rule memory rule = LocalTime.Rule(0, -10_800, LocalTime.DaylightSaving.None);
        vm.expectRevert(Pricing.NotConsortium.selector);
        vm.prank(_account(A));
        pricing.setTimeZone("America/Sao_Paulo", rule);
        _decide(IConsortium.Action.SetTimeZone, abi.encode(address(pricing), bytes32("America/Sao_Paulo"), rule));
        LocalTime.Rule[] memory rules = pricing.timeZoneRules("America/Sao_Paulo");
        assertEq(rules.length, 1);
        assertEq(rules[0].standardOffsetS, -10_800);
        // Data that is no rule never comes to the vote.
        vm.expectRevert();
        vm.prank(_account(A));
        consortium.propose(IConsortium.Action.SetTimeZone, abi.encode(address(pricing)), 0);
    }

    // -------------------------------------------------------------------------------------------------- liability

    function test_liable_from_admission_to_suspension() public {
        uint64 admittedAt = uint64(vm.getBlockTimestamp());
        assertTrue(consortium.liableAt(A, admittedAt));
        assertTrue(consortium.liableAt(A, type(uint64).max));
        assertFalse(consortium.liableAt(D, admittedAt));
        vm.warp(vm.getBlockTimestamp() + 10 days);
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        uint64 suspendedAt = uint64(vm.getBlockTimestamp());
        assertTrue(consortium.liableAt(A, suspendedAt - 1));
        assertFalse(consortium.liableAt(A, suspendedAt));
        // A removal later moves nothing.
        vm.warp(vm.getBlockTimestamp() + 10 days);
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));
        assertEq(consortium.suspendedAt(A), suspendedAt);
        assertEq(consortium.member(A).removedAt, vm.getBlockTimestamp());
        assertTrue(consortium.liableAt(A, suspendedAt - 1));
        assertFalse(consortium.liableAt(A, suspendedAt));
    }

    /// A deployment that follows another holds its founders to what was signed under the one before.
    function test_a_founder_answers_for_what_its_agreements_reach_back_to() public {
        uint64 foundedAt = uint64(vm.getBlockTimestamp());
        assertTrue(consortium.liableAt(A, foundedAt - 1));
        assertTrue(consortium.liableAt(A, 0));
        vm.warp(foundedAt + 1 days);
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        assertTrue(consortium.liableAt(A, foundedAt - 1));
        assertFalse(consortium.liableAt(A, foundedAt + 1 days));
        // Who was admitted later does not.
        _decideWithout(A, IConsortium.Action.Admit, abi.encode(_candidate(D)));
        assertFalse(consortium.liableAt(D, foundedAt));
    }

    /// The grace is for the end only: a member just admitted is liable at once.
    function test_the_grace_lengthens_the_end_and_not_the_beginning() public {
        vm.warp(vm.getBlockTimestamp() + 10 days);
        _decide(IConsortium.Action.Admit, abi.encode(_candidate(D)));
        uint64 admittedAt = uint64(vm.getBlockTimestamp());
        assertTrue(consortium.isLiable(D, admittedAt, 3 days));
        assertFalse(consortium.isLiable(D, admittedAt - 1, 3 days));
        vm.warp(vm.getBlockTimestamp() + 10 days);
        vm.prank(_account(A));
        bytes32 id = consortium.propose(IConsortium.Action.Remove, abi.encode(D), 0);
        vm.prank(_account(B));
        consortium.vote(id);
        vm.prank(_account(C));
        consortium.vote(id);
        consortium.execute(id);
        uint64 removedAt = uint64(vm.getBlockTimestamp());
        assertTrue(consortium.isLiable(D, removedAt + 3 days - 1, 3 days));
        assertFalse(consortium.isLiable(D, removedAt + 3 days, 3 days));
    }

    /// Who comes back owes again what was made before, and nothing of the time between.
    function test_a_second_admission_does_not_forgive_the_first_membership() public {
        uint64 first = uint64(vm.getBlockTimestamp());
        vm.warp(first + 10 days);
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));
        vm.warp(first + 20 days);
        IConsortium.Candidate memory candidate = _candidate(A);
        candidate.keys = new IConsortium.PublicKey[](0);
        _decideWithout(A, IConsortium.Action.Admit, abi.encode(candidate));
        assertTrue(consortium.liableAt(A, first + 10 days - 1));
        assertFalse(consortium.liableAt(A, first + 10 days));
        assertTrue(consortium.isLiable(A, first + 11 days, 2 days));
        assertFalse(consortium.isLiable(A, first + 12 days, 2 days));
        assertFalse(consortium.liableAt(A, first + 20 days - 1));
        assertTrue(consortium.liableAt(A, first + 20 days));
        assertEq(consortium.memberIds().length, 3);
        assertEq(consortium.voterCount(), 3);
    }

    // ----------------------------------------------------------------------------------- debts after a removal

    function test_a_removed_members_account_stays_its_own() public {
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));
        assertEq(consortium.memberOf(_account(A)), 0);
        assertEq(consortium.memberOrFormerOf(_account(A)), A);
        assertEq(consortium.accountOf(A), _account(A));
        IConsortium.Candidate memory thief = _candidate(D);
        thief.account = _account(A);
        vm.prank(_account(B));
        bytes32 id = consortium.propose(IConsortium.Action.Admit, abi.encode(thief), 0);
        vm.prank(_account(C));
        consortium.vote(id);
        vm.expectRevert(abi.encodeWithSelector(IConsortium.AccountNotUsable.selector, _account(A)));
        consortium.execute(id);
    }

    /// What a removed provider owes is settled, redeemed and received; what it is owed, too.
    function test_a_removed_providers_debts_are_collected_to_the_end() public {
        _settle(_batch(1, 100e6, 1e6, 0));
        IClearing.Batch memory back = _batch(1, 10e6, 0, 0);
        (back.debtor, back.creditor) = (B, A);
        _settle(back);
        vm.prank(address(clearing));
        token.issue(A, bert, 20e6);
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));

        // The last period's batch, signed by both.
        IClearing.Batch memory last = _batch(2, 5e6, 0, 0);
        last.periodEnd = uint64(vm.getBlockTimestamp()) + 1;
        _settle(last);
        assertEq(token.position(A), 125e6);
        // A redemption that was asked of it.
        vm.prank(bert);
        bytes32 id = token.requestRedemption(A, 20e6, "of A");
        vm.prank(_account(A));
        token.markPaid(id, "bank 1");
        assertEq(token.position(A), 105e6);
        // Another redeems more than it owes and confirms what A sent it for that.
        vm.prank(_account(B));
        bytes32 own = token.requestRedemption(C, 1e6, "of C");
        vm.prank(_account(C));
        token.markPaid(own, "bank 2");
        vm.prank(_account(C));
        token.confirmReceipt(A, 1e6, "bank 3");
        assertEq(token.position(A), 104e6);
        assertEq(token.position(C), 0);
        assertEq(token.position(A) + token.position(B) + token.position(C), int256(token.totalSupply()));
    }

    function test_a_removed_provider_confirms_what_it_receives() public {
        vm.prank(address(clearing));
        token.issue(B, bert, 20e6);
        vm.prank(bert);
        bytes32 id = token.requestRedemption(A, 20e6, "of A");
        vm.prank(_account(A));
        token.markPaid(id, "bank 1");
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));
        vm.prank(_account(A));
        token.confirmReceipt(B, 20e6, "bank 2");
        assertEq(token.position(A), 0);
        assertEq(token.position(B), 0);
    }

    function test_a_former_members_limit_can_be_lowered() public {
        _settle(_batch(1, 100e6, 0, 0));
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));
        _decideWithout(A, IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, 100e6));
        _expectRefusal(
            _batch(2, 1, 0, 0), abi.encodeWithSelector(IChargeToken.LimitExceeded.selector, A, 100e6, int256(100e6) + 1)
        );
    }

    // ------------------------------------------------------------------------------------------------- key rotation

    function test_a_key_and_its_successor_overlap() public {
        IConsortium.PublicKey memory old = _certificateKey(A);
        IConsortium.PublicKey memory next = _certificateKey("next");
        uint64 until = uint64(vm.getBlockTimestamp()) + 30 days;
        vm.startPrank(_account(A));
        consortium.addKey(next.x, next.y);
        vm.expectEmit(address(consortium));
        emit IConsortium.KeyRetired(A, old.x, old.y, until);
        consortium.retireKey(old.x, old.y, until);
        vm.stopPrank();
        (uint64 addedAt, uint64 retiredAt) = consortium.keyTimes(A, old.x, old.y);
        assertEq(addedAt, vm.getBlockTimestamp());
        assertEq(retiredAt, until);
        (, retiredAt) = consortium.keyTimes(A, next.x, next.y);
        assertEq(retiredAt, 0);
        (addedAt, retiredAt) = consortium.keyTimes(B, old.x, old.y);
        assertEq(addedAt + retiredAt, 0);
        assertEq(consortium.keys(A).length, 2);
        assertEq(consortium.keys(A)[0].retiredAt, until);
    }

    /// It leaked: the end moves to now. It never moves back.
    function test_an_end_moves_earlier_and_never_later_or_into_the_past() public {
        IConsortium.PublicKey memory key = _certificateKey(A);
        uint64 until = uint64(vm.getBlockTimestamp()) + 30 days;
        vm.startPrank(_account(A));
        vm.expectRevert(IConsortium.TimePassed.selector);
        consortium.retireKey(key.x, key.y, uint64(vm.getBlockTimestamp()) - 1);
        consortium.retireKey(key.x, key.y, until);
        uint64[3] memory later = [until, until + 1, type(uint64).max];
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IConsortium.RetirementNotEarlier.selector, until));
            consortium.retireKey(key.x, key.y, later[i]);
        }
        consortium.retireKey(key.x, key.y, until - 1);
        vm.warp(vm.getBlockTimestamp() + 3 days);
        consortium.retireKey(key.x, key.y, 0);
        (, uint64 retiredAt) = consortium.keyTimes(A, key.x, key.y);
        assertEq(retiredAt, vm.getBlockTimestamp());
        vm.expectRevert(IConsortium.KeyUnknown.selector);
        consortium.retireKey(key.x, key.y, 0);
        vm.warp(vm.getBlockTimestamp() + 1);
        vm.expectRevert(IConsortium.KeyUnknown.selector);
        consortium.retireKey(key.x, key.y, 0);
        vm.stopPrank();
    }

    /// A leak is mended by who is suspended, too.
    function test_who_is_suspended_still_retires_its_keys() public {
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        IConsortium.PublicKey memory key = _certificateKey(A);
        vm.prank(_account(A));
        consortium.retireKey(key.x, key.y, 0);
        (, uint64 retiredAt) = consortium.keyTimes(A, key.x, key.y);
        assertEq(retiredAt, vm.getBlockTimestamp());
    }

    function testFuzz_liability_is_the_span_and_the_grace(uint32 spanS, uint32 graceS, uint64 signedAt) public {
        uint64 until = uint64(vm.getBlockTimestamp()) + 1 + spanS;
        vm.warp(until);
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        assertEq(consortium.isLiable(A, signedAt, graceS), uint256(signedAt) < uint256(until) + graceS);
        assertEq(consortium.liableAt(A, signedAt), signedAt < until);
    }
}
