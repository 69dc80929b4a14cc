// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {ChargeToken} from "../src/ChargeToken.sol";
import {Clearing} from "../src/Clearing.sol";
import {Consortium} from "../src/Consortium.sol";
import {ForcedClaims} from "../src/ForcedClaims.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IForcedClaims} from "../src/IForcedClaims.sol";
import {IPeering} from "../src/IPeering.sol";
import {MeterReader} from "../src/MeterReader.sol";
import {Peering} from "../src/Peering.sol";
import {Pricing} from "../src/Pricing.sol";
import {ChargeWorld} from "./ChargeWorld.sol";

/// @notice Claims of single charges by their evidence: what is paid, what is refused, and what nobody can forge.
contract ForcedClaimsTest is ChargeWorld {
    address private constant P256VERIFY = address(0x100);
    uint256 private constant P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;

    address private _operator = makeAddr("operator");

    function _made(bytes32 nonce) private returns (IForcedClaims.ChargeEvidence memory) {
        return _evidence(
            Charge({
                driverProvider: A,
                stationProvider: B,
                operator: _operator,
                signedAt: uint64(block.timestamp) - 2 hours,
                importedWh: 11_000,
                exportedWh: 0,
                nonce: nonce
            })
        );
    }

    function _raise(IForcedClaims.ChargeEvidence memory evidence) private returns (IForcedClaims.Claim memory claim) {
        IForcedClaims.HandIn memory nothing;
        vm.recordLogs();
        vm.prank(_account(B));
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, nothing);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        return abi.decode(logs[0].data, (IForcedClaims.Claim));
    }

    function _expectRefusal(IForcedClaims.ChargeEvidence memory evidence, bytes4 refusal) private {
        IForcedClaims.HandIn memory nothing;
        vm.prank(_account(B));
        vm.expectRevert(refusal);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, nothing);
    }

    function _status(IForcedClaims.Claim memory claim) private view returns (IForcedClaims.Status) {
        return forcedClaims.statusOf(forcedClaims.claimIdOf(claim.authorizationId, claim.direction));
    }

    // ---------------------------------------------------------------------------------------------------- payment

    function test_paid_once_after_the_window() public {
        IForcedClaims.Claim memory claim = _raise(_made("one"));
        vm.expectRevert(abi.encodeWithSelector(IForcedClaims.NotPayableYet.selector, claim.payableFrom));
        forcedClaims.pay(claim);
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
        // 2 % and 0.01 a kWh of 4.29
        assertEq(token.balanceOf(_account(B)), 85_800 + 110_000);
        assertEq(token.balanceOf(_operator), 4_290_000 - 195_800);
        assertEq(token.position(A), 4_290_000);
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Paid));
        vm.expectRevert();
        forcedClaims.pay(claim);
    }

    function test_a_fee_that_is_the_debtors_is_not_issued() public {
        IPeering.Terms memory terms = _nextTerms();
        terms.feeTo = IPeering.FeeTo.Debtor;
        _agree(A, B, 2, terms);
        vm.warp(terms.validFrom + 1 days);
        IForcedClaims.Claim memory claim = _raise(_made("one"));
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
        assertEq(token.totalSupply(), 4_290_000 - 195_800);
        assertEq(token.balanceOf(_operator), token.totalSupply());
    }

    function test_a_changed_claim_is_unknown() public {
        IForcedClaims.Claim memory claim = _raise(_made("one"));
        vm.warp(claim.payableFrom);
        claim.amountMicro += 1;
        vm.expectPartialRevert(IForcedClaims.ClaimUnknown.selector);
        forcedClaims.pay(claim);
    }

    /// A debtor at its limit cannot be made to owe more, but what was decided stays decided.
    function test_a_fee_that_no_limit_allows_stops_no_decision() public {
        IForcedClaims.Claim memory claim = _raise(_made("one"));
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, 0));
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), B, 0));
        vm.startPrank(_account(A));
        vm.expectEmit(false, false, false, true);
        emit IForcedClaims.ForcedClaimObjected(
            forcedClaims.claimIdOf(claim.authorizationId, claim.direction),
            A,
            B,
            IForcedClaims.Objection.Settled,
            false,
            0
        );
        forcedClaims.objectSettled(claim, 1, claim.cdrId, claim.amountMicro, new bytes32[](0));
        bytes32 leaf =
            keccak256(bytes.concat(keccak256(abi.encode(_typeWord("RevokedCertificate"), claim.certificateId))));
        vm.warp(claim.signedAt - 1 days);
        forcedClaims.anchorRevocations(leaf);
        vm.warp(claim.payableFrom - 1);
        forcedClaims.objectRevoked(claim, leaf, new bytes32[](0));
        vm.stopPrank();
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Void));
        assertEq(token.totalSupply(), 0);
    }

    function _typeWord(string memory name) private pure returns (bytes32) {
        return sha256(abi.encodePacked("p2p-power/1/", name, NETWORK));
    }

    // ----------------------------------------------------------------------------------------------------- forgery

    /// Every byte of the evidence, one after the other.
    function test_no_forged_byte_pays() public {
        vm.pauseGasMetering(); // some two and a half thousand claims
        (bytes memory call_, uint256 from, uint256 to) = _raiseCall(_made("one"));
        for (uint256 i = from; i < to; ++i) {
            assertFalse(_accepts(call_, i, bytes1(uint8(1 << (i % 8)))), vm.toString(i));
        }
        assertTrue(_accepts(call_, from, 0), "the evidence itself is good");
    }

    function testFuzz_no_forged_byte_pays(uint256 place, bytes1 change) public {
        vm.assume(change != 0);
        (bytes memory call_, uint256 from, uint256 to) = _raiseCall(_made("one"));
        assertFalse(_accepts(call_, bound(place, from, to - 1), change));
    }

    /// @return call_ a claim's data, and where in it the evidence is
    function _raiseCall(IForcedClaims.ChargeEvidence memory evidence)
        private
        pure
        returns (bytes memory call_, uint256 from, uint256 to)
    {
        IForcedClaims.HandIn memory nothing;
        call_ = abi.encodeCall(IForcedClaims.raise, (IForcedClaims.Direction.Charge, evidence, nothing));
        (from, to) = (4 + 3 * 32, call_.length - 3 * 32);
    }

    function _accepts(bytes memory call_, uint256 place, bytes1 change) private returns (bool accepted) {
        call_[place] ^= change;
        vm.prank(_account(B));
        (accepted,) = address(forcedClaims).call(call_);
        call_[place] ^= change;
    }

    function test_the_other_form_of_a_signature_is_refused() public {
        bytes4[5] memory refusals = [
            IForcedClaims.BadDriverCertificateSignature.selector,
            IForcedClaims.BadStationCertificateSignature.selector,
            IForcedClaims.BadOfferSignature.selector,
            IForcedClaims.BadAuthorizationSignature.selector,
            IForcedClaims.BadCdrSignature.selector
        ];
        for (uint256 i = 0; i < 5; ++i) {
            IForcedClaims.ChargeEvidence memory evidence = _made("one");
            evidence.signatures[i].s = bytes32(P256_N - uint256(evidence.signatures[i].s));
            _expectRefusal(evidence, refusals[i]);
        }
    }

    function test_the_same_verdicts_without_the_precompile() public {
        vm.mockCall(P256VERIFY, bytes(""), bytes(""));
        (, bytes memory answer) = P256VERIFY.staticcall(new bytes(160));
        assertEq(answer.length, 0, "nothing is there");
        IForcedClaims.ChargeEvidence memory evidence = _made("one");
        evidence.cdr.chargeMicro += 1;
        _expectRefusal(evidence, IForcedClaims.BadCdrSignature.selector);
        evidence.cdr.chargeMicro -= 1;
        _raise(evidence);
    }

    function test_evidence_of_one_network_is_none_of_another() public {
        IForcedClaims.ChargeEvidence memory evidence = _made("one");
        _deployOther(keccak256("another network"));
        agreementId = _agree(A, B, 1, _terms());
        _expectRefusal(evidence, IForcedClaims.BadDriverCertificateSignature.selector);
    }

    /// The same members, terms and time under another network id.
    function _deployOther(bytes32 networkId) private {
        IConsortium.Candidate[] memory founders = new IConsortium.Candidate[](2);
        (founders[0], founders[1]) = (_candidate(A), _candidate(B));
        consortium = new Consortium(networkId, founders);
        peering = new Peering(consortium);
        address clearingAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        token = new ChargeToken(consortium, clearingAddress, "EUR", new IChargeToken.Limit[](0), _noCarryOver());
        address claimsAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        clearing = new Clearing(consortium, token, peering, claimsAddress);
        pricing = new Pricing(consortium, _zones());
        meterReader = new MeterReader();
        forcedClaims = new ForcedClaims(clearing, pricing, meterReader);
    }

    function test_made_for_its_partners_only() public {
        vm.expectRevert(IForcedClaims.PartnerMismatch.selector);
        new ForcedClaims(clearing, pricing, meterReader);
    }

    // ---------------------------------------------------------------------------------------- who is liable, when

    function test_a_retired_key_counts_for_the_grace() public {
        IForcedClaims.ChargeEvidence memory evidence = _made("one");
        IConsortium.PublicKey memory key = _certificateKey(A);
        uint64 signedAt = evidence.authorization.signedAt;
        // Retired one grace and a second before the driver signed: too long ago.
        vm.warp(signedAt - 1 days);
        vm.prank(_account(A));
        consortium.retireKey(key.x, key.y, 0);
        vm.warp(signedAt + 2 hours);
        _expectRefusal(evidence, IForcedClaims.UnknownDriverProvider.selector);
    }

    function test_a_key_retired_within_the_grace_still_counts() public {
        IForcedClaims.ChargeEvidence memory evidence = _made("one");
        IConsortium.PublicKey memory key = _certificateKey(B);
        uint64 signedAt = evidence.authorization.signedAt;
        vm.warp(signedAt - 1 days + 1);
        vm.prank(_account(B));
        consortium.retireKey(key.x, key.y, 0);
        vm.warp(signedAt + 2 hours);
        _raise(evidence);
    }

    function test_what_a_suspended_debtor_owes_stays_collectable() public {
        vm.warp(block.timestamp + 10 days);
        IForcedClaims.ChargeEvidence memory before = _made("before");
        _decide(IConsortium.Action.Suspend, abi.encode(A));
        IForcedClaims.Claim memory claim = _raise(before);
        vm.warp(block.timestamp + 1 days + 2 hours);
        _expectRefusal(_made("after"), IForcedClaims.DebtorNotLiable.selector);
        vm.warp(claim.payableFrom);
        forcedClaims.pay(claim);
        assertEq(token.balanceOf(_operator), 4_290_000 - 195_800);
    }

    function test_only_under_an_agreement_in_force_when_the_driver_signed() public {
        Charge memory charge = Charge(A, C, _operator, uint64(block.timestamp) - 2 hours, 11_000, 0, "one");
        IForcedClaims.ChargeEvidence memory evidence = _evidence(charge);
        _expectRefusal(evidence, IForcedClaims.AgreementMissing.selector);
        charge.stationProvider = A;
        _expectRefusal(_evidence(charge), IForcedClaims.SameMember.selector);
    }

    function test_only_forced_claims_books_without_a_signature() public {
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookForced(A, B, _operator, 1, _operator, 0);
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookDisputeFee(A, _operator, 1);
    }

    function test_roots_are_anchored_once() public {
        bytes32 root = keccak256("root");
        forcedClaims.anchorHandIn(root);
        uint64 first = uint64(block.timestamp);
        vm.warp(first + 1 days);
        forcedClaims.anchorHandIn(root);
        assertEq(forcedClaims.handInAnchoredAt(root), first);
        vm.expectRevert(IForcedClaims.RootMissing.selector);
        forcedClaims.anchorHandIn(0);
        vm.expectRevert(IForcedClaims.NotAMember.selector);
        forcedClaims.anchorRevocations(root);
    }
}
