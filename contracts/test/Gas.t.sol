// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ChargeToken} from "../src/ChargeToken.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IPeering} from "../src/IPeering.sol";
import {VolumeDiscount} from "../src/terms/VolumeDiscount.sol";
import {World} from "./World.sol";

/// @notice What the everyday acts cost inside, without a transaction's own 21 000 and its data. In .gas-snapshot.
contract GasTest is World {
    address private immutable bert = makeAddr("operator Bert");
    IClearing.Batch private _next;
    bytes private _byA;
    bytes private _byB;
    bytes32[] private _payoutProof;
    bytes32 private _redemptionId;
    bytes private _relayed;
    IClearing.Batch private _discounted;
    bytes private _discountedByA;
    bytes private _discountedByC;
    ChargeToken private _successor;
    bytes32[] private _carryOverProof;
    bytes32 private _proposalId;
    bytes32 private _decidedId;
    IConsortium.PublicKey private _keyOfA;

    function setUp() public override {
        super.setUp();
        Payout[] memory payouts = new Payout[](100);
        bytes32 channelId = clearing.channelIdOf(A, B);
        for (uint256 i = 0; i < 100; ++i) {
            payouts[i] = Payout(address(uint160(0x1000 + i)), 1e6);
        }
        payouts[7].account = bert;
        bytes32[] memory tree = _tree(_payoutLeaves(channelId, payouts));
        _payoutProof = _proof(tree, 7);
        _settle(_batch(1, 100e6, 1e6, tree[0]));
        _next = _batch(2, 100e6, 1e6, tree[0]);
        _byA = _sign(A, _next);
        _byB = _sign(B, _next);
        vm.prank(address(clearing));
        token.issue(A, bert, 10e6);
        vm.prank(bert);
        _redemptionId = token.requestRedemption(B, 1e6, "first");
        _signRelayed();
        _agreeOnDiscount();
        _foundSuccessor();
        _keyOfA = _certificateKey(A);
        vm.prank(_account(A));
        _proposalId = consortium.propose(IConsortium.Action.Suspend, abi.encode(C), "vote");
        vm.prank(_account(A));
        _decidedId = consortium.propose(IConsortium.Action.Suspend, abi.encode(C), "execute");
        vm.prank(_account(B));
        consortium.vote(_decidedId);
    }

    function _signRelayed() private {
        (, uint256 key) = makeAddrAndKey("operator Bert");
        bytes32 request = keccak256(
            abi.encode(token.REDEMPTION_REQUEST_TYPEHASH(), bert, B, uint256(1e6), bytes32("relayed"), block.timestamp)
        );
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(key, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), request)));
        _relayed = abi.encodePacked(r, s, v);
    }

    function _agreeOnDiscount() private {
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](3);
        (tiers[0], tiers[1], tiers[2]) =
        (VolumeDiscount.Tier(0, 300), VolumeDiscount.Tier(50_000, 200), VolumeDiscount.Tier(1e6, 100));
        IPeering.Terms memory terms = _terms();
        terms.termsContract = address(new VolumeDiscount(tiers));
        bytes32 agreed = _agree(A, C, 1, terms);
        for (uint64 sequence = 1; sequence <= 2; ++sequence) {
            _discounted = _batch(sequence, 100e6, 2e6, 0);
            _discounted.creditor = C;
            _discounted.agreementId = agreed;
            _discountedByA = _sign(A, _discounted);
            _discountedByC = _sign(C, _discounted);
            if (sequence == 1) clearing.settle(_discounted, _discountedByA, _discountedByC);
        }
    }

    function _foundSuccessor() private {
        bytes32[] memory leaves = new bytes32[](100);
        for (uint256 i = 0; i < 100; ++i) {
            address account = i == 7 ? bert : address(uint160(0x1000 + i));
            leaves[i] = keccak256(bytes.concat(keccak256(abi.encode(account, uint256(1e6)))));
        }
        bytes32[] memory tree = _tree(leaves);
        _carryOverProof = _proof(tree, 7);
        IChargeToken.CarriedPosition[] memory positions = new IChargeToken.CarriedPosition[](1);
        positions[0] = IChargeToken.CarriedPosition(A, 100e6);
        _successor = new ChargeToken(
            consortium,
            address(clearing),
            "EUR",
            new IChargeToken.Limit[](0),
            IChargeToken.CarryOver(address(token), tree[0], positions)
        );
    }

    function test_settle() public {
        clearing.settle(_next, _byA, _byB);
    }

    function test_claim_of_one_operator_in_a_hundred() public {
        clearing.claim(A, B, bert, 1e6, _payoutProof);
    }

    function test_request_redemption() public {
        vm.prank(bert);
        token.requestRedemption(B, 1e6, "second");
    }

    function test_mark_paid() public {
        vm.prank(_account(B));
        token.markPaid(_redemptionId, "bank");
    }

    function test_request_redemption_for_its_holder() public {
        token.requestRedemptionFor(bert, B, 1e6, "relayed", block.timestamp, _relayed);
    }

    function test_settle_under_a_volume_discount() public {
        clearing.settle(_discounted, _discountedByA, _discountedByC);
    }

    function test_carry_over_one_account_in_a_hundred() public {
        _successor.carryOver(bert, 1e6, _carryOverProof);
    }

    function test_vote() public {
        vm.prank(_account(B));
        consortium.vote(_proposalId);
    }

    function test_suspend_by_vote() public {
        consortium.execute(_decidedId);
    }

    function test_retire_a_key() public {
        IConsortium.PublicKey memory key = _keyOfA;
        vm.prank(_account(A));
        consortium.retireKey(key.x, key.y, 0);
    }

    function test_give_notice() public {
        vm.prank(_account(A));
        peering.giveNotice(agreementId, uint64(block.timestamp) + 30 days);
    }

    function test_propose_agreement() public {
        vm.prank(_account(A));
        peering.propose(B, 2, _nextTerms());
    }
}
