// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {World} from "./World.sol";

/// @notice Does at random what providers, operators and thieves may do, and keeps its own books beside the contracts'.
/// Acts that the rules refuse are tried too, and must be refused.
contract ClearingHandler is World {
    address[] public operators;
    /// Per channel: A to B, B to A, A to C, C to A.
    bytes32[2][4] private _channels;
    mapping(uint256 channel => mapping(address operator => uint256)) private _owedMicro;
    mapping(uint256 channel => bytes) private _lastBatch;
    mapping(uint256 channel => uint64) public sequences;
    mapping(uint256 channel => bytes32[]) public rootsBySequence;
    bytes32 private _agreementAC;
    bytes32[] private _openRedemptions;

    uint256 public settledMicro;
    uint256 public feesMicro;
    uint256 public claimedMicro;
    uint256 public redeemedMicro;
    mapping(uint256 channel => mapping(address operator => uint256)) public receivedMicro;

    constructor() {
        World.setUp();
        for (uint160 i = 1; i <= 4; ++i) {
            operators.push(address(0x0be4a704 + i));
        }
        _channels = [[A, B], [B, A], [A, C], [C, A]];
        _agreementAC = _agree(A, C, 1, _terms());
        for (uint256 k = 0; k < 4; ++k) {
            rootsBySequence[k].push(0);
        }
    }

    function world() external view returns (IChargeToken, IClearing) {
        return (token, clearing);
    }

    function channelIdAt(uint256 k) public view returns (bytes32) {
        return clearing.channelIdOf(_channels[k][0], _channels[k][1]);
    }

    function owedMicro(uint256 k, address operator) external view returns (uint256) {
        return _owedMicro[k][operator];
    }

    // ---------------------------------------------------------------------------------------------------------- acts

    function settle(uint256 channelSeed, uint256[4] calldata earningsSeed, uint256 feeSeed) external {
        uint256 k = channelSeed % 4;
        uint256 earned = 0;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 micro = bound(earningsSeed[i], 0, 1e9);
            _owedMicro[k][operators[i]] += micro;
            earned += micro;
        }
        // The bound is 2 % of the total and 10 000 for each of 60 kWh.
        uint256 fee = bound(feeSeed, 0, earned / 50);
        IClearing.Batch memory batch = _batch(sequences[k] + 1, earned + fee, fee, _payoutTree(k)[0]);
        (batch.debtor, batch.creditor) = (_channels[k][0], _channels[k][1]);
        if (k > 1) batch.agreementId = _agreementAC;
        batch.cdrRoot = keccak256(abi.encode("charges", k, batch.sequence));
        _settle(batch);

        sequences[k] = batch.sequence;
        rootsBySequence[k].push(batch.cdrRoot);
        _lastBatch[k] = abi.encode(batch);
        settledMicro += batch.totalMicro;
        feesMicro += fee;
    }

    function settleAgain(uint256 channelSeed) external {
        uint256 k = channelSeed % 4;
        if (_lastBatch[k].length == 0) return;
        IClearing.Batch memory batch = abi.decode(_lastBatch[k], (IClearing.Batch));
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.SequenceNotNext.selector, sequences[k] + 1));
        // Other charges under a number that was used are no better, even if both sign.
        batch.cdrRoot = keccak256("other charges");
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.SequenceNotNext.selector, sequences[k] + 1));
    }

    function claim(uint256 channelSeed, uint256 operatorSeed) external {
        uint256 k = channelSeed % 4;
        uint256 i = operatorSeed % 4;
        if (_lastBatch[k].length == 0) return;
        address operator = operators[i];
        uint256 owed = _owedMicro[k][operator];
        bytes32[] memory proof = _proof(_payoutTree(k), i);
        if (owed == receivedMicro[k][operator]) {
            vm.expectRevert(IClearing.NothingToClaim.selector);
            clearing.claim(_channels[k][0], _channels[k][1], operator, owed, proof);
            return;
        }
        uint256 paid = clearing.claim(_channels[k][0], _channels[k][1], operator, owed, proof);
        receivedMicro[k][operator] += paid;
        claimedMicro += paid;
    }

    function steal(uint256 channelSeed, uint256 operatorSeed, uint256 more) external {
        uint256 k = channelSeed % 4;
        uint256 i = operatorSeed % 4;
        if (_lastBatch[k].length == 0) return;
        uint256 owed = _owedMicro[k][operators[i]];
        bytes32[] memory proof = _proof(_payoutTree(k), i);
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(_channels[k][0], _channels[k][1], operators[i], owed + bound(more, 1, 1e18), proof);
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(_channels[k][1], _channels[k][0], operators[i], owed, proof);
    }

    function transfer(uint256 fromSeed, uint256 toSeed, uint256 amountSeed) external {
        address from = operators[fromSeed % 4];
        uint256 amount = bound(amountSeed, 0, token.balanceOf(from));
        vm.prank(from);
        assertTrue(token.transfer(operators[toSeed % 4], amount));
    }

    function requestRedemption(uint256 operatorSeed, uint256 providerSeed, uint256 amountSeed) external {
        address operator = operators[operatorSeed % 4];
        uint256 balance = token.balanceOf(operator);
        if (balance == 0) return;
        bytes32 provider = [A, B, C][providerSeed % 3];
        vm.prank(operator);
        _openRedemptions.push(
            token.requestRedemption(provider, bound(amountSeed, 1, balance), bytes32(_openRedemptions.length))
        );
    }

    function closeRedemption(uint256 redemptionSeed, uint256 how) external {
        if (_openRedemptions.length == 0) return;
        bytes32 id = _openRedemptions[redemptionSeed % _openRedemptions.length];
        IChargeToken.Redemption memory redemption = token.redemption(id);
        if (redemption.status == IChargeToken.RedemptionStatus.Open) {
            if (how % 3 == 0) {
                vm.prank(_account(redemption.provider));
                token.beginPayment(id);
            } else if (how % 3 == 1) {
                vm.prank(redemption.holder);
                token.cancelRedemption(id);
            } else {
                _pay(id, redemption);
            }
        } else if (redemption.status == IChargeToken.RedemptionStatus.Paying) {
            _pay(id, redemption);
        } else {
            vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionClosed.selector, id));
            vm.prank(_account(redemption.provider));
            token.markPaid(id, "again");
        }
    }

    function confirmReceipt(uint256 receiverSeed, uint256 payerSeed, uint256 amountSeed) external {
        bytes32[3] memory ids = [A, B, C];
        bytes32 receiver = ids[receiverSeed % 3];
        bytes32 payer = ids[payerSeed % 3];
        int256 owed = -token.position(receiver);
        int256 owes = token.position(payer);
        int256 most = owed < owes ? owed : owes;
        if (most <= 0) return;
        vm.prank(_account(receiver));
        token.confirmReceipt(payer, bound(amountSeed, 1, uint256(most)), bytes32(vm.randomUint()));
    }

    function _pay(bytes32 id, IChargeToken.Redemption memory redemption) private {
        vm.prank(_account(redemption.provider));
        token.markPaid(id, id);
        redeemedMicro += redemption.amountMicro;
    }

    function _payoutTree(uint256 k) private view returns (bytes32[] memory) {
        Payout[] memory payouts = new Payout[](4);
        for (uint256 i = 0; i < 4; ++i) {
            payouts[i] = Payout(operators[i], _owedMicro[k][operators[i]]);
        }
        return _tree(_payoutLeaves(channelIdAt(k), payouts));
    }
}

