// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Evidence} from "../src/Evidence.sol";
import {Clearing} from "../src/Clearing.sol";
import {IChargeToken} from "../src/IChargeToken.sol";
import {IClearing} from "../src/IClearing.sol";
import {IConsortium} from "../src/IConsortium.sol";
import {World} from "./World.sol";

/// @notice A token that keeps a share of whatever is sent, as some do.
contract FeeOnTransferToken is ERC20 {
    constructor(address holder) ERC20("Other", "OTHER") {
        _mint(holder, 1e18);
    }

    function _update(address from, address to, uint256 value) internal override {
        if (from != address(0)) super._update(from, address(0xfee), value / 100);
        super._update(from, to, from == address(0) ? value : value - value / 100);
    }
}

/// @notice A member's account that calls back whenever it is called, and signs whatever it is shown.
contract ReentrantWallet is IERC1271 {
    uint256 public calls;
    address private _target;
    bytes private _call;

    function aim(address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        // Asked by a static call, so whatever it calls cannot change anything either.
        (bool done,) = _target.staticcall{gas: 1_000_000}(_call);
        return done ? bytes4(0) : IERC1271.isValidSignature.selector;
    }

    fallback() external payable {
        ++calls;
        (bool done,) = _target.call(_call);
        require(done, "reentered in vain");
    }
}

