// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {IClearing} from "../src/IClearing.sol";
import {IForcedClaims} from "../src/IForcedClaims.sol";
import {IPeering} from "../src/IPeering.sol";
import {VolumeDiscount} from "../src/terms/VolumeDiscount.sol";
import {ChargeWorld} from "./ChargeWorld.sol";
import {HostileTerms} from "./Terms.t.sol";

/// @notice Forced claims of pairs that have terms of their own: whatever these do, the operator is paid.
contract ForcedUnderTermsTest is ChargeWorld {
    address private immutable bert = makeAddr("operator Bert");
    uint256 private _nonce;

    /// 20 kWh for 7.80.
    uint256 private constant TOTAL = 7_800_000;
    /// 2 % of it and 10 000 for each kWh.
    uint256 private constant BY_SHARE_AND_PRICE = 356_000;

    function _agreeOn(address termsContract, IPeering.FeeTo feeTo) private returns (bytes32) {
        IPeering.Terms memory terms = _terms();
        terms.termsContract = termsContract;
        terms.feeTo = feeTo;
        return _agree(A, C, 1, terms);
    }

    /// C brings the evidence of a charge of A's driver, and its window goes by.
    function _claim() private returns (IForcedClaims.Claim memory claim) {
        Charge memory charge = Charge(A, C, bert, uint64(block.timestamp) - 7_200, 20_000, 0, bytes32(++_nonce));
        IForcedClaims.HandIn memory none;
        vm.recordLogs();
        IForcedClaims.ChargeEvidence memory evidence = _evidence(charge);
        vm.prank(_account(C));
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, none);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IForcedClaims.ForcedClaimRaised.selector) continue;
            claim = abi.decode(logs[i].data, (IForcedClaims.Claim));
        }
        vm.warp(claim.payableFrom);
    }

    /// What Bert and C get of one claim.
    function _paid() private returns (uint256 toBert, uint256 toC) {
        IForcedClaims.Claim memory claim = _claim();
        uint256 before = token.balanceOf(bert);
        uint256 feesBefore = token.balanceOf(_account(C));
        forcedClaims.pay(claim);
        return (token.balanceOf(bert) - before, token.balanceOf(_account(C)) - feesBefore);
    }

    function test_a_hostile_contract_blocks_no_forced_claim_and_takes_no_more_than_the_total() public {
        HostileTerms hostile = new HostileTerms(clearing);
        _agreeOn(address(hostile), IPeering.FeeTo.Creditor);
        for (uint8 i = 0; i <= uint8(type(HostileTerms.Trick).max); ++i) {
            hostile.play(HostileTerms.Trick(i));
            (uint256 toBert, uint256 toC) = _paid();
            assertEq(toBert + toC, TOTAL);
            bool asksTooMuch =
                i == uint8(HostileTerms.Trick.AskMoreThanTheTotal) || i == uint8(HostileTerms.Trick.AskTheMost);
            // The bytes that it returns in a long row are zeros: a fee of nothing.
            uint256 fee = asksTooMuch ? TOTAL : i == uint8(HostileTerms.Trick.ReturnMuch) ? 0 : BY_SHARE_AND_PRICE;
            assertEq(toC, fee, vm.toString(i));
        }
        assertEq(token.position(A), int256(token.totalSupply()));
    }

    function test_one_charge_has_the_share_of_the_first_tier() public {
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](2);
        (tiers[0], tiers[1]) = (VolumeDiscount.Tier(0, 100), VolumeDiscount.Tier(20_001, 1));
        _agreeOn(address(new VolumeDiscount(tiers)), IPeering.FeeTo.Creditor);
        (uint256 toBert, uint256 toC) = _paid();
        assertEq(toC, TOTAL / 100);
        assertEq(toBert, TOTAL - TOTAL / 100);
    }

    function test_a_fee_that_the_debtor_has_is_not_issued() public {
        _agreeOn(address(0), IPeering.FeeTo.Debtor);
        (uint256 toBert, uint256 toC) = _paid();
        assertEq(toC, 0);
        assertEq(toBert, TOTAL - BY_SHARE_AND_PRICE);
        assertEq(token.position(A), int256(TOTAL - BY_SHARE_AND_PRICE));
    }

    /// Anyone may call `pay`: nobody can choose the fee by the gas that it gets.
    function test_too_little_gas_pays_nothing_rather_than_another_fee() public {
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](1);
        tiers[0] = VolumeDiscount.Tier(0, 1);
        _agreeOn(address(new VolumeDiscount(tiers)), IPeering.FeeTo.Creditor);
        IForcedClaims.Claim memory claim = _claim();
        bytes memory call = abi.encodeCall(IForcedClaims.pay, (claim));
        uint256 state = vm.snapshotState();
        for (uint256 gasLimit = 60_000; gasLimit < 300_000; gasLimit += 1_000) {
            (bool success,) = address(forcedClaims).call{gas: gasLimit}(call);
            if (!success) continue;
            assertEq(token.balanceOf(_account(C)), TOTAL / 10_000);
            assertTrue(vm.revertToState(state));
        }
        forcedClaims.pay(claim);
        assertEq(token.balanceOf(_account(C)), TOTAL / 10_000);
    }
}
