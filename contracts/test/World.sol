// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {ChargeToken} from "../src/ChargeToken.sol";
import {Clearing} from "../src/Clearing.sol";
import {Consortium} from "../src/Consortium.sol";
import {Evidence} from "../src/Evidence.sol";
import {ForcedClaims} from "../src/ForcedClaims.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IPeering} from "../src/IPeering.sol";
import {IPeeringTerms} from "../src/IPeeringTerms.sol";
import {LocalTime} from "../src/LocalTime.sol";
import {MeterReader} from "../src/MeterReader.sol";
import {Peering} from "../src/Peering.sol";
import {Pricing} from "../src/Pricing.sol";

/// @notice A consortium of three providers, two of which have an agreement; and what tests say often.
abstract contract World is Test {
    bytes32 internal constant A = "DEAAA";
    bytes32 internal constant B = "DEBBB";
    bytes32 internal constant C = "DECCC";
    bytes32 internal constant NETWORK = keccak256("a network");
    uint256 internal constant LIMIT = 1_000_000_000_000;

    Consortium internal consortium;
    ChargeToken internal token;
    Peering internal peering;
    Clearing internal clearing;
    Pricing internal pricing;
    MeterReader internal meterReader;
    ForcedClaims internal forcedClaims;
    bytes32 internal agreementId;

    struct Payout {
        address account;
        uint256 cumulativeMicro;
    }

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        _deploy();
        agreementId = _agree(A, B, 1, _terms());
    }

    function _deploy() internal {
        IConsortium.Candidate[] memory founders = new IConsortium.Candidate[](3);
        IChargeToken.Limit[] memory limits = new IChargeToken.Limit[](3);
        bytes32[3] memory ids = [A, B, C];
        for (uint256 i = 0; i < 3; ++i) {
            founders[i] = _candidate(ids[i]);
            limits[i] = IChargeToken.Limit({memberId: ids[i], limitMicro: LIMIT});
        }
        consortium = new Consortium(NETWORK, founders);
        peering = new Peering(consortium);
        address clearingAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        token = new ChargeToken(consortium, clearingAddress, "EUR", limits, _noCarryOver());
        address forcedClaimsAddress = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        clearing = new Clearing(consortium, token, peering, forcedClaimsAddress);
        pricing = new Pricing(consortium, _zones());
        meterReader = new MeterReader();
        forcedClaims = new ForcedClaims(clearing, pricing, meterReader);
    }

    function _noCarryOver() internal pure returns (IChargeToken.CarryOver memory nothing) {}

    function _zones() internal pure returns (Pricing.Zone[] memory zones) {
        zones = new Pricing.Zone[](2);
        zones[0] = Pricing.Zone("Europe/Berlin", LocalTime.Rule(0, 3600, LocalTime.DaylightSaving.EuropeanUnion));
        zones[1] = Pricing.Zone("Atlantic/Reykjavik", LocalTime.Rule(0, 0, LocalTime.DaylightSaving.None));
    }

    // ---------------------------------------------------------------------------------------------------- members

    /// The secp256k1 key of a member's account.
    function _key(bytes32 memberId) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("account", memberId))) >> 8;
    }

    function _account(bytes32 memberId) internal pure returns (address) {
        return vm.addr(_key(memberId));
    }

    function _p256Secret(bytes32 name) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("certificate", name))) >> 8;
    }

    function _certificateKey(bytes32 name) internal returns (IConsortium.PublicKey memory key) {
        (uint256 x, uint256 y) = vm.publicKeyP256(_p256Secret(name));
        key = IConsortium.PublicKey({x: bytes32(x), y: bytes32(y)});
    }

    function _candidate(bytes32 memberId) internal returns (IConsortium.Candidate memory) {
        IConsortium.PublicKey[] memory keys = new IConsortium.PublicKey[](1);
        keys[0] = _certificateKey(memberId);
        return IConsortium.Candidate({
            memberId: memberId, account: _account(memberId), url: "https://provider.example", keys: keys
        });
    }

    /// Proposes as A, votes as B, executes.
    function _decide(IConsortium.Action action, bytes memory data) internal returns (bytes32 proposalId) {
        vm.prank(_account(A));
        proposalId = consortium.propose(action, data, bytes32(vm.randomUint()));
        vm.prank(_account(B));
        consortium.vote(proposalId);
        consortium.execute(proposalId);
    }

    /// Decides without one of A and B: the other proposes, C votes.
    function _decideWithout(bytes32 memberId, IConsortium.Action action, bytes memory data) internal {
        vm.prank(_account(memberId == A ? B : A));
        bytes32 proposalId = consortium.propose(action, data, bytes32(vm.randomUint()));
        vm.prank(_account(C));
        consortium.vote(proposalId);
        consortium.execute(proposalId);
    }

    // ------------------------------------------------------------------------------------------------- agreements

    function _terms() internal pure returns (IPeering.Terms memory) {
        return IPeering.Terms({
            feeShareBp: 200,
            feeMicroPerKwh: 10_000,
            feeTo: IPeering.FeeTo.Creditor,
            currency: "EUR",
            periodS: 1 days,
            handInDeadlineS: 7 days,
            graceS: 1 days,
            objectionWindowS: 3 days,
            creditLimitMicro: 1_000_000_000,
            disputeFeeMicro: 5_000_000,
            termsContract: address(0),
            validFrom: 1_700_000_000,
            noticeS: 30 days
        });
    }

    /// The terms of a pair's second version: from the first period that is still to come.
    function _nextTerms() internal view returns (IPeering.Terms memory terms) {
        terms = _terms();
        terms.validFrom = uint64((block.timestamp / terms.periodS + 1) * terms.periodS);
    }

    function _agree(bytes32 x, bytes32 y, uint32 version, IPeering.Terms memory terms) internal returns (bytes32 id) {
        vm.prank(_account(x));
        id = peering.propose(y, version, terms);
        vm.prank(_account(y));
        peering.accept(id);
    }

    // ---------------------------------------------------------------------------------------------------- batches

    function _batch(uint64 sequence, uint256 totalMicro, uint256 feeMicro, bytes32 payoutsRoot)
        internal
        view
        returns (IClearing.Batch memory)
    {
        return IClearing.Batch({
            debtor: A,
            creditor: B,
            sequence: sequence,
            periodStart: 1_790_000_000,
            periodEnd: 1_790_086_400,
            agreementId: agreementId,
            count: 3,
            energyWh: 60_000,
            totalMicro: totalMicro,
            feeMicro: feeMicro,
            cdrRoot: keccak256(abi.encode("charges", sequence)),
            payoutsRoot: payoutsRoot
        });
    }

    /// A batch as its terms contract is asked about it.
    function _usage(IClearing.Batch memory batch) internal pure returns (IPeeringTerms.Usage memory) {
        return IPeeringTerms.Usage({
            debtor: batch.debtor,
            creditor: batch.creditor,
            from: batch.periodStart,
            to: batch.periodEnd,
            count: batch.count,
            energyWh: batch.energyWh,
            totalMicro: batch.totalMicro
        });
    }

    function _sign(bytes32 memberId, IClearing.Batch memory batch) internal view returns (bytes memory) {
        (, bytes32 digest) = clearing.hashBatch(batch);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(memberId), digest);
        return abi.encodePacked(r, s, v);
    }

    function _settle(IClearing.Batch memory batch) internal {
        clearing.settle(batch, _sign(batch.debtor, batch), _sign(batch.creditor, batch));
    }

    function _expectRefusal(IClearing.Batch memory batch, bytes memory refusal) internal {
        bytes memory debtorSignature = _sign(batch.debtor, batch);
        bytes memory creditorSignature = _sign(batch.creditor, batch);
        vm.expectRevert(refusal);
        clearing.settle(batch, debtorSignature, creditorSignature);
    }

    // ------------------------------------------------------------------------------------------------------ trees

    function _payoutLeaf(bytes32 channelId, Payout memory payout) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(channelId, payout.account, payout.cumulativeMicro))));
    }

    function _payoutLeaves(bytes32 channelId, Payout[] memory payouts) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](payouts.length);
        for (uint256 i = 0; i < payouts.length; ++i) {
            leaves[i] = _payoutLeaf(channelId, payouts[i]);
        }
    }

    /// A complete binary tree in an array, root first, pairs hashed in ascending order, as in OpenZeppelin's library.
    function _tree(bytes32[] memory leaves) internal pure returns (bytes32[] memory tree) {
        tree = new bytes32[](2 * leaves.length - 1);
        for (uint256 i = 0; i < leaves.length; ++i) {
            tree[tree.length - 1 - i] = leaves[i];
        }
        for (uint256 i = tree.length - leaves.length; i > 0; --i) {
            tree[i - 1] = _pair(tree[2 * i - 1], tree[2 * i]);
        }
    }

    function _proof(bytes32[] memory tree, uint256 leaf) internal pure returns (bytes32[] memory proof) {
        bytes32[] memory long = new bytes32[](256);
        uint256 depth = 0;
        for (uint256 i = tree.length - 1 - leaf; i > 0; i = (i - 1) / 2) {
            long[depth++] = tree[i % 2 == 0 ? i - 1 : i + 1];
        }
        proof = new bytes32[](depth);
        for (uint256 i = 0; i < depth; ++i) {
            proof[i] = long[i];
        }
    }

    function _pair(bytes32 x, bytes32 y) private pure returns (bytes32) {
        return x < y ? keccak256(abi.encode(x, y)) : keccak256(abi.encode(y, x));
    }
}