/// @notice The faults of those who went before us, each as a test against our contracts. What is not the contracts'
/// business is tested where it belongs; docs/peers-faults.md lists all.
contract PeersFaultsTest is World {
    address private bert;
    uint256 private bertsKey;
    address private dora = address(0xd08a);

    function setUp() public override {
        super.setUp();
        (bert, bertsKey) = makeAddrAndKey("bert");
    }

    function _channelId() private view returns (bytes32) {
        return clearing.channelIdOf(A, B);
    }

    function _payouts(uint256 bertsMicro, uint256 dorasMicro) private view returns (bytes32[] memory) {
        Payout[] memory payouts = new Payout[](2);
        payouts[0] = Payout(bert, bertsMicro);
        payouts[1] = Payout(dora, dorasMicro);
        return _tree(_payoutLeaves(_channelId(), payouts));
    }

    /// Bert has tokens by a settled batch and a claim, as in life.
    function _earn(uint256 amountMicro) private {
        bytes32[] memory tree = _payouts(amountMicro, 0);
        _settle(_batch(clearing.channel(_channelId()).sequence + 1, amountMicro, 0, tree[0]));
        clearing.claim(A, B, bert, amountMicro, _proof(tree, 0));
    }

    // ------------------------------------------------------------------------------------------- Share&Charge, 2018

    /// There: tokens were put into escrow at the start, and stayed there when no CDR came.
    function test_escrow_locked_for_ever_when_the_cdr_never_comes() public {
        _earn(10e6);
        // A charge locks nothing: before its batch is settled the chain does not know of it.
        vm.warp(block.timestamp + 3650 days);
        assertEq(token.balanceOf(bert), 10e6);
        // The one lock is a redemption, and it opens again whatever the provider does or has become.
        vm.startPrank(bert);
        bytes32 silent = token.requestRedemption(B, 4e6, "silent");
        bytes32 begun = token.requestRedemption(B, 6e6, "begun");
        vm.stopPrank();
        vm.prank(_account(B));
        token.beginPayment(begun);
        _decide(IConsortium.Action.Remove, abi.encode(B));
        vm.startPrank(bert);
        token.cancelRedemption(silent);
        vm.warp(token.redemption(begun).payBy + 1);
        token.cancelRedemption(begun);
        assertTrue(token.transfer(dora, 10e6));
        vm.stopPrank();
    }

    /// There: a price above the estimate made a subtraction underflow, and the charge could not be booked.
    function testFuzz_price_above_the_estimate_cannot_be_booked(uint256 totalMicro, uint256 feeMicro, uint64 energyWh)
        public
    {
        IClearing.Batch memory batch = _batch(1, totalMicro, feeMicro, keccak256("payouts"));
        batch.energyWh = energyWh;
        bytes memory byA = _sign(A, batch);
        bytes memory byB = _sign(B, batch);
        try clearing.settle(batch, byA, byB) {
            assertLe(feeMicro, totalMicro);
            assertEq(clearing.channel(_channelId()).potMicro, totalMicro - feeMicro);
        } catch (bytes memory reason) {
            bytes4 name = bytes4(reason);
            assertTrue(
                name == IClearing.BatchMalformed.selector || name == IClearing.FeeTooHigh.selector
                    || name == IChargeToken.LimitExceeded.selector,
                "a refusal by name, never a panic"
            );
        }
    }

    /// There: the contract took whatever token's address the caller named.
    function test_any_token_accepted_as_payment() public {
        bytes32[] memory tree = _payouts(5e6, 0);
        _settle(_batch(1, 5e6, 0, tree[0]));
        FeeOnTransferToken other = new FeeOnTransferToken(address(this));
        assertTrue(other.transfer(address(clearing), 1e12));
        assertTrue(other.transfer(address(token), 1e12));
        // No call of Clearing or of the token names a token: another one's arrival is nothing to them.
        assertEq(clearing.channel(_channelId()).potMicro, 5e6);
        assertEq(clearing.claim(A, B, bert, 5e6, _proof(tree, 0)), 5e6);
        assertEq(other.balanceOf(bert), 0);
        assertEq(token.balanceOf(bert), 5e6);
        assertEq(address(Clearing(address(clearing)).chargeToken()), address(token));
    }

    /// A token that takes a fee on transfer would leave pots that cannot be paid. Ours moves what it is told to.
    function testFuzz_fee_on_transfer_tokens(uint64 amount, uint64 sent) public {
        uint256 amountMicro = bound(amount, 1, LIMIT);
        _earn(amountMicro);
        uint256 sentMicro = bound(sent, 0, amountMicro);
        vm.prank(bert);
        assertTrue(token.transfer(dora, sentMicro));
        assertEq(token.balanceOf(dora), sentMicro);
        assertEq(token.balanceOf(bert), amountMicro - sentMicro);
        assertEq(token.totalSupply(), amountMicro);
    }

    /// There: a provider's key could set allowances in its drivers' names.
    function test_approvals_set_for_others() public {
        _earn(10e6);
        vm.prank(_account(B));
        token.approve(_account(B), 10e6);
        assertEq(token.allowance(bert, _account(B)), 0);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, _account(B), 0, 10e6));
        vm.prank(_account(B));
        token.transferFrom(bert, _account(B), 10e6);
        // By permit only with the holder's own signature.
        uint256 deadline = block.timestamp + 1;
        bytes32 digest = _permitDigest(bert, _account(B), 10e6, 0, deadline);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(B), digest);
        vm.expectRevert(abi.encodeWithSignature("ERC2612InvalidSigner(address,address)", _account(B), bert));
        token.permit(bert, _account(B), 10e6, deadline, v, r, s);
    }

    /// There: anybody could mint.
    function test_unauthenticated_mint() public {
        address[4] memory callers = [_account(A), _account(B), address(consortium), bert];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(IChargeToken.NotClearing.selector);
            token.issue(A, callers[i], 1);
        }
    }

    /// There: redemption was a status in a database, and the tokens lived on.
    function test_redemption_was_a_status_flag() public {
        _earn(10e6);
        vm.prank(bert);
        bytes32 id = token.requestRedemption(B, 10e6, "all");
        assertEq(token.balanceOf(bert), 0, "locked while it is open");
        vm.prank(_account(B));
        token.markPaid(id, "bank");
        assertEq(token.totalSupply(), 0, "burnt when paid");
        assertEq(token.position(B), -10e6);
    }

    /// There: the operator alone said how much energy it was, and its word was booked.
    function test_the_operator_alone_states_the_energy() public {
        IClearing.Batch memory batch = _batch(1, 10e6, 0, _payouts(10e6, 0)[0]);
        bytes memory byB = _sign(B, batch);
        bytes memory byA = _sign(A, batch);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byB, byB);
        batch.energyWh *= 2;
        byB = _sign(B, batch);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byA, byB);
        assertEq(token.totalSupply(), 0);
    }

    // --------------------------------------------------------------------------------------------- known by their names

    function test_reentrancy_by_a_members_wallet() public {
        ReentrantWallet wallet = new ReentrantWallet();
        _decide(IConsortium.Action.RotateAccount, abi.encode(B, address(wallet)));
        IClearing.Batch memory batch = _batch(1, 10e6, 100, _payouts(10e6 - 100, 0)[0]);
        bytes memory byA = _sign(A, batch);
        wallet.aim(address(clearing), abi.encodeCall(IClearing.settle, (batch, byA, "signed")));
        clearing.settle(batch, byA, "signed");
        assertEq(token.totalSupply(), 10e6, "settled once");
        assertEq(clearing.channel(_channelId()).sequence, 1);
        assertEq(wallet.calls(), 0, "paying its fee calls nobody");
    }

    function test_reentrancy_by_a_payee() public {
        ReentrantWallet payee = new ReentrantWallet();
        Payout[] memory payouts = new Payout[](1);
        payouts[0] = Payout(address(payee), 6e6);
        bytes32[] memory tree = _tree(_payoutLeaves(_channelId(), payouts));
        _settle(_batch(1, 10e6, 0, tree[0]));
        bytes32[] memory proof = new bytes32[](0);
        payee.aim(address(clearing), abi.encodeCall(IClearing.claim, (A, B, address(payee), 6e6, proof)));
        assertEq(clearing.claim(A, B, address(payee), 6e6, proof), 6e6);
        assertEq(payee.calls(), 0, "a payout calls nobody");
        vm.expectRevert(IClearing.NothingToClaim.selector);
        clearing.claim(A, B, address(payee), 6e6, proof);
        assertEq(token.balanceOf(address(payee)), 6e6);
    }

    uint256 private constant K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
    uint256 private constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;

    function test_malleable_signatures_of_batches() public {
        IClearing.Batch memory batch = _batch(1, 1e6, 0, 0);
        (, bytes32 digest) = clearing.hashBatch(batch);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(_key(A), digest);
        bytes memory byB = _sign(B, batch);
        bytes memory flipped = abi.encodePacked(r, bytes32(K1_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27));
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, flipped, byB);
        // The compact form of EIP-2098 is another form.
        bytes memory compact = abi.encodePacked(r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, compact, byB);
    }

    function test_malleable_signatures_of_permits() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bertsKey, _permitDigest(bert, dora, 1, 0, block.timestamp));
        bytes32 high = bytes32(K1_ORDER - uint256(s));
        vm.expectRevert(abi.encodeWithSignature("ECDSAInvalidSignatureS(bytes32)", high));
        token.permit(bert, dora, 1, block.timestamp, v == 27 ? 28 : 27, r, high);
    }

    function test_malleable_signatures_of_evidence() public {
        bytes32 id = keccak256("evidence");
        (uint256 x, uint256 y) = vm.publicKeyP256(7);
        (bytes32 r, bytes32 s) = vm.signP256(7, id);
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        assertTrue(Evidence.isSigned(id, r, s, bytes32(x), bytes32(y)));
        assertFalse(Evidence.isSigned(id, r, bytes32(P256_ORDER - uint256(s)), bytes32(x), bytes32(y)));
    }

    function test_replay_across_chains() public {
        IClearing.Batch memory batch = _batch(1, 1e6, 0, 0);
        bytes memory byA = _sign(A, batch);
        bytes memory byB = _sign(B, batch);
        uint256 deadline = block.timestamp + 1;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bertsKey, _permitDigest(bert, dora, 1, 0, deadline));
        vm.chainId(31_338);
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byA, byB);
        vm.expectPartialRevert(bytes4(keccak256("ERC2612InvalidSigner(address,address)")));
        token.permit(bert, dora, 1, deadline, v, r, s);
        vm.chainId(31_337);
        clearing.settle(batch, byA, byB);
        token.permit(bert, dora, 1, deadline, v, r, s);
    }

    function test_replay_across_contracts() public {
        IClearing.Batch memory batch = _batch(1, 1e6, 0, 0);
        (bytes32 hash, bytes32 digest) = clearing.hashBatch(batch);
        bytes memory byA = _sign(A, batch);
        bytes memory byB = _sign(B, batch);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(bertsKey, _permitDigest(bert, dora, 1, 0, block.timestamp));
        // The same members with the same accounts found a second consortium.
        _deploy();
        (bytes32 sameHash, bytes32 otherDigest) = clearing.hashBatch(batch);
        assertEq(sameHash, hash);
        assertNotEq(otherDigest, digest, "signed for one Clearing");
        vm.expectRevert(abi.encodeWithSelector(IClearing.AgreementNotValid.selector, batch.agreementId));
        clearing.settle(batch, byA, byB);
        batch.agreementId = _agree(A, B, 1, _terms());
        vm.expectRevert(IClearing.DebtorSignatureInvalid.selector);
        clearing.settle(batch, byA, byB);
        vm.expectPartialRevert(bytes4(keccak256("ERC2612InvalidSigner(address,address)")));
        token.permit(bert, dora, 1, block.timestamp, v, r, s);
    }

    function test_evidence_of_another_network_or_type_has_another_id() public pure {
        bytes32[] memory words = new bytes32[](2);
        words[0] = Evidence.typeWord("Authorization", NETWORK);
        bytes32 id = Evidence.objectId(words);
        words[0] = Evidence.typeWord("Authorization", keccak256("another network"));
        assertNotEq(Evidence.objectId(words), id);
        words[0] = Evidence.typeWord("ChargeDetailRecord", NETWORK);
        assertNotEq(Evidence.objectId(words), id);
    }

    function test_a_batch_that_overflows() public {
        bytes32 root = keccak256("payouts");
        _expectRefusal(_batch(1, 1 << 128, 0, root), abi.encodeWithSelector(IClearing.BatchMalformed.selector));
        _expectRefusal(_batch(1, type(uint256).max, 0, root), abi.encodeWithSelector(IClearing.BatchMalformed.selector));
        _decide(IConsortium.Action.SetIssuanceLimit, abi.encode(address(token), A, type(uint256).max));
        IClearing.Batch memory all = _batch(1, type(uint128).max, 0, root);
        (all.count, all.energyWh) = (type(uint64).max, type(uint64).max);
        _settle(all);
        // One more micro-unit than fits is refused by name, and nothing of it stands.
        _expectRefusal(
            _batch(2, 1, 0, root),
            abi.encodeWithSignature("SafeCastOverflowedUintDowncast(uint8,uint256)", 128, uint256(1) << 128)
        );
        assertEq(clearing.channel(_channelId()).sequence, 1);
        assertEq(clearing.channel(_channelId()).potMicro, type(uint128).max);
        assertEq(token.position(A), int256(uint256(type(uint128).max)));
        // Nor does the fee's bound run over, whatever the energy.
        IClearing.Batch memory greedy = _batch(2, 1e6, 1e6 + 1, root);
        greedy.energyWh = type(uint64).max;
        _expectRefusal(greedy, abi.encodeWithSelector(IClearing.FeeTooHigh.selector, 1e6));
    }

    function testFuzz_sequence_gaps(uint64 sequence) public {
        _settle(_batch(1, 1, 0, 0));
        vm.assume(sequence != 2);
        _expectRefusal(_batch(sequence, 1, 0, 0), abi.encodeWithSelector(IClearing.SequenceNotNext.selector, 2));
        _settle(_batch(2, 1, 0, 0));
    }

    // ---------------------------------------------------------------------------------- Merkle leaf/node confusion

    function test_an_inner_node_or_the_root_passes_for_no_leaf() public {
        Payout[] memory payouts = new Payout[](4);
        for (uint256 i = 0; i < 4; ++i) {
            payouts[i] = Payout(i == 0 ? bert : address(uint160(i)), 1e6);
        }
        bytes32[] memory leaves = _payoutLeaves(_channelId(), payouts);
        bytes32[] memory tree = _tree(leaves);
        _settle(_batch(1, 4e6, 0, tree[0]));
        bytes32[] memory short = new bytes32[](1);
        short[0] = tree[2];
        // A node is the hash of 64 bytes, a leaf of 32: no amount and no account make one of the other.
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(A, B, bert, uint256(tree[1]), short);
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(A, B, bert, uint256(tree[0]), new bytes32[](0));
        assertEq(clearing.claim(A, B, bert, 1e6, _proof(tree, 0)), 1e6);
    }

    function test_a_leaf_of_one_tree_passes_in_no_other() public {
        bytes32 typeWord = Evidence.typeWord("SettledCharge", NETWORK);
        bytes32 chargeLeaf = keccak256(
            bytes.concat(keccak256(abi.encode(typeWord, bytes32("authorization"), bytes32("cdr"), uint256(1e6))))
        );
        bytes32[] memory payouts = _payouts(1e6, 0);
        IClearing.Batch memory batch = _batch(1, 1e6, 0, payouts[0]);
        batch.cdrRoot = chargeLeaf;
        _settle(batch);
        bytes32[] memory none = new bytes32[](0);
        assertTrue(clearing.isSettled(_channelId(), 1, "authorization", "cdr", 1e6, none));
        // A payout is no charge, also where its three words are put into a charge's places.
        assertFalse(
            clearing.isSettled(
                _channelId(), 1, bytes32(uint256(uint160(bert))), bytes32(uint256(1e6)), 0, _proof(payouts, 0)
            )
        );
        // And a batch whose payouts' root is its charges' root pays nobody.
        batch = _batch(2, 1e6, 0, chargeLeaf);
        _settle(batch);
        vm.expectRevert(IClearing.ProofInvalid.selector);
        clearing.claim(A, B, bert, 1e6, none);
    }

    function _permitDigest(address owner, address spender, uint256 value, uint256 nonce, uint256 deadline)
        private
        view
        returns (bytes32)
    {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                owner,
                spender,
                value,
                nonce,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), structHash));
    }
}
