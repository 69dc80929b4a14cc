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
import {MeterReader} from "../src/MeterReader.sol";
import {Peering} from "../src/Peering.sol";
import {Pricing} from "../src/Pricing.sol";
import {ChargeWorld} from "./ChargeWorld.sol";

/// @notice What nobody can forge of a claim's evidence, and where it is good: on one network, once, with the precompile
/// and without it.
contract ForgedClaimsTest is ChargeWorld {
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
        _expectRefusal(evidence, abi.encodePacked(refusal));
    }

    function _expectRefusal(IForcedClaims.ChargeEvidence memory evidence, bytes memory refusal) private {
        IForcedClaims.HandIn memory nothing;
        vm.prank(_account(B));
        vm.expectRevert(refusal);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, nothing);
    }

    function _status(IForcedClaims.Claim memory claim) private view returns (IForcedClaims.Status) {
        return forcedClaims.statusOf(forcedClaims.claimIdOf(claim.authorizationId, claim.direction));
    }

    function test_a_changed_claim_is_unknown() public {
        IForcedClaims.Claim memory claim = _raise(_made("one"));
        vm.warp(claim.payableFrom);
        claim.amountMicro += 1;
        vm.expectPartialRevert(IForcedClaims.ClaimUnknown.selector);
        forcedClaims.pay(claim);
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
        _deployOther(keccak256("another network"), _noCarryOver());
        agreementId = _agree(A, B, 1, _terms());
        _expectRefusal(evidence, IForcedClaims.BadDriverCertificateSignature.selector);
    }

    /// The same members, terms and time once more.
    function _deployOther(bytes32 networkId, IChargeToken.CarryOver memory carried) private {
        IConsortium.Candidate[] memory founders = new IConsortium.Candidate[](2);
        (founders[0], founders[1]) = (_candidate(A), _candidate(B));
        consortium = new Consortium(networkId, founders);
        peering = new Peering(consortium);
        address clearingAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        token = new ChargeToken(consortium, clearingAddress, "EUR", new IChargeToken.Limit[](0), carried);
        address claimsAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        clearing = new Clearing(consortium, token, peering, claimsAddress);
        pricing = new Pricing(consortium, _zones());
        meterReader = new MeterReader();
        forcedClaims = new ForcedClaims(clearing, pricing, meterReader);
    }

    /// Evidence is as good in the deployment that succeeds, but what was paid or anchored before stays so.
    function test_a_successor_pays_nothing_twice() public {
        IForcedClaims.ChargeEvidence memory evidence = _made("paid before");
        IForcedClaims.Claim memory claim = _raise(evidence);
        bytes32 root = keccak256("root");
        forcedClaims.anchorHandIn(root);
        uint64 anchoredAt = uint64(block.timestamp);
        vm.warp(claim.payableFrom);
        IForcedClaims.ChargeEvidence memory waiting = _made("raised before");
        IForcedClaims.Claim memory waitingClaim = _raise(waiting);
        forcedClaims.pay(claim);

        IChargeToken.CarryOver memory carried;
        carried.predecessor = address(token);
        carried.root = keccak256("what each account had");
        carried.positions = new IChargeToken.CarriedPosition[](1);
        carried.positions[0] = IChargeToken.CarriedPosition(A, 4_290_000);
        ForcedClaims before = forcedClaims;
        _decide(IConsortium.Action.CloseToken, abi.encode(address(token)));
        vm.warp(token.closesAt());
        // What is raised at both is paid at one.
        vm.expectRevert(IChargeToken.TokenClosed.selector);
        before.pay(waitingClaim);
        _deployOther(NETWORK, carried);
        agreementId = _agree(A, B, 1, _terms());
        assertEq(address(forcedClaims.predecessor()), address(before));
        assertEq(uint8(_status(claim)), uint8(IForcedClaims.Status.Paid));
        assertEq(forcedClaims.handInAnchoredAt(root), anchoredAt);
        _expectRefusal(
            evidence,
            abi.encodeWithSelector(
                IForcedClaims.ClaimExists.selector, forcedClaims.claimIdOf(claim.authorizationId, claim.direction)
            )
        );
        _raise(waiting);
    }

    /// While both pay, a claim raised at both would be paid twice.
    function test_a_successor_is_founded_after_the_close_only() public {
        IChargeToken.CarryOver memory carried;
        carried.predecessor = address(token);
        carried.root = keccak256("what each account had");
        vm.expectRevert(IForcedClaims.PartnerMismatch.selector);
        this.deployOther(NETWORK, carried);
        _decide(IConsortium.Action.CloseToken, abi.encode(address(token)));
        vm.warp(token.closesAt() - 1);
        vm.expectRevert(IForcedClaims.PartnerMismatch.selector);
        this.deployOther(NETWORK, carried);
        vm.warp(token.closesAt());
        this.deployOther(NETWORK, carried);
    }

    function deployOther(bytes32 networkId, IChargeToken.CarryOver calldata carried) external {
        _deployOther(networkId, carried);
    }

    // ---------------------------------------------------------------------------------------- who is liable, when

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

    function test_only_forced_claims_books_without_a_signature() public {
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookForced(A, B, _operator, 1, _operator, 0);
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookDisputeFee(A, _operator, 1);
    }
}
