// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {ForcedClaims} from "../src/ForcedClaims.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IForcedClaims} from "../src/IForcedClaims.sol";
import {IPeering} from "../src/IPeering.sol";
import {Pricing} from "../src/Pricing.sol";
import {ChargeWorld} from "./ChargeWorld.sol";

/// @notice Claims by force, each rule by the name of its refusal: the judgement, the window, objections, payment. With
/// evidence as TypeScript makes it they are tested in chain/ForcedClaims.test.ts, at random in NetworkInvariants.t.sol.
contract ForcedClaimsTest is ChargeWorld {
    address private constant BERT = address(0xbe47);
    address private constant STRANGER = address(0x57a63);
    uint64 private constant NOW = 1_800_000_000;
    uint64 private constant SIGNED_AT = NOW - 7_200;
    uint256 private constant CHARGE = 10_000 * 390;
    IForcedClaims.HandIn private _none;

    function _charge() private pure returns (Charge memory) {
        return Charge({
            driverProvider: A,
            stationProvider: B,
            operator: BERT,
            signedAt: SIGNED_AT,
            importedWh: 10_000,
            exportedWh: 4_000,
            nonce: "first"
        });
    }

    function _good() private returns (IForcedClaims.ChargeEvidence memory) {
        return _evidence(_charge());
    }

    function _raise(address maker) private returns (IForcedClaims.Claim memory) {
        return _raise(maker, IForcedClaims.Direction.Charge, _good());
    }

    function _raise(address maker, IForcedClaims.Direction direction, IForcedClaims.ChargeEvidence memory evidence)
        private
        returns (IForcedClaims.Claim memory)
    {
        vm.recordLogs();
        vm.prank(maker);
        forcedClaims.raise(direction, evidence, _none);
        return _claimIn(vm.getRecordedLogs());
    }

    function _claimIn(Vm.Log[] memory logs) private pure returns (IForcedClaims.Claim memory) {
        for (uint256 i = 0; i < logs.length; ++i) {
            bytes32 name = logs[i].topics[0];
            if (
                name == IForcedClaims.ForcedClaimRaised.selector || name == IForcedClaims.MeterRecordDemanded.selector
                    || name == IForcedClaims.MeterRecordShown.selector
            ) return abi.decode(logs[i].data, (IForcedClaims.Claim));
        }
        revert("no claim");
    }

    function _status(IForcedClaims.Claim memory claim) private view returns (IForcedClaims.Status) {
        return forcedClaims.statusOf(forcedClaims.claimIdOf(claim.authorizationId, claim.direction));
    }

    /// Everyone has signed this, and it is refused all the same.
    function _refuse(IForcedClaims.ChargeEvidence memory evidence, bytes4 name) private {
        _signAll(evidence);
        _refuseAsIs(evidence, name);
    }

    function _refuseAsIs(IForcedClaims.ChargeEvidence memory evidence, bytes4 name) private {
        vm.prank(_account(B));
        vm.expectPartialRevert(name);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, _none);
    }

    /// Bert has tokens and lets the contract take a bond.
    function _fund(address holder) private {
        Payout[] memory payouts = new Payout[](1);
        payouts[0] = Payout(holder, 20e6);
        bytes32[] memory tree = _tree(_payoutLeaves(clearing.channelIdOf(A, B), payouts));
        _settle(_batch(1, 20e6, 0, tree[0]));
        clearing.claim(A, B, holder, 20e6, new bytes32[](0));
        vm.prank(holder);
        token.approve(address(forcedClaims), type(uint256).max);
    }

    // ------------------------------------------------------------------------------------------------- the judgement

    function test_partners_are_made_for_each_other() public {
        vm.expectRevert(IForcedClaims.PartnerMismatch.selector);
        new ForcedClaims(clearing, pricing, meterReader);
    }

    function test_between_whom_and_under_what() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.stationProvider = A;
        _refuse(evidence, IForcedClaims.SameMember.selector);
        evidence.stationProvider = C;
        _refuse(evidence, IForcedClaims.AgreementMissing.selector);
        evidence = _good();
        evidence.tariff[4] = uint256(bytes32("CHF"));
        _refuse(evidence, IForcedClaims.CurrencyMismatch.selector);
        evidence.tariff = new uint256[](4);
        _refuseAsIs(evidence, IForcedClaims.CurrencyMismatch.selector);
    }

    function test_certificate_keys_must_be_the_providers() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.driverIssuer = _publicKey("nobody");
        _refuseAsIs(evidence, IForcedClaims.UnknownDriverProvider.selector);
        evidence = _good();
        evidence.stationIssuer = _publicKey("nobody");
        _refuseAsIs(evidence, IForcedClaims.UnknownStationProvider.selector);
    }

    function test_a_retired_key_counts_within_the_grace() public {
        IConsortium.PublicKey memory key = _certificateKey(A);
        vm.prank(_account(A));
        consortium.retireKey(key.x, key.y, 0);
        Charge memory charge = _charge();
        charge.signedAt = NOW + 1 days;
        vm.warp(NOW + 2 days);
        IForcedClaims.ChargeEvidence memory late = _evidence(charge);
        _refuseAsIs(late, IForcedClaims.UnknownDriverProvider.selector);
        charge.signedAt -= 1;
        _raise(_account(B), IForcedClaims.Direction.Charge, _evidence(charge));
    }

    function test_a_debtor_answers_for_its_time_only() public {
        _decideWithout(A, IConsortium.Action.Suspend, abi.encode(A));
        Charge memory charge = _charge();
        charge.signedAt = NOW + 1 days;
        vm.warp(NOW + 2 days);
        _refuseAsIs(_evidence(charge), IForcedClaims.DebtorNotLiable.selector);
        charge.signedAt -= 1;
        _raise(_account(B), IForcedClaims.Direction.Charge, _evidence(charge));
    }

    function test_each_signature_counts() public {
        bytes4[5] memory names = [
            IForcedClaims.BadDriverCertificateSignature.selector,
            IForcedClaims.BadStationCertificateSignature.selector,
            IForcedClaims.BadOfferSignature.selector,
            IForcedClaims.BadAuthorizationSignature.selector,
            IForcedClaims.BadCdrSignature.selector
        ];
        for (uint256 i = 0; i < 5; ++i) {
            IForcedClaims.ChargeEvidence memory evidence = _good();
            evidence.signatures[i].r ^= bytes32(uint256(1));
            _refuseAsIs(evidence, names[i]);
        }
    }

    function test_what_was_signed_belongs_together() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.driver.maxAmountMicro += 1;
        _refuseAsIs(evidence, IForcedClaims.BadDriverCertificateSignature.selector);
        evidence = _good();
        evidence.station.operatorAccount = STRANGER;
        _refuseAsIs(evidence, IForcedClaims.BadStationCertificateSignature.selector);
        evidence = _good();
        evidence.tariff[15] += 1;
        _refuseAsIs(evidence, IForcedClaims.BadOfferSignature.selector);
        evidence = _good();
        evidence.authorization.maxEnergyWh += 1;
        _refuseAsIs(evidence, IForcedClaims.BadAuthorizationSignature.selector);
        evidence = _good();
        evidence.authorization.targetWh += 1;
        _refuseAsIs(evidence, IForcedClaims.BadAuthorizationSignature.selector);
        evidence = _good();
        evidence.readings[5] += 1;
        _refuseAsIs(evidence, IForcedClaims.BadCdrSignature.selector);
    }

    function test_certificates_hold_when_the_driver_signed() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.driver.notBefore = SIGNED_AT + 1;
        _refuse(evidence, IForcedClaims.DriverCertificateNotYetValid.selector);
        evidence = _good();
        evidence.driver.notAfter = SIGNED_AT;
        _refuse(evidence, IForcedClaims.DriverCertificateExpired.selector);
        evidence = _good();
        evidence.station.notBefore = SIGNED_AT + 1;
        _refuse(evidence, IForcedClaims.StationCertificateNotYetValid.selector);
        evidence = _good();
        evidence.station.notAfter = SIGNED_AT;
        _refuse(evidence, IForcedClaims.StationCertificateExpired.selector);
    }

    function test_the_offer_was_open_when_the_driver_signed() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.offer.issuedAt = SIGNED_AT + 121;
        _refuse(evidence, IForcedClaims.AuthorizedBeforeOffer.selector);
        evidence = _good();
        evidence.offer.expiresAt = SIGNED_AT;
        _refuse(evidence, IForcedClaims.OfferExpired.selector);
        evidence = _good();
        evidence.readings[0] = SIGNED_AT - 121;
        _refuse(evidence, IForcedClaims.StartedBeforeAuthorized.selector);
    }

    function test_the_bounds_of_certificate_and_driver() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.authorization.maxEnergyWh = evidence.driver.maxEnergyWh + 1;
        _refuse(evidence, IForcedClaims.EnergyBoundOverCertificate.selector);
        evidence = _good();
        evidence.authorization.maxAmountMicro = evidence.driver.maxAmountMicro + 1;
        _refuse(evidence, IForcedClaims.AmountBoundOverCertificate.selector);
        evidence = _good();
        evidence.driver.mayDischarge = false;
        _refuse(evidence, IForcedClaims.DischargeNotCertified.selector);
        evidence = _good();
        evidence.authorization.maxEnergyWh = 9_999;
        _refuse(evidence, IForcedClaims.EnergyOverBound.selector);
        evidence = _good();
        evidence.authorization.mayDischarge = false;
        _refuse(evidence, IForcedClaims.DischargeNotAuthorized.selector);
    }

    function test_readings_are_whole_and_never_run_back() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.readings = new uint256[](4);
        _refuseAsIs(evidence, IForcedClaims.InvalidReadings.selector);
        evidence.readings = new uint256[](9);
        _refuseAsIs(evidence, IForcedClaims.InvalidReadings.selector);
        for (uint256 word = 4; word < 7; ++word) {
            evidence = _good();
            evidence.readings[word] = evidence.readings[word - 4] - 1;
            _refuseAsIs(evidence, IForcedClaims.InvalidReadings.selector);
        }
        evidence = _good();
        evidence.readings[5] = uint256(1) << 64;
        _refuseAsIs(evidence, IForcedClaims.InvalidReadings.selector);
    }

    function test_the_charge_is_the_price_within_the_bound() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.cdr.chargeMicro += 1;
        _refuse(evidence, IForcedClaims.ChargeMismatch.selector);
        evidence.cdr.chargeMicro -= 2;
        _refuse(evidence, IForcedClaims.ChargeMismatch.selector);
        evidence = _good();
        evidence.authorization.maxAmountMicro = 1_000_000;
        _refuse(evidence, IForcedClaims.ChargeOverBound.selector);
        evidence.cdr.chargeMicro = 999_999;
        _refuse(evidence, IForcedClaims.ChargeMismatch.selector);
        evidence.cdr.chargeMicro = 1_000_000;
        _signAll(evidence);
        assertEq(_raise(_account(B), IForcedClaims.Direction.Charge, evidence).amountMicro, 1_000_000);
    }

    function test_what_the_meter_may_not_bill_is_not_claimed() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.station.metrologyClass = 1;
        _refuse(evidence, IForcedClaims.MeterNotBillable.selector);
        // Time may still be billed by it: the same tariff row as TIME, an hour at 0.39.
        evidence.tariff[14] = 2;
        evidence.cdr.chargeMicro = 390_000;
        _signAll(evidence);
        evidence.station.metrologyClass = 2;
        _refuse(evidence, IForcedClaims.MeterNotBillable.selector);
        evidence.station.metrologyClass = 1;
        _signAll(evidence);
        assertTrue(_raise(_account(B), IForcedClaims.Direction.Charge, evidence).billedByTime);
    }

    function test_the_credit_is_what_was_given_back() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.cdr.creditMicro += 1;
        _refuse(evidence, IForcedClaims.CreditMismatch.selector);
        Charge memory charge = _charge();
        charge.exportedWh = 0;
        evidence = _evidence(charge);
        vm.expectRevert(IForcedClaims.AmountMissing.selector);
        forcedClaims.raise(IForcedClaims.Direction.Credit, evidence, _none);
    }

    function test_a_tariff_with_times_needs_a_zone_that_was_decided_on() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.offer.timeZone = "Mars/Olympus";
        _signAll(evidence);
        uint256 before = vm.snapshotState();
        _raise(_account(B), IForcedClaims.Direction.Charge, evidence);
        vm.revertToState(before);
        // From eight o'clock: one row more.
        uint256[] memory words = new uint256[](24);
        for (uint256 i = 0; i < 18; ++i) {
            words[i] = evidence.tariff[i];
        }
        words[11] = 2;
        (words[19], words[20], words[21]) = (2, 1, 480);
        evidence.tariff = words;
        _refuse(evidence, Pricing.TimeZoneUnknown.selector);
    }

    // ------------------------------------------------------------------------------------------------------ in time

    function test_after_its_end_and_before_the_deadline() public {
        Charge memory charge = _charge();
        charge.signedAt = NOW;
        _refuseAsIs(_evidence(charge), IForcedClaims.SessionNotEnded.selector);
        IForcedClaims.ChargeEvidence memory evidence = _good();
        uint64 endedAt = SIGNED_AT + 30 + 3_600;
        vm.warp(endedAt + 7 days + 1);
        _refuseAsIs(evidence, IForcedClaims.HandedInTooLate.selector);
        vm.warp(endedAt + 7 days);
        _raise(_account(B), IForcedClaims.Direction.Charge, evidence);
    }

    function test_a_hand_in_on_record_reaches_behind_the_deadline() public {
        IForcedClaims.Claim memory claim = _raise(_account(B));
        Charge memory charge = _charge();
        charge.nonce = "second";
        IForcedClaims.ChargeEvidence memory evidence = _evidence(charge);
        bytes32 leaf = _leaf("HandIn", _cdrIdOf(evidence));
        vm.expectRevert(IForcedClaims.RootMissing.selector);
        forcedClaims.anchorHandIn(0);
        forcedClaims.anchorHandIn(leaf);
        bytes32 late = keccak256("late");
        vm.warp(claim.endedAt + 7 days + 1);
        forcedClaims.anchorHandIn(late);
        forcedClaims.anchorHandIn(leaf);
        assertEq(forcedClaims.handInAnchoredAt(leaf), NOW, "the first time counts");
        IForcedClaims.HandIn memory handIn = IForcedClaims.HandIn({root: late, proof: new bytes32[](0)});
        vm.startPrank(_account(B));
        vm.expectPartialRevert(IForcedClaims.HandedInTooLate.selector);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, handIn);
        handIn.root = leaf;
        handIn.proof = new bytes32[](1);
        vm.expectPartialRevert(IForcedClaims.HandedInTooLate.selector);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, handIn);
        handIn.proof = new bytes32[](0);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, handIn);
        vm.stopPrank();
    }

    function _leaf(string memory name, bytes32 id) private pure returns (bytes32) {
        bytes32 typeWord = sha256(abi.encodePacked("p2p-power/1/", name, NETWORK));
        return keccak256(bytes.concat(keccak256(abi.encode(typeWord, id))));
    }

    /// Out of a claim that is raised and then forgotten.
    function _cdrIdOf(IForcedClaims.ChargeEvidence memory evidence) private returns (bytes32 cdrId) {
        uint256 before = vm.snapshotState();
        cdrId = _raise(_account(B), IForcedClaims.Direction.Charge, evidence).cdrId;
        vm.revertToState(before);
    }

    // ------------------------------------------------------------------------------------------------ raised, and paid

    function test_paid_once_after_the_window() public {
        IForcedClaims.Claim memory claim = _raise(_account(B));
        _refuseAsIs(_good(), IForcedClaims.ClaimExists.selector);
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Raised));
        vm.warp(claim.payableFrom - 1);
        vm.expectRevert(abi.encodeWithSelector(IForcedClaims.NotPayableYet.selector, claim.payableFrom));
        forcedClaims.pay(claim);
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
        // 2 % and 0.01 a kWh.
        uint256 fee = CHARGE / 50 + 100_000;
        assertEq(token.balanceOf(BERT), CHARGE - fee);
        assertEq(token.balanceOf(_account(B)), fee);
        assertEq(token.position(A), int256(CHARGE));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Paid));
        vm.expectPartialRevert(IForcedClaims.ClaimUnknown.selector);
        forcedClaims.pay(claim);
        _refuseAsIs(_good(), IForcedClaims.ClaimExists.selector);
    }

    function test_the_credit_goes_the_other_way() public {
        IForcedClaims.Claim memory claim = _raise(_account(A), IForcedClaims.Direction.Credit, _good());
        assertEq(claim.debtor, B);
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
        assertEq(token.balanceOf(_account(A)), 4_000 * 120, "payee and fee are the creditor's account");
        assertEq(token.position(B), 4_000 * 120);
    }

    function test_a_fee_that_the_debtor_has_is_not_issued() public {
        IPeering.Terms memory terms = _nextTerms();
        terms.feeTo = IPeering.FeeTo.Debtor;
        _agree(A, B, 2, terms);
        Charge memory charge = _charge();
        charge.signedAt = terms.validFrom;
        vm.warp(terms.validFrom + 1 days);
        IForcedClaims.Claim memory claim = _raise(_account(B), IForcedClaims.Direction.Charge, _evidence(charge));
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
        assertEq(token.totalSupply(), CHARGE - CHARGE / 50 - 100_000);
        assertEq(token.balanceOf(_account(B)), 0);
    }

    function test_a_limit_keeps_a_claim_waiting_not_lost() public {
        IForcedClaims.Claim memory claim = _raise(_account(B));
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, uint256(1)));
        vm.warp(claim.payableFrom);
        vm.expectPartialRevert(IChargeToken.LimitExceeded.selector);
        forcedClaims.pay(claim);
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, LIMIT));
        forcedClaims.pay(claim);
    }

    function test_who_is_no_member_leaves_a_bond_and_gets_it_back() public {
        _fund(BERT);
        IForcedClaims.Claim memory claim = _raise(BERT);
        assertEq(token.balanceOf(address(forcedClaims)), 5e6);
        vm.warp(claim.payableFrom);
        uint256 before = token.balanceOf(BERT);
        forcedClaims.pay(claim);
        assertEq(token.balanceOf(BERT), before + 5e6 + CHARGE - CHARGE / 50 - 100_000);
        assertEq(token.balanceOf(address(forcedClaims)), 0);
    }

    function test_the_account_of_a_removed_creditor_leaves_a_bond_too() public {
        _fund(_account(B));
        _decideWithout(B, IConsortium.Action.Remove, abi.encode(B));
        IForcedClaims.Claim memory claim = _raise(_account(B));
        assertEq(claim.makerId, 0);
        assertEq(claim.bondMicro, 5e6);
    }

    // --------------------------------------------------------------------------------------------------- objections

    function test_only_the_debtor_objects_and_in_time() public {
        IForcedClaims.Claim memory claim = _raise(_account(B));
        vm.expectRevert(IForcedClaims.NotTheDebtor.selector);
        forcedClaims.demandRecord(claim);
        vm.warp(claim.payableFrom);
        vm.startPrank(_account(A));
        vm.expectPartialRevert(IForcedClaims.ObjectionTooLate.selector);
        forcedClaims.objectSettled(claim, 1, claim.cdrId, CHARGE, new bytes32[](0));
        claim.amountMicro += 1;
        vm.expectPartialRevert(IForcedClaims.ClaimUnknown.selector);
        forcedClaims.objectSettled(claim, 1, claim.cdrId, CHARGE, new bytes32[](0));
        vm.stopPrank();
    }

    function _settleIt(IForcedClaims.Claim memory claim) private {
        IClearing.Batch memory batch = _batch(1, CHARGE, 0, keccak256("payouts"));
        bytes32 typeWord = sha256(abi.encodePacked("p2p-power/1/SettledCharge", NETWORK));
        batch.cdrRoot =
            keccak256(bytes.concat(keccak256(abi.encode(typeWord, claim.authorizationId, claim.cdrId, CHARGE))));
        _settle(batch);
    }

    function test_what_was_settled_is_void_and_costs_its_maker() public {
        IForcedClaims.Claim memory claim = _raise(_account(B));
        _settleIt(claim);
        vm.prank(_account(A));
        forcedClaims.objectSettled(claim, 1, claim.cdrId, CHARGE, new bytes32[](0));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Void));
        assertEq(token.position(B), 5e6);
        assertEq(token.balanceOf(_account(A)), 5e6);
        vm.warp(claim.payableFrom);
        vm.expectPartialRevert(IForcedClaims.ClaimUnknown.selector);
        forcedClaims.pay(claim);
    }

    function test_a_bond_is_lost_with_the_claim() public {
        _fund(BERT);
        IForcedClaims.Claim memory claim = _raise(BERT);
        IClearing.Batch memory batch = _batch(2, CHARGE, 0, keccak256("payouts"));
        bytes32 typeWord = sha256(abi.encodePacked("p2p-power/1/SettledCharge", NETWORK));
        batch.cdrRoot =
            keccak256(bytes.concat(keccak256(abi.encode(typeWord, claim.authorizationId, claim.cdrId, CHARGE))));
        _settle(batch);
        vm.prank(_account(A));
        forcedClaims.objectSettled(claim, 2, claim.cdrId, CHARGE, new bytes32[](0));
        assertEq(token.balanceOf(_account(A)), 5e6);
        assertEq(token.balanceOf(address(forcedClaims)), 0);
        assertEq(token.position(B), 0, "no member is charged");
    }

    function test_a_false_objection_costs_the_debtor_and_leaves_the_claim() public {
        _fund(BERT);
        IForcedClaims.Claim memory claim = _raise(BERT);
        int256 before = token.position(A);
        uint256 bertsBefore = token.balanceOf(BERT);
        vm.prank(_account(A));
        forcedClaims.objectSettled(claim, 1, claim.cdrId, CHARGE, new bytes32[](0));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Raised));
        assertEq(token.position(A), before + 5e6);
        assertEq(token.balanceOf(BERT), bertsBefore + 5e6);
    }

    function test_a_fee_above_the_losers_limit_stops_no_decision() public {
        IForcedClaims.Claim memory claim = _raise(_account(B));
        _settleIt(claim);
        bytes32[2] memory losers = [A, B];
        for (uint256 i = 0; i < 2; ++i) {
            _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), losers[i], uint256(0)));
        }
        vm.startPrank(_account(A));
        forcedClaims.objectSettled(claim, 7, claim.cdrId, CHARGE, new bytes32[](0));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Raised));
        forcedClaims.objectSettled(claim, 1, claim.cdrId, CHARGE, new bytes32[](0));
        vm.stopPrank();
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Void));
        assertEq(token.balanceOf(_account(A)) + token.balanceOf(_account(B)), 0);
    }

    function test_nobody_else_books() public {
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookDisputeFee(A, STRANGER, 1);
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookForced(A, B, STRANGER, 1, STRANGER, 1);
    }

    function test_a_fee_that_would_pass_every_bound_is_not_booked() public {
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, type(uint256).max));
        _settle(_batch(1, type(uint128).max, 0, keccak256("payouts")));
        vm.prank(address(forcedClaims));
        assertFalse(clearing.bookDisputeFee(A, STRANGER, 1));
        assertEq(token.totalSupply(), type(uint128).max);
    }

    function test_revoked_and_published_longer_ago_than_the_grace() public {
        Charge memory charge = _charge();
        charge.signedAt = NOW + 1 days;
        vm.warp(NOW + 1 days + 7_200);
        IForcedClaims.ChargeEvidence memory evidence = _evidence(charge);
        IForcedClaims.Claim memory claim = _raise(_account(B), IForcedClaims.Direction.Charge, evidence);
        bytes32 root = _leaf("RevokedCertificate", claim.certificateId);
        vm.expectRevert(IForcedClaims.NotAMember.selector);
        forcedClaims.anchorRevocations(root);
        vm.startPrank(_account(A));
        vm.expectRevert(IForcedClaims.RootMissing.selector);
        forcedClaims.anchorRevocations(0);
        vm.warp(NOW + 1);
        forcedClaims.anchorRevocations(root);
        vm.warp(NOW + 1 days + 7_200);
        forcedClaims.anchorRevocations(root);
        assertEq(forcedClaims.revocationsAnchoredAt(A, root), NOW + 1, "the first time counts");
        forcedClaims.objectRevoked(claim, root, new bytes32[](0));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Raised), "a second too late");
        forcedClaims.objectRevoked(claim, keccak256("never anchored"), new bytes32[](0));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Raised));
        vm.stopPrank();

        charge.signedAt += 1;
        claim = _raise(_account(B), IForcedClaims.Direction.Charge, _evidence(charge));
        root = _leaf("RevokedCertificate", claim.certificateId);
        vm.warp(NOW + 1);
        vm.prank(_account(A));
        forcedClaims.anchorRevocations(root);
        vm.warp(NOW + 1 days + 7_200);
        vm.prank(_account(A));
        forcedClaims.objectRevoked(claim, root, new bytes32[](0));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Void));
    }

    // ------------------------------------------------------------------------------------------- the meter's record

    function test_a_demanded_record_holds_the_claim_up_until_it_is_shown() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.cdr.meterRecordHash = sha256("the record");
        _signAll(evidence);
        IForcedClaims.Claim memory claim = _raise(_account(B), IForcedClaims.Direction.Charge, evidence);
        vm.expectRevert(IForcedClaims.RecordNotDemanded.selector);
        forcedClaims.showRecord(claim, "the record");
        vm.recordLogs();
        vm.prank(_account(A));
        forcedClaims.demandRecord(claim);
        claim = _claimIn(vm.getRecordedLogs());
        vm.warp(claim.endedAt + 6 days);
        vm.expectPartialRevert(IForcedClaims.NotPayableYet.selector);
        forcedClaims.pay(claim);
        vm.prank(_account(A));
        vm.expectRevert(IForcedClaims.RecordDemandedAlready.selector);
        forcedClaims.demandRecord(claim);
        vm.expectRevert(IForcedClaims.RecordMismatch.selector);
        forcedClaims.showRecord(claim, "another record");
        vm.recordLogs();
        forcedClaims.showRecord(claim, "the record");
        claim = _claimIn(vm.getRecordedLogs());
        assertEq(claim.payableFrom, vm.getBlockTimestamp() + 3 days);
        vm.prank(_account(A));
        vm.expectRevert(IForcedClaims.RecordDemandedAlready.selector);
        forcedClaims.demandRecord(claim);
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
    }

    function test_the_meter_is_heard_by_its_own_key_and_record_only() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.cdr.meterRecordHash = sha256("the record");
        evidence.station.meterKeyHash = sha256("the key");
        _signAll(evidence);
        IForcedClaims.Claim memory claim = _raise(_account(B), IForcedClaims.Direction.Charge, evidence);
        vm.startPrank(_account(A));
        vm.expectRevert(IForcedClaims.MeterKeyMismatch.selector);
        forcedClaims.objectMeter(claim, "another key", "the record");
        vm.expectRevert(IForcedClaims.RecordMismatch.selector);
        forcedClaims.objectMeter(claim, "the key", "another record");
        // What is no record at all confirms nothing.
        forcedClaims.objectMeter(claim, "the key", "the record");
        vm.stopPrank();
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Void));
    }

    function test_of_a_key_that_the_contract_cannot_read_it_says_nothing() public {
        IForcedClaims.ChargeEvidence memory evidence = _good();
        evidence.cdr.meterRecordHash = sha256("OCMF|{}|{}");
        evidence.station.meterKeyHash = sha256("the key");
        _signAll(evidence);
        IForcedClaims.Claim memory claim = _raise(_account(B), IForcedClaims.Direction.Charge, evidence);
        vm.prank(_account(A));
        vm.expectRevert(IForcedClaims.MeterRecordUnreadable.selector);
        forcedClaims.objectMeter(claim, "the key", "OCMF|{}|{}");
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Raised));
        assertEq(token.totalSupply(), 0, "and it costs nothing");
    }
}
