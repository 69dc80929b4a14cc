// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ChargeToken} from "../src/ChargeToken.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {World} from "./World.sol";

/// @notice The end of a token and the beginning of the next.
contract SuccessionTest is World {
    address private immutable bert = makeAddr("operator Bert");
    address private immutable dora = makeAddr("operator Dora");

    function setUp() public override {
        super.setUp();
        vm.startPrank(address(clearing));
        token.issue(A, bert, 100e6);
        token.issue(B, dora, 50e6);
        vm.stopPrank();
    }

    function _close() private {
        _decide(IConsortium.Action.CloseToken, abi.encode(address(token)));
    }

    function _closeForGood() private {
        _close();
        vm.warp(token.closesAt());
    }

    function _leaf(address account, uint256 amountMicro) private pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account, amountMicro))));
    }

    /// What Bert and Dora have, as a tree.
    function _snapshot(uint256 toBert, uint256 toDora) private view returns (bytes32[] memory) {
        bytes32[] memory leaves = new bytes32[](2);
        (leaves[0], leaves[1]) = (_leaf(bert, toBert), _leaf(dora, toDora));
        return _tree(leaves);
    }

    function _positions(int256 ofA, int256 ofB) private pure returns (IChargeToken.CarriedPosition[] memory positions) {
        positions = new IChargeToken.CarriedPosition[](2);
        positions[0] = IChargeToken.CarriedPosition(A, ofA);
        positions[1] = IChargeToken.CarriedPosition(B, ofB);
    }

    function _found(IChargeToken.CarryOver memory carried) private returns (ChargeToken) {
        return new ChargeToken(consortium, address(clearing), "EUR", new IChargeToken.Limit[](0), carried);
    }

    // ------------------------------------------------------------------------------------------------------- closing

    function test_only_the_consortium_closes_and_once() public {
        vm.expectRevert(IChargeToken.NotConsortium.selector);
        vm.prank(_account(A));
        token.close();
        _close();
        uint64 closesAt = token.closesAt();
        assertEq(closesAt, block.timestamp + 7 days);
        assertFalse(token.isClosed());
        vm.prank(_account(A));
        bytes32 id = consortium.propose(IConsortium.Action.CloseToken, abi.encode(address(token)), "again");
        vm.prank(_account(B));
        consortium.vote(id);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.TokenClosing.selector, closesAt));
        consortium.execute(id);
    }

    function test_while_it_closes_what_was_begun_ends_and_no_redemption_begins() public {
        vm.startPrank(bert);
        bytes32 paying = token.requestRedemption(A, 10e6, "paying");
        bytes32 open = token.requestRedemption(A, 10e6, "open");
        vm.stopPrank();
        vm.prank(_account(A));
        token.beginPayment(paying);
        _close();
        bytes memory refusal = abi.encodeWithSelector(IChargeToken.TokenClosing.selector, token.closesAt());
        vm.expectRevert(refusal);
        vm.prank(bert);
        token.requestRedemption(A, 1, "late");
        vm.expectRevert(refusal);
        vm.prank(_account(A));
        token.beginPayment(open);

        // Every window that was open ends before the close.
        assertLe(token.redemption(paying).payBy, token.closesAt());
        vm.warp(token.closesAt() - 1);
        vm.prank(_account(A));
        token.markPaid(paying, "bank");
        _settle(_batch(1, 10e6, 0, 0));
        vm.prank(bert);
        assertTrue(token.transfer(dora, 1e6));
        vm.prank(bert);
        token.cancelRedemption(open);
        assertEq(token.totalSupply(), 150e6);
    }

    function test_closed_nothing_changes_any_more() public {
        bytes32[] memory leaves = new bytes32[](1);
        leaves[0] = _payoutLeaf(clearing.channelIdOf(A, B), Payout(bert, 9e6));
        _settle(_batch(1, 10e6, 0, leaves[0]));
        vm.startPrank(bert);
        bytes32 paying = token.requestRedemption(A, 10e6, "paying");
        bytes32 open = token.requestRedemption(A, 10e6, "open");
        token.approve(dora, 1e6);
        vm.stopPrank();
        vm.prank(_account(A));
        token.beginPayment(paying);
        _closeForGood();
        vm.warp(block.timestamp + 1);
        assertTrue(token.isClosed());

        bytes memory closed = abi.encodeWithSelector(IChargeToken.TokenClosed.selector);
        _expectRefusal(_batch(2, 1, 0, 0), closed);
        vm.expectRevert(closed);
        clearing.claim(A, B, bert, 9e6, new bytes32[](0));
        vm.startPrank(bert);
        vm.expectRevert(closed);
        token.transfer(dora, 1);
        vm.expectRevert(closed);
        token.cancelRedemption(open);
        vm.expectRevert(closed);
        token.cancelRedemption(paying);
        vm.stopPrank();
        vm.expectRevert(closed);
        vm.prank(dora);
        token.transferFrom(bert, dora, 1);
        vm.startPrank(_account(A));
        vm.expectRevert(closed);
        token.markPaid(paying, "bank");
        vm.expectRevert(closed);
        token.confirmReceipt(B, 1, "bank");
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.TokenClosing.selector, token.closesAt()));
        token.beginPayment(open);
        vm.stopPrank();
    }

    // --------------------------------------------------------------------------------------------------- successor

    function test_everyone_carries_over_once_and_the_sums_are_equal() public {
        vm.prank(bert);
        token.requestRedemption(A, 40e6, "open");
        _closeForGood();
        bytes32[] memory tree = _snapshot(100e6, 50e6);
        ChargeToken next = _found(IChargeToken.CarryOver(address(token), tree[0], _positions(100e6, 50e6)));
        assertEq(next.totalSupply(), token.totalSupply());
        assertEq(next.carriedMicro(), 150e6);
        assertEq(next.position(A), token.position(A));
        assertEq(next.position(B), token.position(B));
        _decide(IConsortium.Action.NameSuccessor, abi.encode(address(token), address(next)));
        assertEq(token.successor(), address(next));

        vm.expectEmit(address(next));
        emit IChargeToken.CarriedOver(bert, 100e6);
        vm.prank(makeAddr("anyone"));
        next.carryOver(bert, 100e6, _proof(tree, 0));
        assertEq(next.balanceOf(bert), 100e6);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.CarriedAlready.selector, bert));
        next.carryOver(bert, 100e6, _proof(tree, 0));
        next.carryOver(dora, 50e6, _proof(tree, 1));
        assertEq(next.balanceOf(address(next)), 0);
        assertEq(next.totalSupply(), 150e6);
        // And lives on.
        vm.prank(bert);
        bytes32 id = next.requestRedemption(A, 100e6, "anew");
        vm.prank(_account(A));
        next.markPaid(id, "bank");
        assertEq(next.position(A), 0);
    }

    function test_no_false_leaf_is_carried_over() public {
        _closeForGood();
        bytes32[] memory tree = _snapshot(100e6, 50e6);
        ChargeToken next = _found(IChargeToken.CarryOver(address(token), tree[0], _positions(100e6, 50e6)));
        bytes memory refusal = abi.encodeWithSelector(IChargeToken.ProofInvalid.selector);
        vm.expectRevert(refusal);
        next.carryOver(bert, 100e6 + 1, _proof(tree, 0));
        vm.expectRevert(refusal);
        next.carryOver(dora, 100e6, _proof(tree, 0));
        vm.expectRevert(refusal);
        next.carryOver(bert, 100e6, _proof(tree, 1));
        vm.expectRevert(refusal);
        next.carryOver(bert, 100e6, new bytes32[](0));
        // The inner node as a leaf: its two children as account and amount.
        vm.expectRevert(refusal);
        next.carryOver(address(uint160(uint256(tree[1]))), uint256(tree[2]), new bytes32[](0));
    }

    /// A first token was founded on nothing, so there is no proof of anything.
    function testFuzz_from_nothing_nothing_is_carried_over(
        address account,
        uint256 amountMicro,
        bytes32[] calldata proof
    ) public {
        vm.expectRevert(IChargeToken.ProofInvalid.selector);
        token.carryOver(account, amountMicro, proof);
    }

    function test_a_tree_with_more_than_the_supply_ends_with_the_supply() public {
        _closeForGood();
        bytes32[] memory tree = _snapshot(100e6, 60e6);
        ChargeToken next = _found(IChargeToken.CarryOver(address(token), tree[0], _positions(100e6, 50e6)));
        next.carryOver(bert, 100e6, _proof(tree, 0));
        vm.expectRevert();
        next.carryOver(dora, 60e6, _proof(tree, 1));
        assertEq(next.totalSupply(), 150e6);
    }

    function test_positions_of_both_signs_are_carried_over() public {
        vm.prank(bert);
        bytes32 id = token.requestRedemption(B, 80e6, "of B");
        vm.prank(_account(B));
        token.markPaid(id, "bank");
        assertEq(token.position(B), -30e6);
        _closeForGood();
        ChargeToken next =
            _found(IChargeToken.CarryOver(address(token), _snapshot(20e6, 50e6)[0], _positions(100e6, -30e6)));
        assertEq(next.position(A), 100e6);
        assertEq(next.position(B), -30e6);
        assertEq(next.totalSupply(), 70e6);
        vm.prank(_account(B));
        next.confirmReceipt(A, 30e6, "bank of the next");
        assertEq(next.position(B), 0);
    }

    function test_positions_that_make_no_sense_found_nothing() public {
        vm.expectRevert(IChargeToken.CarryOverMalformed.selector);
        _found(IChargeToken.CarryOver(address(token), 0, _positions(1, -2)));
        IChargeToken.CarriedPosition[] memory twice = _positions(1, 1);
        twice[1].memberId = A;
        vm.expectRevert(IChargeToken.CarryOverMalformed.selector);
        _found(IChargeToken.CarryOver(address(token), 0, twice));
        vm.expectRevert();
        _found(IChargeToken.CarryOver(address(token), 0, _positions(type(int256).max, 1)));
        vm.expectRevert();
        _found(IChargeToken.CarryOver(address(token), 0, _positions(type(int256).min, 1)));
    }

    function test_a_successor_is_named_after_the_close_once_and_only_a_true_one() public {
        bytes32[] memory tree = _snapshot(100e6, 50e6);
        ChargeToken next = _found(IChargeToken.CarryOver(address(token), tree[0], _positions(100e6, 50e6)));
        _refuse(address(next), abi.encodeWithSelector(IChargeToken.TokenOpen.selector));
        _closeForGood();
        ChargeToken stranger = _found(IChargeToken.CarryOver(address(next), tree[0], _positions(100e6, 50e6)));
        ChargeToken poorer = _found(IChargeToken.CarryOver(address(token), tree[0], _positions(100e6, 49e6)));
        _refuse(address(stranger), abi.encodeWithSelector(IChargeToken.SuccessorMismatch.selector));
        _refuse(address(poorer), abi.encodeWithSelector(IChargeToken.SuccessorMismatch.selector));
        vm.expectRevert(IChargeToken.NotConsortium.selector);
        token.nameSuccessor(next);
        _decide(IConsortium.Action.NameSuccessor, abi.encode(address(token), address(next)));
        _refuse(address(next), abi.encodeWithSelector(IChargeToken.SuccessorExists.selector, address(next)));
    }

    function _refuse(address successor, bytes memory refusal) private {
        vm.prank(_account(A));
        bytes32 id = consortium.propose(
            IConsortium.Action.NameSuccessor, abi.encode(address(token), successor), bytes32(vm.randomUint())
        );
        vm.prank(_account(B));
        consortium.vote(id);
        vm.expectRevert(refusal);
        consortium.execute(id);
    }
}
