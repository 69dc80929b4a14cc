// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ChargeToken} from "../src/ChargeToken.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {World} from "./World.sol";

/// @notice A holder that is a contract and agrees to one digest.
contract AgreeingWallet is IERC1271 {
    bytes32 private _digest;

    function agree(bytes32 digest) external {
        _digest = digest;
    }

    function isValidSignature(bytes32 digest, bytes memory) external view returns (bytes4) {
        return digest == _digest ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

/// @notice A redemption that takes too long, and one that somebody else brings.
contract RedemptionTest is World {
    address private bert;
    uint256 private bertsKey;

    function setUp() public override {
        super.setUp();
        (bert, bertsKey) = makeAddrAndKey("operator Bert");
        vm.prank(address(clearing));
        token.issue(A, bert, 100e6);
    }

    function _status(bytes32 id) private view returns (IChargeToken.RedemptionStatus) {
        return token.redemption(id).status;
    }

    function _assertStatus(bytes32 id, IChargeToken.RedemptionStatus expected) private view {
        assertEq(uint8(_status(id)), uint8(expected));
    }

    // ------------------------------------------------------------------------------------------------------ overdue

    function test_after_ten_days_it_is_overdue_and_goes_to_another_provider() public {
        vm.prank(bert);
        bytes32 id = token.requestRedemption(A, 30e6, "of A");
        vm.warp(block.timestamp + token.REDEMPTION_PERIOD());
        _assertStatus(id, IChargeToken.RedemptionStatus.Open);
        vm.warp(block.timestamp + 1);
        _assertStatus(id, IChargeToken.RedemptionStatus.Overdue);
        vm.startPrank(bert);
        token.cancelRedemption(id);
        _assertStatus(id, IChargeToken.RedemptionStatus.Cancelled);
        bytes32 next = token.requestRedemption(B, 30e6, "of B");
        vm.stopPrank();
        vm.prank(_account(B));
        token.markPaid(next, "bank");
        assertEq(token.totalSupply(), 70e6);
        assertEq(token.position(B), -30e6);
    }

    function test_being_paid_it_is_not_overdue_until_the_payment_fails() public {
        vm.prank(bert);
        bytes32 id = token.requestRedemption(A, 30e6, "of A");
        vm.warp(block.timestamp + 9 days);
        vm.prank(_account(A));
        token.beginPayment(id);
        vm.warp(block.timestamp + token.PAYMENT_WINDOW());
        _assertStatus(id, IChargeToken.RedemptionStatus.Paying);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.PaymentUnderWay.selector, id, uint64(block.timestamp)));
        vm.prank(bert);
        token.cancelRedemption(id);
        vm.warp(block.timestamp + 1);
        _assertStatus(id, IChargeToken.RedemptionStatus.Overdue);
        // It may still be paid, as long as the holder has not taken it back.
        vm.prank(_account(A));
        token.markPaid(id, "bank");
        _assertStatus(id, IChargeToken.RedemptionStatus.Paid);
    }

    function test_an_overdue_one_is_taken_back_or_paid_and_not_both() public {
        vm.prank(bert);
        bytes32 id = token.requestRedemption(A, 30e6, "of A");
        vm.warp(block.timestamp + 20 days);
        vm.prank(bert);
        token.cancelRedemption(id);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionClosed.selector, id));
        vm.prank(_account(A));
        token.markPaid(id, "bank");
    }

    // ------------------------------------------------------------------------------------------------------ relayed

    function _digest(ChargeToken asked, address holder, uint256 amountMicro, bytes32 reference_, uint256 deadline)
        private
        view
        returns (bytes32)
    {
        return keccak256(
            abi.encodePacked(
                "\x19\x01",
                asked.DOMAIN_SEPARATOR(),
                keccak256(abi.encode(asked.REDEMPTION_REQUEST_TYPEHASH(), holder, B, amountMicro, reference_, deadline))
            )
        );
    }

    function _signature(bytes32 digest) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bertsKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function test_a_signed_request_is_brought_by_anyone_once() public {
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _signature(_digest(token, bert, 30e6, "one", deadline));
        vm.prank(makeAddr("relay"));
        bytes32 id = token.requestRedemptionFor(bert, B, 30e6, "one", deadline, signature);
        assertEq(id, token.redemptionIdOf(bert, "one"));
        assertEq(token.redemption(id).holder, bert);
        assertEq(token.balanceOf(bert), 70e6);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionExists.selector, id));
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, signature);
        // Not even after the holder took it back.
        vm.prank(bert);
        token.cancelRedemption(id);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionExists.selector, id));
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, signature);
    }

    function test_a_signed_request_says_all_of_it() public {
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _signature(_digest(token, bert, 30e6, "one", deadline));
        bytes memory refusal = abi.encodeWithSelector(IChargeToken.RequestSignatureInvalid.selector);
        vm.expectRevert(refusal);
        token.requestRedemptionFor(_account(A), B, 30e6, "one", deadline, signature);
        vm.expectRevert(refusal);
        token.requestRedemptionFor(bert, A, 30e6, "one", deadline, signature);
        vm.expectRevert(refusal);
        token.requestRedemptionFor(bert, B, 30e6 + 1, "one", deadline, signature);
        vm.expectRevert(refusal);
        token.requestRedemptionFor(bert, B, 30e6, "two", deadline, signature);
        vm.expectRevert(refusal);
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline + 1, signature);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IChargeToken.RequestExpired.selector, deadline));
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, signature);
    }

    function test_a_signed_request_is_for_one_chain_and_one_token() public {
        uint256 deadline = block.timestamp + 1 hours;
        bytes memory signature = _signature(_digest(token, bert, 30e6, "one", deadline));
        ChargeToken other =
            new ChargeToken(consortium, address(this), "EUR", new IChargeToken.Limit[](0), _noCarryOver());
        vm.expectRevert(IChargeToken.RequestSignatureInvalid.selector);
        other.requestRedemptionFor(bert, B, 30e6, "one", deadline, signature);
        vm.chainId(7);
        vm.expectRevert(IChargeToken.RequestSignatureInvalid.selector);
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, signature);
    }

    /// The other half of s, a short form and a turned recovery value are refused: a signature has one form.
    function test_a_malleable_signature_is_refused() public {
        uint256 deadline = block.timestamp + 1 hours;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bertsKey, _digest(token, bert, 30e6, "one", deadline));
        uint256 n = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory highS = abi.encodePacked(r, bytes32(n - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(IChargeToken.RequestSignatureInvalid.selector);
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, highS);
        vm.expectRevert(IChargeToken.RequestSignatureInvalid.selector);
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, abi.encodePacked(r, s));
        vm.expectRevert(IChargeToken.RequestSignatureInvalid.selector);
        token.requestRedemptionFor(bert, B, 30e6, "one", deadline, abi.encodePacked(r, s, v - 27));
    }

    function test_a_wallet_that_is_a_contract_agrees_by_erc_1271() public {
        AgreeingWallet wallet = new AgreeingWallet();
        vm.prank(bert);
        assertTrue(token.transfer(address(wallet), 10e6));
        uint256 deadline = block.timestamp;
        vm.expectRevert(IChargeToken.RequestSignatureInvalid.selector);
        token.requestRedemptionFor(address(wallet), B, 10e6, "one", deadline, "");
        wallet.agree(_digest(token, address(wallet), 10e6, "one", deadline));
        token.requestRedemptionFor(address(wallet), B, 10e6, "one", deadline, "");
        assertEq(token.balanceOf(address(wallet)), 0);
    }

    function test_a_signed_request_is_for_no_more_than_there_is() public {
        bytes memory signature = _signature(_digest(token, bert, 101e6, "one", block.timestamp));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, bert, 100e6, 101e6));
        token.requestRedemptionFor(bert, B, 101e6, "one", block.timestamp, signature);
    }

    // ------------------------------------------------------------------------------------------------ one token

    /// Fee-on-transfer and other tokens: there is one token, it is ours, and what is sent is what arrives.
    function testFuzz_what_is_sent_is_what_arrives(uint256 amountMicro) public {
        amountMicro = bound(amountMicro, 0, 100e6);
        vm.prank(bert);
        assertTrue(token.transfer(_account(C), amountMicro));
        assertEq(token.balanceOf(_account(C)), amountMicro);
        assertEq(token.balanceOf(bert), 100e6 - amountMicro);
        assertEq(address(clearing.chargeToken()), address(token));
    }
}
