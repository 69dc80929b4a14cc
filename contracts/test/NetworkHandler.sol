// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {Vm} from "forge-std/Vm.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {IForcedClaims} from "../src/IForcedClaims.sol";
import {ChargeWorld} from "./ChargeWorld.sol";

/// @notice Does at random what providers, operators, strangers and thieves may do with all five contracts, and keeps its
/// own books beside theirs. What the rules refuse is tried too, and must be refused by its name.
contract NetworkHandler is ChargeWorld {
    bytes32[3] private _ids = [A, B, C];
    address[4] public operators;
    address public constant STRANGER = address(0x57a63);
    /// Per channel: A to B, B to A, A to C, C to A.
    bytes32[2][4] private _channels;
    bytes32 private _agreementAC;

    mapping(uint256 channel => mapping(address operator => uint256)) public owedMicro;
    mapping(uint256 channel => mapping(address operator => uint256)) public receivedMicro;
    mapping(uint256 channel => bytes) private _lastBatch;
    mapping(uint256 channel => uint64) public sequences;
    mapping(uint256 channel => bytes32[]) public rootsBySequence;
    bytes32[] public redemptions;
    IForcedClaims.Claim[] private _claims;
    mapping(bytes32 claimId => uint256) public timesPaid;
    bytes32[] public proposals;
    uint256 private _nonce;

    uint256 public settledMicro;
    uint256 public feesMicro;
    uint256 public claimedMicro;
    uint256 public redeemedMicro;
    uint256 public forcedMicro;
    uint256 public disputeFeesMicro;
    uint256 public bondsInMicro;
    uint256 public bondsOutMicro;
    uint256 public openBondsMicro;
    /// What must never become true.
    bool public limitPassed;
    bool public decidedWithoutMajority;
    bool public paidBeforeWindow;

    constructor() {
        setUp();
        for (uint160 i = 0; i < 4; ++i) {
            operators[i] = address(0x0be4a705 + i);
            vm.prank(operators[i]);
            token.approve(address(forcedClaims), type(uint256).max);
        }
        vm.prank(STRANGER);
        token.approve(address(forcedClaims), type(uint256).max);
        _channels = [[A, B], [B, A], [A, C], [C, A]];
        _agreementAC = _agree(A, C, 1, _terms());
        for (uint256 k = 0; k < 4; ++k) {
            rootsBySequence[k].push(0);
        }
    }

    /// No position rises above its limit, whatever is done.
    modifier limitsHold() {
        int256[3] memory before = _positions();
        _;
        int256[3] memory after_ = _positions();
        for (uint256 i = 0; i < 3; ++i) {
            uint256 limitMicro = token.accountState(_ids[i]).limitMicro;
            if (after_[i] > before[i] && after_[i] > 0 && uint256(after_[i]) > limitMicro) limitPassed = true;
        }
    }

    function _positions() private view returns (int256[3] memory positions) {
        for (uint256 i = 0; i < 3; ++i) {
            positions[i] = token.position(_ids[i]);
        }
    }

    function world() external view returns (address, address, address, address) {
        return (address(consortium), address(token), address(clearing), address(forcedClaims));
    }

    function channelIdAt(uint256 k) public view returns (bytes32) {
        return clearing.channelIdOf(_channels[k][0], _channels[k][1]);
    }

    function accountAt(uint256 i) external pure returns (address) {
        return _account(i == 0 ? A : i == 1 ? B : C);
    }

    function redemptionCount() external view returns (uint256) {
        return redemptions.length;
    }

    function claimCount() external view returns (uint256) {
        return _claims.length;
    }

    function claimAt(uint256 i) external view returns (IForcedClaims.Claim memory) {
        return _claims[i];
    }

    function pass(uint256 secondsSeed) external {
        vm.warp(block.timestamp + bound(secondsSeed, 1, 4 days));
    }

    // ----------------------------------------------------------------------------------------------------- Clearing

    function settle(uint256 channelSeed, uint256[4] calldata earningsSeed, uint256 feeSeed) external limitsHold {
        uint256 k = channelSeed % 4;
        uint256 earned = 0;
        for (uint256 i = 0; i < 4; ++i) {
            uint256 micro = bound(earningsSeed[i], 0, 1e9);
            owedMicro[k][operators[i]] += micro;
            earned += micro;
        }
        uint256 fee = bound(feeSeed, 0, earned / 50);
        IClearing.Batch memory batch = _batch(sequences[k] + 1, earned + fee, fee, _payoutTree(k)[0]);
        (batch.debtor, batch.creditor) = (_channels[k][0], _channels[k][1]);
        if (k > 1) batch.agreementId = _agreementAC;
        batch.cdrRoot = keccak256(abi.encode("charges", k, batch.sequence));
        if (!_trySettle(batch)) {
            for (uint256 i = 0; i < 4; ++i) {
                owedMicro[k][operators[i]] -= bound(earningsSeed[i], 0, 1e9);
            }
            return;
        }
        _noteSettled(k, batch);
    }

    function _noteSettled(uint256 k, IClearing.Batch memory batch) private {
        sequences[k] = batch.sequence;
        rootsBySequence[k].push(batch.cdrRoot);
        _lastBatch[k] = abi.encode(batch);
        settledMicro += batch.totalMicro;
        feesMicro += batch.feeMicro;
    }

    /// A batch of sound form is refused for its debtor's limit or standing only, and then nothing of it stands.
    function _trySettle(IClearing.Batch memory batch) private returns (bool) {
        bytes memory byDebtor = _sign(batch.debtor, batch);
        bytes memory byCreditor = _sign(batch.creditor, batch);
        try clearing.settle(batch, byDebtor, byCreditor) {
            return true;
        } catch (bytes memory reason) {
            bytes4 name = bytes4(reason);
            if (name == IClearing.NotLiable.selector) {
                assertLe(consortium.suspendedAt(batch.debtor), batch.periodStart);
                assertGt(consortium.suspendedAt(batch.debtor), 0);
            } else {
                assertEq(name, IChargeToken.LimitExceeded.selector);
            }
            return false;
        }
    }

    function settleAgain(uint256 channelSeed) external {
        uint256 k = channelSeed % 4;
        if (_lastBatch[k].length == 0) return;
        IClearing.Batch memory batch = abi.decode(_lastBatch[k], (IClearing.Batch));
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.SequenceNotNext.selector, sequences[k] + 1));
        batch.cdrRoot = keccak256("other charges");
        _expectRefusal(batch, abi.encodeWithSelector(IClearing.SequenceNotNext.selector, sequences[k] + 1));
    }

    function claim(uint256 channelSeed, uint256 operatorSeed) external {
        uint256 k = channelSeed % 4;
        uint256 i = operatorSeed % 4;
        if (_lastBatch[k].length == 0) return;
        address operator = operators[i];
        uint256 owed = owedMicro[k][operator];
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
        uint256 owed = owedMicro[k][operators[i]];
        bytes32[] memory proof = _proof(_payoutTree(k), i);
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(_channels[k][0], _channels[k][1], operators[i], owed + bound(more, 1, 1e18), proof);
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(_channels[k][1], _channels[k][0], operators[i], owed, proof);
        vm.prank(operators[i]);
        vm.expectRevert(IClearing.NotForcedClaims.selector);
        clearing.bookForced(A, B, operators[i], 1, operators[i], 0);
        vm.prank(operators[i]);
        vm.expectRevert(IChargeToken.NotClearing.selector);
        token.issue(A, operators[i], 1);
    }

    // ------------------------------------------------------------------------------------------------- ChargeToken

    function transfer(uint256 fromSeed, uint256 toSeed, uint256 amountSeed) external {
        address from = operators[fromSeed % 4];
        address to = toSeed % 5 == 4 ? STRANGER : operators[toSeed % 5];
        uint256 amount = bound(amountSeed, 0, token.balanceOf(from));
        vm.prank(from);
        assertTrue(token.transfer(to, amount));
    }

    function requestRedemption(uint256 operatorSeed, uint256 providerSeed, uint256 amountSeed) external {
        address operator = operators[operatorSeed % 4];
        uint256 balance = token.balanceOf(operator);
        if (balance == 0) return;
        bytes32 provider = _ids[providerSeed % 3];
        vm.prank(operator);
        redemptions.push(token.requestRedemption(provider, bound(amountSeed, 1, balance), bytes32(redemptions.length)));
    }

    function closeRedemption(uint256 redemptionSeed, uint256 how) external {
        if (redemptions.length == 0) return;
        // Of the newest mostly: the older ones are closed.
        uint256 recent = redemptions.length < 8 ? redemptions.length : 8;
        bytes32 id = redemptions[redemptions.length - 1 - redemptionSeed % recent];
        IChargeToken.Redemption memory found = token.redemption(id);
        address provider = _account(found.provider);
        bool isClosed = found.status == IChargeToken.RedemptionStatus.Paid
            || found.status == IChargeToken.RedemptionStatus.Cancelled;
        bool isPaying = found.payBy != 0 && block.timestamp <= found.payBy;
        if (isClosed) {
            vm.expectRevert(abi.encodeWithSelector(IChargeToken.RedemptionClosed.selector, id));
            vm.prank(provider);
            token.markPaid(id, "again");
        } else if (how % 3 == 0) {
            if (found.payBy != 0) {
                vm.expectRevert(abi.encodeWithSelector(IChargeToken.PaymentUnderWay.selector, id, found.payBy));
            }
            vm.prank(provider);
            token.beginPayment(id);
        } else if (how % 3 == 1) {
            if (isPaying) {
                vm.expectRevert(abi.encodeWithSelector(IChargeToken.PaymentUnderWay.selector, id, found.payBy));
            }
            vm.prank(found.holder);
            token.cancelRedemption(id);
        } else {
            vm.prank(provider);
            token.markPaid(id, id);
            redeemedMicro += found.amountMicro;
        }
    }

    function confirmReceipt(uint256 receiverSeed, uint256 payerSeed, uint256 amountSeed) external limitsHold {
        bytes32 receiver = _ids[receiverSeed % 3];
        bytes32 payer = _ids[payerSeed % 3];
        int256 owed = -token.position(receiver);
        int256 owes = token.position(payer);
        int256 most = owed < owes ? owed : owes;
        uint256 amount = most <= 0 ? 1 : bound(amountSeed, 1, uint256(most) + 1);
        vm.prank(_account(receiver));
        if (most <= 0 || amount > uint256(most)) vm.expectRevert(IChargeToken.NotOwed.selector);
        token.confirmReceipt(payer, amount, bytes32(++_nonce));
    }

    // --------------------------------------------------------------------------------------------------- Consortium

    /// Somebody proposes, some vote, and it is carried out just if more than half of those who may vote are for it.
    function decide(uint256 actionSeed, uint256 memberSeed, uint256 votersSeed, uint256 limitSeed) external limitsHold {
        bytes32 memberId = _ids[memberSeed % 3];
        bytes32 proposer = _ids[votersSeed % 3];
        if (!consortium.isActive(proposer)) return;
        (IConsortium.Action action, bytes memory data) = _action(actionSeed, memberId, limitSeed);
        vm.prank(_account(proposer));
        bytes32 id = consortium.propose(action, data, bytes32(++_nonce));
        uint256 votesFor = 1;
        for (uint256 i = 0; i < 3; ++i) {
            if (_ids[i] == proposer || (votersSeed >> (8 + i)) % 2 == 0) continue;
            bool mayVote = consortium.isActive(_ids[i]);
            vm.prank(_account(_ids[i]));
            if (!mayVote) {
                vm.expectRevert(abi.encodeWithSelector(IConsortium.SuspendedMember.selector, _ids[i]));
                consortium.vote(id);
                continue;
            }
            consortium.vote(id);
            ++votesFor;
        }
        uint256 voters = consortium.voterCount();
        try consortium.execute(id) {
            if (votesFor * 2 <= voters) decidedWithoutMajority = true;
        } catch (bytes memory reason) {
            if (votesFor * 2 <= voters) {
                assertEq(bytes4(reason), IConsortium.QuorumMissing.selector);
            } else {
                bytes4 name = bytes4(reason);
                assertTrue(
                    name == IConsortium.LastMember.selector || name == IConsortium.SuspendedMember.selector
                        || name == IConsortium.MemberNotSuspended.selector
                );
            }
        }
    }

    function _action(uint256 seed, bytes32 memberId, uint256 limitSeed)
        private
        view
        returns (IConsortium.Action, bytes memory)
    {
        if (seed % 8 == 0) return (IConsortium.Action.Suspend, abi.encode(memberId));
        if (seed % 8 < 3) return (IConsortium.Action.Reinstate, abi.encode(memberId));
        // Low enough to be reached by a batch or two, or out of reach.
        uint256 limitMicro = limitSeed % 2 == 0 ? bound(limitSeed, 0, 1e10) : LIMIT;
        return (IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), memberId, limitMicro));
    }

    function decideAlone(uint256 strangerSeed) external {
        address stranger = operators[strangerSeed % 4];
        vm.prank(stranger);
        vm.expectRevert(IConsortium.NotAMember.selector);
        consortium.propose(IConsortium.Action.Remove, abi.encode(A), 0);
        vm.prank(stranger);
        vm.expectRevert(IChargeToken.NotConsortium.selector);
        token.setIssuanceLimit(A, type(uint256).max);
    }

    // ------------------------------------------------------------------------------------------------- ForcedClaims

    /// A charge of a random pair, claimed by the operator's provider, the operator or a stranger.
    function raise(uint256 pairSeed, uint256 makerSeed, uint256 energySeed, bool isCredit) external {
        uint256 k = pairSeed % 4;
        uint64 wh = uint64(bound(energySeed, 1, 60_000));
        Charge memory charge = Charge({
            driverProvider: _channels[k][0],
            stationProvider: _channels[k][1],
            operator: operators[energySeed % 4],
            signedAt: uint64(block.timestamp) - 7_200,
            importedWh: isCredit ? 0 : wh,
            exportedWh: isCredit ? wh : 0,
            nonce: bytes32(++_nonce)
        });
        IForcedClaims.ChargeEvidence memory evidence = _evidence(charge);
        IForcedClaims.Direction direction = isCredit ? IForcedClaims.Direction.Credit : IForcedClaims.Direction.Charge;
        address maker = makerSeed % 3 == 0
            ? _account(isCredit ? charge.driverProvider : charge.stationProvider)
            : makerSeed % 3 == 1 ? charge.operator : STRANGER;
        _raise(direction, evidence, maker);
    }

    function _raise(IForcedClaims.Direction direction, IForcedClaims.ChargeEvidence memory evidence, address maker)
        private
    {
        IForcedClaims.HandIn memory none;
        bytes32 debtor =
            direction == IForcedClaims.Direction.Charge ? evidence.driverProvider : evidence.stationProvider;
        bool liable = consortium.isLiable(debtor, evidence.authorization.signedAt, _terms().graceS);
        uint256 bond = consortium.memberOf(maker) == 0 ? _terms().disputeFeeMicro : 0;
        bool affordable = token.balanceOf(maker) >= bond;
        vm.recordLogs();
        vm.prank(maker);
        if (!liable) {
            vm.expectRevert(IForcedClaims.DebtorNotLiable.selector);
        } else if (!affordable) {
            vm.expectPartialRevert(bytes4(keccak256("ERC20InsufficientBalance(address,uint256,uint256)")));
        }
        forcedClaims.raise(direction, evidence, none);
        if (!liable || !affordable) return;
        _claims.push(_claimIn(vm.getRecordedLogs()));
        bondsInMicro += bond;
        openBondsMicro += bond;
        // The same evidence once more is no second claim.
        vm.prank(maker);
        vm.expectPartialRevert(IForcedClaims.ClaimExists.selector);
        forcedClaims.raise(direction, evidence, none);
    }

    function _claimIn(Vm.Log[] memory logs) private pure returns (IForcedClaims.Claim memory) {
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IForcedClaims.ForcedClaimRaised.selector) {
                return abi.decode(logs[i].data, (IForcedClaims.Claim));
            }
        }
        revert("no claim was raised");
    }

    /// Evidence in which one thing was changed after signing.
    function raiseForged(uint256 pairSeed, uint256 what) external {
        uint256 k = pairSeed % 4;
        Charge memory charge = Charge(
            _channels[k][0],
            _channels[k][1],
            operators[0],
            uint64(block.timestamp) - 7_200,
            10_000,
            0,
            bytes32(++_nonce)
        );
        if (!consortium.isLiable(charge.driverProvider, charge.signedAt, _terms().graceS)) return;
        IForcedClaims.ChargeEvidence memory evidence = _evidence(charge);
        bytes4 name;
        if (what % 4 == 0) {
            evidence.cdr.chargeMicro *= 2;
            name = IForcedClaims.BadCdrSignature.selector;
        } else if (what % 4 == 1) {
            evidence.station.operatorAccount = STRANGER;
            name = IForcedClaims.BadStationCertificateSignature.selector;
        } else if (what % 4 == 2) {
            evidence.authorization.maxAmountMicro += 1;
            name = IForcedClaims.BadAuthorizationSignature.selector;
        } else {
            // The station signs more than the tariff asks.
            evidence.cdr.chargeMicro += 1;
            _signAll(evidence);
            name = IForcedClaims.ChargeMismatch.selector;
        }
        IForcedClaims.HandIn memory none;
        vm.prank(_account(charge.stationProvider));
        vm.expectPartialRevert(name);
        forcedClaims.raise(IForcedClaims.Direction.Charge, evidence, none);
    }

    function payForced(uint256 claimSeed) external limitsHold {
        (bool exists, uint256 i) = _claimIndex(claimSeed);
        if (!exists) return;
        IForcedClaims.Claim memory it = _claims[i];
        bytes32 claimId = forcedClaims.claimIdOf(it.authorizationId, it.direction);
        bool stands = forcedClaims.statusOf(claimId) == IForcedClaims.Status.Raised;
        bool isDue = block.timestamp >= it.payableFrom;
        uint256 supply = token.totalSupply();
        try forcedClaims.pay(it) {
            ++timesPaid[claimId];
            if (!isDue) paidBeforeWindow = true;
            assertTrue(stands);
            forcedMicro += token.totalSupply() - supply;
            assertLe(token.totalSupply() - supply, it.amountMicro);
            bondsOutMicro += it.bondMicro;
            openBondsMicro -= it.bondMicro;
        } catch (bytes memory reason) {
            bytes4 name = bytes4(reason);
            if (!stands) assertEq(name, IForcedClaims.ClaimUnknown.selector);
            else if (!isDue) assertEq(name, IForcedClaims.NotPayableYet.selector);
            else assertEq(name, IChargeToken.LimitExceeded.selector);
        }
    }

    /// The debtor says that it was settled: true if it brings a batch with just this charge, false if it has none.
    function object(uint256 claimSeed, bool isTrue) external limitsHold {
        (bool exists, uint256 i) = _claimIndex(claimSeed);
        if (!exists) return;
        IForcedClaims.Claim memory it = _claims[i];
        bytes32 claimId = forcedClaims.claimIdOf(it.authorizationId, it.direction);
        if (forcedClaims.statusOf(claimId) != IForcedClaims.Status.Raised || block.timestamp >= it.payableFrom) return;
        uint64 sequence = 0;
        if (isTrue) {
            bool settled;
            (settled, sequence) = _settleTheCharge(it);
            if (!settled) return;
        }
        uint256 supply = token.totalSupply();
        vm.prank(_account(it.debtor));
        forcedClaims.objectSettled(it, sequence, it.cdrId, it.amountMicro, new bytes32[](0));
        disputeFeesMicro += token.totalSupply() - supply;
        assertLe(token.totalSupply() - supply, _terms().disputeFeeMicro);
        bool fell = forcedClaims.statusOf(claimId) == IForcedClaims.Status.Void;
        assertEq(fell, isTrue, "decided by the proof alone");
        if (fell) {
            bondsOutMicro += it.bondMicro;
            openBondsMicro -= it.bondMicro;
        }
    }

    /// Nobody but the debtor objects, and no other claim than the one that stands is paid.
    function meddle(uint256 claimSeed) external {
        (bool exists, uint256 i) = _claimIndex(claimSeed);
        if (!exists) return;
        IForcedClaims.Claim memory it = _claims[i];
        if (
            forcedClaims.statusOf(forcedClaims.claimIdOf(it.authorizationId, it.direction))
                != IForcedClaims.Status.Raised
        ) {
            return;
        }
        vm.prank(STRANGER);
        vm.expectRevert(IForcedClaims.NotTheDebtor.selector);
        forcedClaims.objectRevoked(it, 0, new bytes32[](0));
        it.amountMicro *= 2;
        vm.expectPartialRevert(IForcedClaims.ClaimUnknown.selector);
        forcedClaims.pay(it);
    }

    function _settleTheCharge(IForcedClaims.Claim memory it) private returns (bool, uint64) {
        for (uint256 k = 0; k < 4; ++k) {
            if (_channels[k][0] != it.debtor || _channels[k][1] != it.creditor) continue;
            // Owed to the first operator, so that the books go on adding up.
            owedMicro[k][operators[0]] += it.amountMicro;
            IClearing.Batch memory batch = _batch(sequences[k] + 1, it.amountMicro, 0, _payoutTree(k)[0]);
            (batch.debtor, batch.creditor) = (it.debtor, it.creditor);
            batch.agreementId = it.agreementId;
            batch.cdrRoot = keccak256(
                bytes.concat(
                    keccak256(abi.encode(_settledChargeWord(), it.authorizationId, it.cdrId, uint256(it.amountMicro)))
                )
            );
            if (!_trySettle(batch)) {
                owedMicro[k][operators[0]] -= it.amountMicro;
                return (false, 0);
            }
            _noteSettled(k, batch);
            return (true, batch.sequence);
        }
        revert("no such channel");
    }

    function _settledChargeWord() private pure returns (bytes32) {
        return sha256(abi.encodePacked("p2p-power/1/SettledCharge", NETWORK));
    }

    /// Of the newest mostly: the older ones are decided.
    function _claimIndex(uint256 seed) private view returns (bool, uint256) {
        uint256 count = _claims.length;
        if (count == 0) return (false, 0);
        uint256 recent = count < 8 ? count : 8;
        return (true, count - 1 - seed % recent);
    }

    function _payoutTree(uint256 k) private view returns (bytes32[] memory) {
        Payout[] memory payouts = new Payout[](4);
        for (uint256 i = 0; i < 4; ++i) {
            payouts[i] = Payout(operators[i], owedMicro[k][operators[i]]);
        }
        return _tree(_payoutLeaves(channelIdAt(k), payouts));
    }
}
