// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IClearing} from "../src/IClearing.sol";
import {IPeering} from "../src/IPeering.sol";
import {IPeeringTerms} from "../src/IPeeringTerms.sol";
import {DayAheadShare} from "../src/terms/DayAheadShare.sol";
import {VolumeDiscount} from "../src/terms/VolumeDiscount.sol";
import {World} from "./World.sol";

/// @notice A terms contract that does what it can to take more, or to keep others from their money.
contract HostileTerms {
    enum Trick {
        Revert,
        RevertWithMuch,
        BurnAllGas,
        ReturnMuch,
        ReturnNothing,
        ReturnHalfAWord,
        AskMoreThanTheTotal,
        AskTheMost,
        ReenterSettle,
        Write
    }

    Trick public trick;
    IClearing private immutable _clearing;
    IClearing.Batch private _batch;
    uint256 private _counter;

    constructor(IClearing clearing_) {
        _clearing = clearing_;
    }

    function play(Trick trick_) external {
        trick = trick_;
    }

    function keep(IClearing.Batch calldata batch) external {
        _batch = batch;
    }

    function feeMicro(IPeeringTerms.Usage calldata usage) external returns (uint256) {
        if (trick == Trick.Revert) revert("no");
        if (trick == Trick.RevertWithMuch) {
            assembly ("memory-safe") {
                revert(0, 180000)
            }
        }
        if (trick == Trick.BurnAllGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        if (trick == Trick.ReturnMuch) {
            assembly ("memory-safe") {
                return(0, 180000)
            }
        }
        if (trick == Trick.ReturnNothing) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        if (trick == Trick.ReturnHalfAWord) {
            assembly ("memory-safe") {
                return(0, 31)
            }
        }
        if (trick == Trick.AskMoreThanTheTotal) return usage.totalMicro + 1;
        if (trick == Trick.AskTheMost) return type(uint256).max;
        if (trick == Trick.ReenterSettle) _clearing.settle(_batch, "", "");
        ++_counter;
        return usage.totalMicro;
    }
}

/// @notice Its answer depends on something that somebody can turn.
contract TurncoatTerms is IPeeringTerms {
    uint256 private _shareBp = 200;

    function turn(uint256 shareBp) external {
        _shareBp = shareBp;
    }

    function feeMicro(Usage calldata usage) external view returns (uint256) {
        return usage.totalMicro * _shareBp / 10_000;
    }
}

contract TermsTest is World {
    /// The fields are in the alphabetical order of the JSON's keys.
    struct GenericVector {
        uint256 boundMicro;
        uint256 energyWh;
        uint256 feeMicroPerKwh;
        uint256 feeShareBp;
        uint256 from;
        uint256 to;
        uint256 totalMicro;
    }

    struct VolumeVector {
        uint256 boundMicro;
        uint256 energyWh;
        uint256 feeMicroPerKwh;
        uint256 feeShareBp;
        uint256 from;
        uint256[] tierFromWh;
        uint256[] tierShareBp;
        uint256 to;
        uint256 totalMicro;
    }

    struct DayAheadVector {
        uint256 boundMicro;
        uint256 ceilingMicroPerKwh;
        uint256[] daysPosted;
        uint256 energyWh;
        uint256 feeMicroPerKwh;
        uint256 feeShareBp;
        uint256 floorMicroPerKwh;
        uint256 from;
        int256[] prices;
        uint256 shareBp;
        uint256 to;
        uint256 totalMicro;
    }

    address private immutable publisher = makeAddr("publisher");
    uint256 private _version;

    /// An agreement of A and C under these terms. One proposed only has a bound, too.
    function _propose(uint256 shareBp, uint256 perKwh, address termsContract) private returns (bytes32) {
        IPeering.Terms memory terms = _terms();
        terms.feeShareBp = uint16(shareBp);
        terms.feeMicroPerKwh = uint64(perKwh);
        terms.termsContract = termsContract;
        terms.creditLimitMicro = uint128(++_version);
        vm.prank(_account(A));
        return peering.propose(C, 1, terms);
    }

    function _agreeOn(address termsContract) private returns (bytes32) {
        IPeering.Terms memory terms = _terms();
        terms.termsContract = termsContract;
        return _agree(A, C, 1, terms);
    }

    function _batchAC(bytes32 agreed, uint64 sequence, uint256 feeMicro)
        private
        view
        returns (IClearing.Batch memory batch)
    {
        batch = _batch(sequence, 100e6, feeMicro, 0);
        batch.creditor = C;
        batch.agreementId = agreed;
    }

    // ---------------------------------------------------------------------------------------------------- vectors

    function _read(string memory key) private view returns (bytes memory) {
        return vm.parseJson(vm.readFile("vectors/fees.json"), key);
    }

    function test_vectors_of_share_and_price() public {
        GenericVector[] memory vectors = abi.decode(_read(".generic"), (GenericVector[]));
        assertGt(vectors.length, 50);
        for (uint256 i = 0; i < vectors.length; ++i) {
            GenericVector memory it = vectors[i];
            bytes32 id = _propose(it.feeShareBp, it.feeMicroPerKwh, address(0));
            _assertBound(id, it.from, it.to, it.energyWh, it.totalMicro, it.boundMicro);
        }
    }

    function test_vectors_of_the_volume_discount() public {
        VolumeVector[] memory vectors = abi.decode(_read(".volume"), (VolumeVector[]));
        assertGt(vectors.length, 50);
        for (uint256 i = 0; i < vectors.length; ++i) {
            VolumeVector memory it = vectors[i];
            VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](it.tierFromWh.length);
            for (uint256 k = 0; k < tiers.length; ++k) {
                tiers[k] = VolumeDiscount.Tier(uint64(it.tierFromWh[k]), uint16(it.tierShareBp[k]));
            }
            bytes32 id = _propose(it.feeShareBp, it.feeMicroPerKwh, address(new VolumeDiscount(tiers)));
            _assertBound(id, it.from, it.to, it.energyWh, it.totalMicro, it.boundMicro);
        }
    }

    function test_vectors_of_the_share_of_the_day_ahead_price() public {
        DayAheadVector[] memory vectors = abi.decode(_read(".dayAhead"), (DayAheadVector[]));
        assertGt(vectors.length, 50);
        for (uint256 i = 0; i < vectors.length; ++i) {
            DayAheadVector memory it = vectors[i];
            DayAheadShare terms = new DayAheadShare(
                publisher, uint16(it.shareBp), uint64(it.floorMicroPerKwh), uint64(it.ceilingMicroPerKwh)
            );
            vm.startPrank(publisher);
            for (uint256 k = 0; k < it.daysPosted.length; ++k) {
                int32[] memory price = new int32[](1);
                price[0] = int32(it.prices[k]);
                terms.post(uint64(it.daysPosted[k]), price);
            }
            vm.stopPrank();
            bytes32 id = _propose(it.feeShareBp, it.feeMicroPerKwh, address(terms));
            _assertBound(id, it.from, it.to, it.energyWh, it.totalMicro, it.boundMicro);
        }
    }

    function _assertBound(
        bytes32 id,
        uint256 from,
        uint256 to,
        uint256 energyWh,
        uint256 totalMicro,
        uint256 boundMicro
    ) private view {
        IPeeringTerms.Usage memory usage = IPeeringTerms.Usage({
            debtor: A,
            creditor: C,
            from: uint64(from),
            to: uint64(to),
            count: 1,
            energyWh: uint64(energyWh),
            totalMicro: totalMicro
        });
        assertEq(clearing.feeBoundMicro(id, usage), boundMicro);
    }

    // ---------------------------------------------------------------------------------------------------- the two

    function test_tiers_rise_in_energy_and_fall_in_share() public {
        uint64[2][5] memory starts = [[uint64(1), 2], [uint64(0), 0], [uint64(0), 5], [uint64(0), 5], [uint64(0), 5]];
        uint16[2][5] memory shares =
            [[uint16(20), 10], [uint16(20), 10], [uint16(20), 20], [uint16(10_001), 10], [uint16(10), 20]];
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](2);
        for (uint256 i = 0; i < 5; ++i) {
            tiers[0] = VolumeDiscount.Tier(starts[i][0], shares[i][0]);
            tiers[1] = VolumeDiscount.Tier(starts[i][1], shares[i][1]);
            vm.expectRevert(VolumeDiscount.TiersMalformed.selector);
            new VolumeDiscount(tiers);
        }
        vm.expectRevert(VolumeDiscount.TiersMalformed.selector);
        new VolumeDiscount(new VolumeDiscount.Tier[](0));
        vm.expectRevert(VolumeDiscount.TiersMalformed.selector);
        new VolumeDiscount(new VolumeDiscount.Tier[](9));
        (tiers[0], tiers[1]) = (VolumeDiscount.Tier(0, 20), VolumeDiscount.Tier(1, 0));
        assertEq(new VolumeDiscount(tiers).tiers().length, 2);
    }

    function test_prices_are_posted_once_by_the_publisher() public {
        DayAheadShare terms = new DayAheadShare(publisher, 1_000, 1_000, 50_000);
        int32[] memory prices = new int32[](3);
        (prices[0], prices[1], prices[2]) = (-1, 0, type(int32).max);
        vm.expectRevert(DayAheadShare.NotThePublisher.selector);
        terms.post(20_000, prices);
        vm.startPrank(publisher);
        terms.post(20_000, prices);
        for (uint64 i = 0; i < 3; ++i) {
            (bool isPosted, int32 price) = terms.price(20_000 + i);
            assertTrue(isPosted);
            assertEq(price, prices[i]);
            vm.expectRevert(abi.encodeWithSelector(DayAheadShare.PriceExists.selector, 20_000 + i));
            int32[] memory again = new int32[](1);
            terms.post(20_000 + i, again);
        }
        // A row that touches one posted day posts none.
        vm.expectRevert(abi.encodeWithSelector(DayAheadShare.PriceExists.selector, 20_000));
        terms.post(19_999, prices);
        (bool isThere,) = terms.price(19_999);
        assertFalse(isThere);
        prices[0] = type(int32).min;
        vm.expectRevert(abi.encodeWithSelector(DayAheadShare.PriceMalformed.selector, 30_000));
        terms.post(30_000, prices);
        vm.stopPrank();
    }

    function test_rates_are_sound() public {
        vm.expectRevert(DayAheadShare.RatesMalformed.selector);
        new DayAheadShare(address(0), 1, 1, 1);
        vm.expectRevert(DayAheadShare.RatesMalformed.selector);
        new DayAheadShare(publisher, 10_001, 1, 1);
        vm.expectRevert(DayAheadShare.RatesMalformed.selector);
        new DayAheadShare(publisher, 1, 2, 1);
    }

    function testFuzz_a_price_that_comes_late_only_raises_the_fee(int32[10] calldata prices, uint8 from, uint8 span)
        public
    {
        DayAheadShare terms = new DayAheadShare(publisher, 2_500, 10_000, 90_000);
        IPeeringTerms.Usage memory usage = IPeeringTerms.Usage(
            A, C, uint64(from) * 3_600, uint64(from) * 3_600 + uint64(span) * 3_600 + 1, 1, 1e5, 1e9
        );
        uint256 feeMicro = terms.feeMicro(usage);
        for (uint64 i = 0; i < 10; ++i) {
            if (prices[i] == type(int32).min) continue;
            int32[] memory one = new int32[](1);
            one[0] = prices[i];
            vm.prank(publisher);
            terms.post(i, one);
            uint256 next = terms.feeMicro(usage);
            assertGe(next, feeMicro);
            feeMicro = next;
        }
    }

    function test_both_answer_within_the_gas_they_get() public {
        DayAheadShare dayAhead = new DayAheadShare(publisher, 2_500, 10_000, 90_000);
        int32[] memory prices = new int32[](70);
        for (uint256 i = 0; i < prices.length; ++i) {
            prices[i] = int32(int256(100_000 + i));
        }
        vm.prank(publisher);
        dayAhead.post(0, prices);
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](8);
        for (uint16 i = 0; i < 8; ++i) {
            tiers[i] = VolumeDiscount.Tier(i * uint64(1_000), 800 - i);
        }
        VolumeDiscount volume = new VolumeDiscount(tiers);
        IPeeringTerms.Usage memory usage = IPeeringTerms.Usage(A, C, 3 days, 65 days, 1, 0, 1e9);
        // Three quarters of the cap, with nothing read before.
        assertLt(_gasOf(address(dayAhead), usage), (clearing.TERMS_GAS() * 3) / 4);
        assertLt(_gasOf(address(volume), usage), (clearing.TERMS_GAS() * 3) / 4);
    }

    function _gasOf(address terms, IPeeringTerms.Usage memory usage) private returns (uint256 used) {
        bytes memory question = abi.encodeCall(IPeeringTerms.feeMicro, (usage));
        vm.cool(terms);
        uint256 before = gasleft();
        (bool success, bytes memory answer) = terms.staticcall(question);
        used = before - gasleft();
        assertTrue(success && answer.length == 32);
    }

    // ---------------------------------------------------------------------------------------------------- hostile

    function test_a_hostile_contract_that_gives_no_answer_leaves_share_and_price() public {
        HostileTerms hostile = new HostileTerms(clearing);
        bytes32 agreed = _agreeOn(address(hostile));
        HostileTerms.Trick[8] memory tricks = [
            HostileTerms.Trick.Revert,
            HostileTerms.Trick.RevertWithMuch,
            HostileTerms.Trick.BurnAllGas,
            HostileTerms.Trick.ReturnNothing,
            HostileTerms.Trick.ReturnHalfAWord,
            HostileTerms.Trick.ReenterSettle,
            HostileTerms.Trick.Write,
            HostileTerms.Trick.Revert
        ];
        for (uint64 i = 0; i < tricks.length; ++i) {
            hostile.play(tricks[i]);
            // 2 % of the total and 10 000 for each of 60 kWh.
            IClearing.Batch memory batch = _batchAC(agreed, i + 1, 2_600_001);
            hostile.keep(batch);
            _expectRefusal(batch, abi.encodeWithSelector(IClearing.FeeTooHigh.selector, 2_600_000));
            batch.feeMicro = 2_600_000;
            _settle(batch);
        }
    }

    function test_a_hostile_contract_gets_at_most_the_total() public {
        HostileTerms hostile = new HostileTerms(clearing);
        bytes32 agreed = _agreeOn(address(hostile));
        HostileTerms.Trick[2] memory tricks = [HostileTerms.Trick.AskMoreThanTheTotal, HostileTerms.Trick.AskTheMost];
        for (uint64 i = 0; i < tricks.length; ++i) {
            hostile.play(tricks[i]);
            IClearing.Batch memory batch = _batchAC(agreed, i + 1, 100e6 + 1);
            _expectRefusal(batch, abi.encodeWithSelector(IClearing.FeeTooHigh.selector, 100e6));
            batch.feeMicro = 100e6;
            _settle(batch);
            assertEq(token.totalSupply(), 100e6 * (i + 1));
        }
    }

    function test_a_hostile_contract_makes_nobody_copy_its_data() public {
        HostileTerms hostile = new HostileTerms(clearing);
        bytes32 agreed = _agreeOn(address(hostile));
        hostile.play(HostileTerms.Trick.ReturnMuch);
        IClearing.Batch memory batch = _batchAC(agreed, 1, 0);
        bytes memory byA = _sign(A, batch);
        bytes memory byC = _sign(C, batch);
        uint256 before = gasleft();
        clearing.settle(batch, byA, byC);
        assertLt(before - gasleft(), 300_000);
    }

    function test_a_hostile_contract_burns_no_more_than_its_gas() public {
        HostileTerms hostile = new HostileTerms(clearing);
        bytes32 agreed = _agreeOn(address(hostile));
        hostile.play(HostileTerms.Trick.BurnAllGas);
        IClearing.Batch memory batch = _batchAC(agreed, 1, 0);
        bytes memory byA = _sign(A, batch);
        bytes memory byC = _sign(C, batch);
        uint256 before = gasleft();
        clearing.settle(batch, byA, byC);
        assertLt(before - gasleft(), 250_000 + clearing.TERMS_GAS());
    }

    function test_a_contract_that_is_not_there_leaves_share_and_price() public {
        bytes32 agreed = _agreeOn(makeAddr("nobody"));
        assertEq(clearing.feeBoundMicro(agreed, _usage(_batchAC(agreed, 1, 0))), 2_600_000);
        _settle(_batchAC(agreed, 1, 2_600_000));
    }

    function test_a_contract_that_was_destroyed_leaves_share_and_price() public {
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](1);
        tiers[0] = VolumeDiscount.Tier(0, 1);
        address terms = address(new VolumeDiscount(tiers));
        bytes32 agreed = _agreeOn(terms);
        assertEq(clearing.feeBoundMicro(agreed, _usage(_batchAC(agreed, 1, 0))), 10_000);
        vm.etch(terms, "");
        assertEq(clearing.feeBoundMicro(agreed, _usage(_batchAC(agreed, 1, 0))), 2_600_000);
        _settle(_batchAC(agreed, 1, 2_600_000));
    }

    function test_a_contract_that_changes_its_answer_costs_the_creditor_its_fee_and_blocks_nothing() public {
        TurncoatTerms turncoat = new TurncoatTerms();
        bytes32 agreed = _agreeOn(address(turncoat));
        IClearing.Batch memory signed = _batchAC(agreed, 1, 2e6);
        turncoat.turn(0);
        _expectRefusal(signed, abi.encodeWithSelector(IClearing.FeeTooHigh.selector, 0));
        // The operators' money comes all the same, by a batch with the fee that there is.
        signed.feeMicro = 0;
        _settle(signed);
        turncoat.turn(type(uint256).max);
        // An answer that overflows is none.
        _settle(_batchAC(agreed, 2, 2_600_000));
    }

    /// Who brings a transaction cannot make the terms contract fail by leaving it too little gas.
    function test_too_little_gas_for_the_answer_is_refused_and_not_used_to_have_the_other_fee() public {
        VolumeDiscount.Tier[] memory tiers = new VolumeDiscount.Tier[](1);
        tiers[0] = VolumeDiscount.Tier(0, 1);
        bytes32 agreed = _agreeOn(address(new VolumeDiscount(tiers)));
        // More than the pair's own terms allow, and as much as share and price would.
        IClearing.Batch memory batch = _batchAC(agreed, 1, 2_600_000);
        bytes memory call = abi.encodeCall(IClearing.settle, (batch, _sign(A, batch), _sign(C, batch)));
        for (uint256 gasLimit = 30_000; gasLimit < 400_000; gasLimit += 500) {
            (bool success,) = address(clearing).call{gas: gasLimit}(call);
            assertFalse(success);
        }
        batch.feeMicro = 10_000;
        _settle(batch);
    }

    function test_terms_are_asked_with_what_was_charged() public {
        address terms = makeAddr("terms");
        bytes32 agreed = _agreeOn(terms);
        IClearing.Batch memory batch = _batchAC(agreed, 1, 7);
        bytes memory question = abi.encodeCall(IPeeringTerms.feeMicro, (_usage(batch)));
        vm.mockCall(terms, question, abi.encode(7));
        vm.expectCall(terms, question);
        _settle(batch);
    }
}
