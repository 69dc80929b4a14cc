// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IChargeToken} from "../src/IChargeToken.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {World} from "./World.sol";

contract ChargeTokenTest is World {
    address private bert;
    uint256 private bertsKey;

    function setUp() public override {
        super.setUp();
        (bert, bertsKey) = makeAddrAndKey("operator Bert");
    }

    /// Issues on A's behalf, as Clearing does.
    function _earn(address to, uint256 amountMicro) private {
        vm.prank(address(clearing));
        token.issue(A, to, amountMicro);
    }

    function _request(uint256 amountMicro) private returns (bytes32) {
        vm.prank(bert);
        return token.requestRedemption(B, amountMicro, bytes32(vm.randomUint()));
    }

    // -------------------------------------------------------------------------------------------------------- issue

    function test_only_clearing_issues() public {
        vm.expectRevert(IChargeToken.NotClearing.selector);
        vm.prank(_account(A));
        token.issue(A, bert, 1);
        _earn(bert, 5);
        assertEq(token.balanceOf(bert), 5);
        assertEq(token.decimals(), 6);
        assertEq(token.currency(), bytes3("EUR"));
    }

    function testFuzz_a_position_stays_within_its_limit(uint128 limit, uint128 first, uint128 second) public {
        first = uint128(bound(first, 0, type(uint128).max / 2));
        second = uint128(bound(second, 0, type(uint128).max / 2));
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, limit));
        bool fits = first <= limit;
        if (!fits) {
            vm.expectRevert(
                abi.encodeWithSelector(IChargeToken.LimitExceeded.selector, A, limit, int256(uint256(first)))
            );
        }
        _earn(bert, first);
        if (!fits) return;
        uint256 sum = uint256(first) + second;
        if (sum > limit) {
            vm.expectRevert(abi.encodeWithSelector(IChargeToken.LimitExceeded.selector, A, limit, int256(sum)));
        }
        _earn(bert, second);
    }

    function test_what_was_redeemed_can_be_issued_again() public {
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, 10));
        _earn(bert, 10);
        vm.prank(bert);
        bytes32 id = token.requestRedemption(A, 4, 0);
        vm.prank(_account(A));
        token.markPaid(id, "bank");
        _earn(bert, 4);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.LimitExceeded.selector, A, 10, int256(11)));
        _earn(bert, 1);
    }

    function test_a_limit_is_for_members() public {
        vm.expectRevert(IChargeToken.NotAMember.selector);
        vm.prank(address(consortium));
        token.setIssuanceLimit("DEXXX", 1);
    }

    // --------------------------------------------------------------------------------------------------- redemption

    function test_a_redemption_locks_then_burns() public {
        _earn(bert, 100);
        bytes32 id = _request(30);
        assertEq(token.balanceOf(bert), 70);
        assertEq(token.balanceOf(address(token)), 30);
        vm.expectEmit(address(token));
        emit IChargeToken.RedemptionPaid(id, B, 30, "bank");
        vm.prank(_account(B));
        token.markPaid(id, "bank");
        assertEq(token.totalSupply(), 70);
        assertEq(token.position(A), 100);
        assertEq(token.position(B), -30);
        IChargeToken.Redemption memory done = token.redemption(id);
        assertEq(uint8(done.status), uint8(IChargeToken.RedemptionStatus.Paid));
        assertEq(done.bankReference, "bank");
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionClosed.selector, id));
        vm.prank(_account(B));
        token.markPaid(id, "bank again");
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionClosed.selector, id));
        vm.prank(bert);
        token.cancelRedemption(id);
    }

    function test_only_the_provider_marks_paid() public {
        _earn(bert, 100);
        bytes32 id = _request(30);
        address[3] memory others = [bert, _account(A), address(clearing)];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.startPrank(others[i]);
            vm.expectRevert(IChargeToken.NotTheProvider.selector);
            token.markPaid(id, "bank");
            vm.expectRevert(IChargeToken.NotTheProvider.selector);
            token.beginPayment(id);
            vm.stopPrank();
        }
    }

    function test_a_provider_that_left_still_pays() public {
        _earn(bert, 100);
        bytes32 id = _request(30);
        vm.prank(_account(A));
        bytes32 proposalId = consortium.propose(IConsortium.Action.Remove, abi.encode(B), 0);
        vm.prank(_account(C));
        consortium.vote(proposalId);
        consortium.execute(proposalId);
        // What it owes does not end with its membership: it is asked and pays as before.
        vm.prank(bert);
        bytes32 later = token.requestRedemption(B, 1, "later");
        vm.startPrank(_account(B));
        token.markPaid(id, "bank");
        token.markPaid(later, "bank 2");
        vm.stopPrank();
        assertEq(token.position(B), -31);
    }

    function test_cancelling_gives_back() public {
        _earn(bert, 100);
        bytes32 id = _request(30);
        vm.expectRevert(IChargeToken.NotTheHolder.selector);
        token.cancelRedemption(id);
        vm.prank(bert);
        token.cancelRedemption(id);
        assertEq(token.balanceOf(bert), 100);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionClosed.selector, id));
        vm.prank(_account(B));
        token.markPaid(id, "bank");
    }

    function test_no_cancelling_while_the_money_is_on_its_way() public {
        _earn(bert, 100);
        bytes32 id = _request(30);
        vm.prank(_account(B));
        token.beginPayment(id);
        uint64 payBy = token.redemption(id).payBy;
        assertEq(payBy, block.timestamp + 7 days);
        bytes memory underWay = abi.encodeWithSelector(IChargeToken.PaymentUnderWay.selector, id, payBy);
        vm.expectRevert(underWay);
        vm.prank(_account(B));
        token.beginPayment(id);
        vm.warp(payBy);
        vm.expectRevert(underWay);
        vm.prank(bert);
        token.cancelRedemption(id);
        vm.warp(payBy + 1);
        vm.prank(bert);
        token.cancelRedemption(id);
        assertEq(token.balanceOf(bert), 100);
    }

    function test_a_payment_that_was_begun_is_marked_paid() public {
        _earn(bert, 100);
        bytes32 id = _request(100);
        vm.startPrank(_account(B));
        token.beginPayment(id);
        token.markPaid(id, "bank");
        vm.stopPrank();
        assertEq(token.totalSupply(), 0);
    }

    function test_a_request_is_named_by_its_holder_and_reference() public {
        _earn(bert, 100);
        vm.startPrank(bert);
        bytes32 id = token.requestRedemption(B, 30, "once");
        assertEq(id, token.redemptionIdOf(bert, "once"));
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionExists.selector, id));
        token.requestRedemption(B, 30, "once");
        token.cancelRedemption(id);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionExists.selector, id));
        token.requestRedemption(B, 30, "once");
        vm.expectRevert(IChargeToken.AmountMissing.selector);
        token.requestRedemption(B, 0, "nothing");
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionUnknown.selector, keccak256("x")));
        token.cancelRedemption(keccak256("x"));
    }

    function test_one_bank_transfer_pays_one_redemption() public {
        _earn(bert, 100);
        bytes32 first = _request(30);
        bytes32 second = _request(30);
        vm.startPrank(_account(B));
        vm.expectRevert(IChargeToken.BankReferenceMissing.selector);
        token.markPaid(first, 0);
        token.markPaid(first, "bank");
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.BankReferenceUsed.selector, bytes32("bank")));
        token.markPaid(second, "bank");
        vm.stopPrank();
    }

    // ----------------------------------------------------------------------------------------------- between members

    function test_the_net_is_cleared_by_transfers_that_the_receiver_confirms() public {
        _earn(bert, 100);
        bytes32 id = _request(100);
        vm.prank(_account(B));
        token.markPaid(id, "to Bert");
        assertEq(token.totalSupply(), 0);
        assertEq(token.position(A), 100);
        assertEq(token.position(B), -100);

        vm.prank(_account(B));
        token.confirmReceipt(A, 60, "from A, first");
        assertEq(token.position(A), 40);
        assertEq(token.position(B), -40);
        vm.startPrank(_account(B));
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.BankReferenceUsed.selector, bytes32("from A, first")));
        token.confirmReceipt(A, 40, "from A, first");
        vm.expectRevert(IChargeToken.NotOwed.selector);
        token.confirmReceipt(A, 41, "too much");
        vm.expectRevert(IChargeToken.NotOwed.selector);
        token.confirmReceipt(C, 1, "C owes nothing");
        vm.expectRevert(IChargeToken.AmountMissing.selector);
        token.confirmReceipt(A, 0, "nothing");
        token.confirmReceipt(A, 40, "from A, rest");
        vm.stopPrank();
        assertEq(token.position(A), 0);
        assertEq(token.position(B), 0);
    }

    function test_who_owes_confirms_nothing() public {
        _earn(bert, 100);
        vm.expectRevert(IChargeToken.NotOwed.selector);
        vm.prank(_account(A));
        token.confirmReceipt(A, 1, "to itself");
        vm.expectRevert(IChargeToken.NotAMember.selector);
        vm.prank(bert);
        token.confirmReceipt(A, 1, "a stranger");
    }

    // -------------------------------------------------------------------------------------------------------- permit

    function test_permit_allows_by_signature_once() public {
        _earn(bert, 100);
        uint256 deadline = block.timestamp + 1;
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                bert,
                address(this),
                40,
                0,
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bertsKey, digest);
        token.permit(bert, address(this), 40, deadline, v, r, s);
        assertTrue(token.transferFrom(bert, address(this), 40));
        vm.expectRevert();
        token.permit(bert, address(this), 40, deadline, v, r, s);
    }
}
