// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IClearing} from "../src/IClearing.sol";
import {World} from "./World.sol";

/// @notice What the everyday acts cost inside, without a transaction's own 21 000 and its data. In .gas-snapshot.
contract GasTest is World {
    address private immutable bert = makeAddr("operator Bert");
    IClearing.Batch private _next;
    bytes private _byA;
    bytes private _byB;
    bytes32[] private _payoutProof;
    bytes32 private _redemptionId;

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

    function test_propose_agreement() public {
        vm.prank(_account(A));
        peering.propose(B, 2, _nextTerms());
    }
}
