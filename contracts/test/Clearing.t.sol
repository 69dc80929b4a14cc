// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ChargeToken} from "../src/ChargeToken.sol";
import {Clearing} from "../src/Clearing.sol";
import {Evidence} from "../src/Evidence.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IPeering} from "../src/IPeering.sol";
import {World} from "./World.sol";

/// @notice A member's account that is a contract: it accepts what one key signed.
contract Wallet is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 digest, bytes memory signature) external view returns (bytes4) {
        (bytes32 r, bytes32 s, uint8 v) = abi.decode(signature, (bytes32, bytes32, uint8));
        return ecrecover(digest, v, r, s) == _owner ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract ClearingTest is World {
    address private immutable bert = makeAddr("operator Bert");
    address private immutable dora = makeAddr("operator Dora");

    function _channelId() private view returns (bytes32) {
        return clearing.channelIdOf(A, B);
    }

    function _twoPayouts(uint256 toBert, uint256 toDora) private view returns (bytes32[] memory tree) {
        Payout[] memory payouts = new Payout[](2);
        payouts[0] = Payout({account: bert, cumulativeMicro: toBert});
        payouts[1] = Payout({account: dora, cumulativeMicro: toDora});
        return _tree(_payoutLeaves(_channelId(), payouts));
    }

    // ----------------------------------------------------------------------------------------------------- settle

    function test_a_batch_moves_its_total() public {
        bytes32[] memory tree = _twoPayouts(60e6, 39e6);
        IClearing.Batch memory batch = _batch(1, 100e6, 1e6, tree[0]);
        (bytes32 batchHash,) = clearing.hashBatch(batch);
        vm.expectEmit(address(clearing));
        emit IClearing.BatchSettled(_channelId(), 1, batchHash, batch);
        _settle(batch);

        assertEq(token.totalSupply(), 100e6);
        assertEq(token.position(A), 100e6);
        assertEq(token.balanceOf(_account(B)), 1e6);
        assertEq(token.balanceOf(address(clearing)), 99e6);
        IClearing.Channel memory open = clearing.channel(_channelId());
        assertEq(open.sequence, 1);
        assertEq(open.potMicro, 99e6);
        assertEq(open.payoutsRoot, tree[0]);
        assertEq(clearing.settledRoot(_channelId(), 1), batch.cdrRoot);
    }

    function test_the_two_directions_are_two_channels() public {
        _settle(_batch(1, 10e6, 0, 0));
        IClearing.Batch memory back = _batch(1, 4e6, 0, 0);
        (back.debtor, back.creditor) = (B, A);
        _settle(back);
        assertEq(token.position(A), 10e6);
        assertEq(token.position(B), 4e6);
        assertTrue(clearing.channelIdOf(A, B) != clearing.channelIdOf(B, A));
    }

    function test_a_batch_that_costs_nothing_is_settled_too() public {
        _settle(_batch(1, 0, 0, 0));
        assertEq(clearing.channel(_channelId()).sequence, 1);
        assertEq(token.totalSupply(), 0);
    }

    function test_the_sequence_rises_by_one() public {
        _expectRefusal(_batch(0, 1, 0, 0), abi.encodeWithSelector(IClearing.SequenceNotNext.selector, 1));
        _expectRefusal(_batch(2, 1, 0, 0), abi.encodeWithSelector(IClearing.SequenceNotNext.selector, 1));
        _settle(_batch(1, 1, 0, 0));
        _expectRefusal(_batch(1, 1, 0, 0), abi.encodeWithSelector(IClearing.SequenceNotNext.selector, 2));
        _expectRefusal(_batch(type(uint64).max, 1, 0, 0), abi.encodeWithSelector(IClearing.SequenceNotNext.selector, 2));
        _settle(_batch(2, 1, 0, 0));
    }

    function test_malformed_batches() public {
        bytes memory malformed = abi.encodeWithSelector(IClearing.BatchMalformed.selector);
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        batch.periodEnd = batch.periodStart;
        _expectRefusal(batch, malformed);
        batch = _batch(1, 1, 0, 0);
        batch.count = 0;
        _expectRefusal(batch, malformed);
        batch = _batch(1, 1, 0, 0);
        batch.cdrRoot = 0;
        _expectRefusal(batch, malformed);
        _expectRefusal(_batch(1, uint256(type(uint128).max) + 1, 0, 0), malformed);
        batch = _batch(1, 1, 0, 0);
        batch.creditor = A;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.SameMember.selector));
    }

    function test_only_between_members() public {
        bytes memory refusal = abi.encodeWithSelector(IClearing.NotAMember.selector);
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        batch.debtor = "DEXXX";
        _expectRefusal(batch, refusal);
        batch = _batch(1, 1, 0, 0);
        batch.creditor = "DEXXX";
        _expectRefusal(batch, refusal);
    }

    function test_who_left_still_owes_what_was_charged_before() public {
        _settle(_batch(1, 10e6, 0, 0));
        _decideWithout(A, IConsortium.Action.Remove, abi.encode(A));
        uint64 removedAt = consortium.suspendedAt(A);
        IClearing.Batch memory batch = _batch(2, 10e6, 0, 0);
        batch.periodStart = removedAt - 1;
        batch.periodEnd = removedAt + 1 days;
        _settle(batch);
        assertEq(token.position(A), 20e6);
        batch = _batch(3, 10e6, 0, 0);
        batch.periodStart = removedAt;
        batch.periodEnd = removedAt + 1 days;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.NotLiable.selector, A, removedAt));
        // What it is owed it is owed for ever.
        (batch.debtor, batch.creditor, batch.sequence) = (B, A, 1);
        _settle(batch);
    }

    function test_who_is_suspended_makes_no_new_debts_until_reinstated() public {
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        IClearing.Batch memory batch = _batch(1, 10e6, 0, 0);
        batch.periodStart = uint64(block.timestamp);
        batch.periodEnd = batch.periodStart + 1;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.NotLiable.selector, A, uint64(block.timestamp)));
        _decideWithout(A, IConsortium.Action.Reinstate, abi.encode(A));
        _settle(batch);
    }

    function test_a_fee_that_the_debtor_has_is_not_issued() public {
        IPeering.Terms memory terms = _terms();
        terms.feeTo = IPeering.FeeTo.Debtor;
        IClearing.Batch memory batch = _batch(1, 100e6, 2e6, 0);
        batch.creditor = C;
        batch.agreementId = _agree(A, C, 1, terms);
        _settle(batch);
        assertEq(token.balanceOf(_account(C)), 0);
        assertEq(token.balanceOf(_account(A)), 0);
        assertEq(token.balanceOf(address(clearing)), 98e6);
        assertEq(token.position(A), 98e6);
    }

    function test_only_under_an_accepted_agreement_of_the_two_that_is_valid() public {
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        batch.agreementId = keccak256("none");
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.AgreementNotValid.selector, batch.agreementId));

        bytes32 ofOthers = _agree(A, C, 1, _terms());
        batch.agreementId = ofOthers;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.AgreementNotValid.selector, ofOthers));

        vm.prank(_account(A));
        bytes32 proposedOnly = peering.propose(B, 2, _nextTerms());
        batch.agreementId = proposedOnly;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.AgreementNotValid.selector, proposedOnly));

        batch = _batch(1, 1, 0, 0);
        batch.periodStart = _terms().validFrom - 1;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.AgreementNotValid.selector, agreementId));
        batch.periodStart = _terms().validFrom;
        _settle(batch);
    }

    function test_what_was_agreed_before_still_holds_for_its_batches() public {
        IPeering.Terms memory dearer = _nextTerms();
        dearer.feeShareBp = 1_000;
        bytes32 second = _agree(B, A, 2, dearer);
        IClearing.Batch memory batch = _batch(1, 100e6, 3e6, 0);
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.FeeTooHigh.selector, 2_600_000));
        batch.agreementId = second;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.AgreementNotValid.selector, second));
        (batch.periodStart, batch.periodEnd) = (dearer.validFrom, dearer.validFrom + 1 days);
        _settle(batch);
        // What comes late is settled under what held for it, even when both have ended.
        vm.prank(_account(A));
        peering.giveNotice(second, uint64(block.timestamp) + dearer.noticeS);
        vm.warp(block.timestamp + 100 days);
        _settle(_batch(2, 100e6, 2_600_000, 0));
    }

    function test_only_in_the_tokens_currency() public {
        IPeering.Terms memory terms = _terms();
        terms.currency = "CHF";
        bytes32 inFrancs = _agree(A, C, 1, terms);
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        batch.creditor = C;
        batch.agreementId = inFrancs;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.CurrencyMismatch.selector));
    }

    function test_the_issuance_limit_binds() public {
        _settle(_batch(1, LIMIT, 0, 0));
        _expectRefusal(
            _batch(2, 1, 0, 0), abi.encodeWithSelector(IChargeToken.LimitExceeded.selector, A, LIMIT, int256(LIMIT) + 1)
        );
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, LIMIT + 1));
        _settle(_batch(2, 1, 0, 0));
    }

    function testFuzz_the_fee_is_bounded(uint96 totalMicro, uint64 energyWh, uint16 shareBp, uint64 perKwh) public {
        IPeering.Terms memory terms = _terms();
        terms.feeShareBp = uint16(bound(shareBp, 0, 10_000));
        terms.feeMicroPerKwh = perKwh;
        IClearing.Batch memory batch = _batch(1, bound(totalMicro, 0, LIMIT), 0, 0);
        batch.energyWh = energyWh;
        batch.creditor = C;
        batch.agreementId = _agree(A, C, 1, terms);

        uint256 boundMicro = batch.totalMicro * terms.feeShareBp / 10_000 + uint256(energyWh) * perKwh / 1_000;
        if (boundMicro > batch.totalMicro) boundMicro = batch.totalMicro;
        assertEq(clearing.feeBoundMicro(batch.agreementId, _usage(batch)), boundMicro);
        batch.feeMicro = boundMicro + 1;
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.FeeTooHigh.selector, boundMicro));
        batch.feeMicro = boundMicro;
        _settle(batch);
        assertEq(token.balanceOf(_account(C)), boundMicro);
        assertEq(token.balanceOf(address(clearing)), batch.totalMicro - boundMicro);
    }

    // ------------------------------------------------------------------------------------------------- signatures

    function test_both_must_have_signed() public {
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        bytes memory byA = _sign(A, batch);
        bytes memory byB = _sign(B, batch);
        bytes memory byC = _sign(C, batch);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byB, byB);
        vm.expectRevert(IClearing.CreditorSignatureInvalid.selector);
        clearing.settle(batch, byA, byA);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byC, byB);
        vm.expectRevert(IClearing.CreditorSignatureInvalid.selector);
        clearing.settle(batch, byA, "");
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, new bytes(65), byB);
    }

    function testFuzz_any_changed_field_breaks_the_signatures(uint8 field, uint256 salt) public {
        IClearing.Batch memory signed = _batch(1, 1e6, 0, 0);
        bytes memory byA = _sign(A, signed);
        bytes memory byB = _sign(B, signed);
        IClearing.Batch memory spoiled = _batch(1, 1e6, 0, 0);
        bytes32 other = keccak256(abi.encode(salt));
        field = uint8(bound(field, 0, 7));
        if (field == 0) spoiled.periodStart -= 1;
        if (field == 1) spoiled.periodEnd += 1;
        if (field == 2) spoiled.count += 1;
        if (field == 3) spoiled.energyWh += 1;
        if (field == 4) spoiled.totalMicro += 1;
        if (field == 5) spoiled.feeMicro += 1;
        if (field == 6) spoiled.cdrRoot = other;
        if (field == 7) spoiled.payoutsRoot = other;
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(spoiled, byA, byB);
    }

    function test_the_other_form_of_a_signature_is_refused() public {
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        (, bytes32 digest) = clearing.hashBatch(batch);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(A), digest);
        uint256 order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes memory flipped = abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        assertEq(ecrecover(digest, v == 27 ? 28 : 27, r, bytes32(order - uint256(s))), _account(A));
        bytes memory byB = _sign(B, batch);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, flipped, byB);
    }

    function test_a_signature_holds_for_one_chain_and_one_contract() public {
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        bytes memory byA = _sign(A, batch);
        bytes memory byB = _sign(B, batch);
        vm.chainId(31_338);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byA, byB);
        vm.chainId(31_337);

        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        ChargeToken otherToken = new ChargeToken(consortium, next, "EUR", new IChargeToken.Limit[](0), _noCarryOver());
        Clearing other = new Clearing(consortium, otherToken, peering, address(forcedClaims));
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        other.settle(batch, byA, byB);
        clearing.settle(batch, byA, byB);
    }

    function test_a_members_account_may_be_a_contract() public {
        Wallet wallet = new Wallet(_account(A));
        _decide(IConsortium.Action.RotateAccount, abi.encode(A, address(wallet)));
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        (, bytes32 digest) = clearing.hashBatch(batch);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(A), digest);
        bytes memory byB = _sign(B, batch);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, abi.encode(s, r, v), byB);
        clearing.settle(batch, abi.encode(r, s, v), byB);
    }

    function test_made_for_one_token_only() public {
        vm.expectRevert(IClearing.TokenMismatch.selector);
        new Clearing(consortium, token, peering, address(forcedClaims));
    }

    // ------------------------------------------------------------------------------------------------------ claim

    function test_an_operator_is_paid_what_it_was_not_paid_yet() public {
        bytes32[] memory first = _twoPayouts(60e6, 39e6);
        _settle(_batch(1, 100e6, 1e6, first[0]));
        vm.expectEmit(address(clearing));
        emit IClearing.Claimed(_channelId(), bert, 60e6, 60e6);
        assertEq(clearing.claim(A, B, bert, 60e6, _proof(first, 0)), 60e6);
        assertEq(token.balanceOf(bert), 60e6);
        vm.expectRevert(IClearing.NothingToClaim.selector);
        clearing.claim(A, B, bert, 60e6, _proof(first, 0));

        bytes32[] memory second = _twoPayouts(75e6, 39e6);
        _settle(_batch(2, 15e6, 0, second[0]));
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(A, B, bert, 60e6, _proof(first, 0));
        assertEq(clearing.claim(A, B, bert, 75e6, _proof(second, 0)), 15e6);
        assertEq(clearing.claim(A, B, dora, 39e6, _proof(second, 1)), 39e6);
        assertEq(clearing.claimedMicro(_channelId(), bert), 75e6);
        assertEq(clearing.channel(_channelId()).potMicro, 0);
        assertEq(token.balanceOf(address(clearing)), 0);
    }

    function test_only_as_far_as_the_pot_reaches() public {
        bytes32[] memory tree = _twoPayouts(80e6, 80e6);
        _settle(_batch(1, 100e6, 0, tree[0]));
        assertEq(clearing.claim(A, B, bert, 80e6, _proof(tree, 0)), 80e6);
        assertEq(clearing.claim(A, B, dora, 80e6, _proof(tree, 1)), 20e6);
        vm.expectRevert(IClearing.NothingToClaim.selector);
        clearing.claim(A, B, dora, 80e6, _proof(tree, 1));
        _settle(_batch(2, 70e6, 0, tree[0]));
        assertEq(clearing.claim(A, B, dora, 80e6, _proof(tree, 1)), 60e6);
        assertEq(clearing.channel(_channelId()).potMicro, 10e6);
    }

    function test_a_pot_pays_for_its_own_channel_only() public {
        bytes32[] memory tree = _twoPayouts(50e6, 0);
        _settle(_batch(1, 50e6, 0, tree[0]));
        IClearing.Batch memory back = _batch(1, 50e6, 0, tree[0]);
        (back.debtor, back.creditor) = (B, A);
        _settle(back);
        // The leaf names the channel, so the same root in the other channel proves nothing there.
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(B, A, bert, 50e6, _proof(tree, 0));
        assertEq(clearing.claim(A, B, bert, 50e6, _proof(tree, 0)), 50e6);
    }

    function test_a_total_that_fell_pays_nothing() public {
        bytes32[] memory first = _twoPayouts(60e6, 0);
        _settle(_batch(1, 100e6, 0, first[0]));
        clearing.claim(A, B, bert, 60e6, _proof(first, 0));
        bytes32[] memory less = _twoPayouts(10e6, 0);
        _settle(_batch(2, 1, 0, less[0]));
        vm.expectRevert(IClearing.NothingToClaim.selector);
        clearing.claim(A, B, bert, 10e6, _proof(less, 0));
    }

    function test_nothing_is_claimed_before_anything_is_settled() public {
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(A, B, bert, 1, new bytes32[](0));
    }

    function testFuzz_no_other_leaf_is_paid(address account, uint256 cumulativeMicro, bytes32 sibling) public {
        bytes32[] memory tree = _twoPayouts(60e6, 39e6);
        _settle(_batch(1, 99e6, 0, tree[0]));
        vm.assume(!(account == bert && cumulativeMicro == 60e6) && !(account == dora && cumulativeMicro == 39e6));
        bytes32[] memory proof = new bytes32[](1);
        proof[0] = sibling;
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(A, B, account, cumulativeMicro, proof);
    }

    // -------------------------------------------------------------------------------------------------- isSettled

    function testFuzz_a_charge_is_proven_in_its_batch(uint8 count, uint8 index, uint256 seed) public {
        uint256 n = bound(count, 1, 40);
        uint256 i = bound(index, 0, n - 1);
        bytes32 typeWord = Evidence.typeWord("SettledCharge", NETWORK);
        bytes32[] memory leaves = new bytes32[](n);
        for (uint256 k = 0; k < n; ++k) {
            (bytes32 a, bytes32 c, uint256 micro) = _charge(seed, k);
            leaves[k] = keccak256(bytes.concat(keccak256(abi.encode(typeWord, a, c, micro))));
        }
        bytes32[] memory tree = _tree(leaves);
        IClearing.Batch memory batch = _batch(1, 1, 0, 0);
        batch.cdrRoot = tree[0];
        _settle(batch);

        (bytes32 authorizationId, bytes32 cdrId, uint256 chargeMicro) = _charge(seed, i);
        bytes32[] memory proof = _proof(tree, i);
        bytes32 channelId = _channelId();
        assertTrue(clearing.isSettled(channelId, 1, authorizationId, cdrId, chargeMicro, proof));
        assertFalse(clearing.isSettled(channelId, 1, authorizationId, cdrId, chargeMicro + 1, proof));
        assertFalse(clearing.isSettled(channelId, 1, cdrId, authorizationId, chargeMicro, proof));
        assertFalse(clearing.isSettled(channelId, 2, authorizationId, cdrId, chargeMicro, proof));
        assertFalse(clearing.isSettled(clearing.channelIdOf(B, A), 1, authorizationId, cdrId, chargeMicro, proof));
    }

    function _charge(uint256 seed, uint256 k) private pure returns (bytes32, bytes32, uint256) {
        return (keccak256(abi.encode(seed, "a", k)), keccak256(abi.encode(seed, "c", k)), uint96(seed) + k);
    }
}