contract ClearingInvariants is World {
    ClearingHandler private handler;
    IChargeToken private tokenState;
    IClearing private clearingState;

    function setUp() public override {
        vm.warp(1_800_000_000);
        handler = new ClearingHandler();
        (tokenState, clearingState) = handler.world();
        targetContract(address(handler));
        bytes4[] memory acts = new bytes4[](8);
        acts[0] = ClearingHandler.settle.selector;
        acts[1] = ClearingHandler.settleAgain.selector;
        acts[2] = ClearingHandler.claim.selector;
        acts[3] = ClearingHandler.steal.selector;
        acts[4] = ClearingHandler.transfer.selector;
        acts[5] = ClearingHandler.requestRedemption.selector;
        acts[6] = ClearingHandler.closeRedemption.selector;
        acts[7] = ClearingHandler.confirmReceipt.selector;
        targetSelector(FuzzSelector({addr: address(handler), selectors: acts}));
    }

    function _supply() private view returns (uint256) {
        (bool ok, bytes memory supply) = address(tokenState).staticcall(abi.encodeWithSignature("totalSupply()"));
        assertTrue(ok);
        return abi.decode(supply, (uint256));
    }

    function _balance(address account) private view returns (uint256) {
        (bool ok, bytes memory balance) =
            address(tokenState).staticcall(abi.encodeWithSignature("balanceOf(address)", account));
        assertTrue(ok);
        return abi.decode(balance, (uint256));
    }

    function invariant_positions_add_up_to_the_supply() public view {
        int256 positions = tokenState.position(A) + tokenState.position(B) + tokenState.position(C);
        assertEq(positions, int256(_supply()));
        assertEq(_supply(), handler.settledMicro() - handler.redeemedMicro());
    }

    function invariant_payouts_and_fees_are_the_settled_total() public view {
        uint256 potsMicro = 0;
        uint256 owedMicro = 0;
        for (uint256 k = 0; k < 4; ++k) {
            potsMicro += clearingState.channel(handler.channelIdAt(k)).potMicro;
            for (uint256 i = 0; i < 4; ++i) {
                owedMicro += handler.owedMicro(k, handler.operators(i));
            }
        }
        assertEq(potsMicro + handler.claimedMicro() + handler.feesMicro(), handler.settledMicro());
        assertEq(owedMicro + handler.feesMicro(), handler.settledMicro());
        assertEq(potsMicro, _balance(address(clearingState)));
        assertEq(_balance(_account(A)) + _balance(_account(B)) + _balance(_account(C)), handler.feesMicro(), "fees");
    }

    function invariant_nothing_is_claimed_twice() public view {
        for (uint256 k = 0; k < 4; ++k) {
            for (uint256 i = 0; i < 4; ++i) {
                address operator = handler.operators(i);
                uint256 claimed = clearingState.claimedMicro(handler.channelIdAt(k), operator);
                assertEq(claimed, handler.receivedMicro(k, operator));
                assertLe(claimed, handler.owedMicro(k, operator));
            }
        }
    }

    function invariant_a_sequence_number_is_used_once() public view {
        for (uint256 k = 0; k < 4; ++k) {
            bytes32 channelId = handler.channelIdAt(k);
            uint64 last = handler.sequences(k);
            assertEq(clearingState.channel(channelId).sequence, last);
            for (uint64 s = 1; s <= last; ++s) {
                assertEq(clearingState.settledRoot(channelId, s), handler.rootsBySequence(k, s));
            }
            assertEq(clearingState.settledRoot(channelId, last + 1), 0);
        }
    }
}
