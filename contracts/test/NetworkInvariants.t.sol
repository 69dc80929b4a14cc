// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Test} from "forge-std/Test.sol";
import {ChargeToken} from "../src/ChargeToken.sol";
import {Clearing} from "../src/Clearing.sol";
import {Consortium} from "../src/Consortium.sol";
import {ForcedClaims} from "../src/ForcedClaims.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IForcedClaims} from "../src/IForcedClaims.sol";
import {NetworkHandler} from "./NetworkHandler.sol";

/// @notice What holds of all five contracts together after every act of anybody. One invariant with named parts, so that
/// a campaign of a million acts (`npm run campaign -w contracts`) checks all of them on the same acts.
contract NetworkInvariants is Test {
    NetworkHandler private handler;
    Consortium private consortium;
    ChargeToken private token;
    Clearing private clearing;
    ForcedClaims private forcedClaims;
    bytes32[3] private _ids = [bytes32("DEAAA"), "DEBBB", "DECCC"];

    function setUp() public {
        vm.warp(1_800_000_000);
        handler = new NetworkHandler();
        (address c, address t, address k, address f) = handler.world();
        (consortium, token, clearing, forcedClaims) = (Consortium(c), ChargeToken(t), Clearing(k), ForcedClaims(f));
        targetContract(address(handler));
        bytes4[] memory acts = new bytes4[](18);
        acts[0] = NetworkHandler.settle.selector;
        acts[1] = NetworkHandler.settleAgain.selector;
        acts[2] = NetworkHandler.claim.selector;
        acts[3] = NetworkHandler.steal.selector;
        acts[4] = NetworkHandler.transfer.selector;
        acts[5] = NetworkHandler.requestRedemption.selector;
        acts[6] = NetworkHandler.closeRedemption.selector;
        acts[7] = NetworkHandler.confirmReceipt.selector;
        acts[8] = NetworkHandler.decide.selector;
        acts[9] = NetworkHandler.decideAlone.selector;
        acts[10] = NetworkHandler.raise.selector;
        acts[11] = NetworkHandler.raiseForged.selector;
        acts[12] = NetworkHandler.payForced.selector;
        acts[13] = NetworkHandler.object.selector;
        acts[14] = NetworkHandler.meddle.selector;
        acts[15] = NetworkHandler.pass.selector;
        // What others need, more often.
        acts[16] = NetworkHandler.settle.selector;
        acts[17] = NetworkHandler.claim.selector;
        targetSelector(FuzzSelector({addr: address(handler), selectors: acts}));
    }

    function invariant_the_network_adds_up() public view {
        _positions_add_up_to_the_supply();
        _balances_add_up_to_the_supply();
        _clearing_holds_its_pots();
        _nobody_is_paid_above_the_newest_root_or_twice();
        _a_sequence_number_is_used_once();
        _the_token_locks_what_is_asked_back();
        _bonds_in_are_bonds_out_and_open();
        _an_authorization_is_paid_at_most_once_by_force();
        _limits_hold();
        _votes_decide();
    }

    function _positions_add_up_to_the_supply() private view {
        int256 positions = 0;
        for (uint256 i = 0; i < 3; ++i) {
            positions += token.position(_ids[i]);
        }
        assertEq(positions, int256(token.totalSupply()), "positions");
        assertEq(
            token.totalSupply(),
            handler.settledMicro() + handler.forcedMicro() + handler.disputeFeesMicro() - handler.redeemedMicro(),
            "supply"
        );
    }

    function _balances_add_up_to_the_supply() private view {
        uint256 sum = token.balanceOf(address(clearing)) + token.balanceOf(address(token))
            + token.balanceOf(address(forcedClaims)) + token.balanceOf(handler.STRANGER());
        for (uint256 i = 0; i < 4; ++i) {
            sum += token.balanceOf(handler.operators(i));
        }
        for (uint256 i = 0; i < 3; ++i) {
            sum += token.balanceOf(handler.accountAt(i));
        }
        assertEq(sum, token.totalSupply(), "balances");
    }

    function _clearing_holds_its_pots() private view {
        uint256 potsMicro = 0;
        uint256 owedMicro = 0;
        for (uint256 k = 0; k < 4; ++k) {
            potsMicro += clearing.channel(handler.channelIdAt(k)).potMicro;
            for (uint256 i = 0; i < 4; ++i) {
                owedMicro += handler.owedMicro(k, handler.operators(i));
            }
        }
        assertEq(potsMicro, token.balanceOf(address(clearing)), "pots");
        assertEq(potsMicro + handler.claimedMicro() + handler.feesMicro(), handler.settledMicro(), "payouts and fees");
        assertEq(owedMicro + handler.feesMicro(), handler.settledMicro(), "owed");
    }

    function _nobody_is_paid_above_the_newest_root_or_twice() private view {
        for (uint256 k = 0; k < 4; ++k) {
            for (uint256 i = 0; i < 4; ++i) {
                address operator = handler.operators(i);
                uint256 claimed = clearing.claimedMicro(handler.channelIdAt(k), operator);
                assertEq(claimed, handler.receivedMicro(k, operator), "received");
                assertLe(claimed, handler.owedMicro(k, operator), "not above the root");
            }
        }
    }

    function _a_sequence_number_is_used_once() private view {
        for (uint256 k = 0; k < 4; ++k) {
            bytes32 channelId = handler.channelIdAt(k);
            uint64 last = handler.sequences(k);
            assertEq(clearing.channel(channelId).sequence, last, "sequence");
            assertEq(clearing.settledRoot(channelId, last), handler.rootsBySequence(k, last), "root");
            assertEq(clearing.settledRoot(channelId, 1), last == 0 ? bytes32(0) : handler.rootsBySequence(k, 1));
            assertEq(clearing.settledRoot(channelId, last + 1), 0, "no root ahead");
        }
    }

    function _the_token_locks_what_is_asked_back() private view {
        uint256 lockedMicro = 0;
        for (uint256 i = 0; i < handler.redemptionCount(); ++i) {
            IChargeToken.Redemption memory found = token.redemption(handler.redemptions(i));
            if (
                found.status != IChargeToken.RedemptionStatus.Paid
                    && found.status != IChargeToken.RedemptionStatus.Cancelled
            ) lockedMicro += found.amountMicro;
        }
        assertEq(token.balanceOf(address(token)), lockedMicro, "locked");
    }

    function _bonds_in_are_bonds_out_and_open() private view {
        assertEq(token.balanceOf(address(forcedClaims)), handler.openBondsMicro(), "bonds held");
        assertEq(handler.bondsInMicro(), handler.bondsOutMicro() + handler.openBondsMicro(), "bonds");
    }

    function _an_authorization_is_paid_at_most_once_by_force() private view {
        uint256 count = handler.claimCount();
        for (uint256 i = count < 12 ? 0 : count - 12; i < count; ++i) {
            IForcedClaims.Claim memory it = handler.claimAt(i);
            bytes32 claimId = forcedClaims.claimIdOf(it.authorizationId, it.direction);
            bool isPaid = forcedClaims.statusOf(claimId) == IForcedClaims.Status.Paid;
            assertEq(handler.timesPaid(claimId), isPaid ? 1 : 0, "paid once");
        }
        assertFalse(handler.paidBeforeWindow(), "the window");
    }

    function _limits_hold() private view {
        assertFalse(handler.limitPassed(), "limits");
    }

    function _votes_decide() private view {
        assertFalse(handler.decidedWithoutMajority(), "majority");
        uint256 active = 0;
        for (uint256 i = 0; i < 3; ++i) {
            if (consortium.isActive(_ids[i])) ++active;
        }
        assertEq(consortium.voterCount(), active, "voters");
        assertGt(active, 0, "somebody can decide");
    }
}
