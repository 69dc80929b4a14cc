// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Evidence} from "../src/Evidence.sol";
import {IClearing} from "../src/IClearing.sol";
import {IPeering} from "../src/IPeering.sol";
import {World} from "./World.sol";

/// @notice The golden vectors that TypeScript made, judged by Solidity: the same bytes, hashes, signatures and proofs,
/// and the same verdict on each spoiled variant. The structs' fields are in the alphabetical order of the JSON's keys.
contract VectorsTest is World {
    struct TypeWord {
        string name;
        bytes32 networkId;
        bytes32 typeWord;
    }

    struct TextWord {
        string text;
        bytes32 word;
    }

    struct SealedText {
        bytes32 commitment;
        bytes32 salt;
        string text;
    }

    struct KeyId {
        bytes32 keyId;
        bytes32 x;
        bytes32 y;
    }

    struct ChannelId {
        bytes32 channelId;
        bytes32 creditor;
        bytes32 debtor;
    }

    struct SignedObject {
        bytes32 id;
        bool isSigned;
        string name;
        bytes32 r;
        bytes32 s;
        bytes32 typeWord;
        string value;
        string why;
        bytes32[] words;
        bytes32 x;
        bytes32 y;
    }

    struct PayoutProof {
        address account;
        bytes32 channelId;
        uint256 cumulativeMicro;
        bool isProven;
        bytes32[] proof;
        bytes32 root;
        string why;
    }

    struct ChargeProof {
        bytes32 authorizationId;
        bytes32 cdrId;
        uint256 chargeMicro;
        bool isProven;
        bytes32[] proof;
        bytes32 root;
        bytes32 typeWord;
        string why;
    }

    struct BatchVector {
        bytes32 agreementId;
        bytes32 cdrRoot;
        bytes32 channelId;
        uint256 count;
        bytes32 creditor;
        bytes32 debtor;
        uint256 energyWh;
        uint256 feeMicro;
        uint256 feeMicroPerKwh;
        uint256 feeShareBp;
        string payouts;
        bytes32 payoutsRoot;
        uint256 periodEnd;
        uint256 periodStart;
        uint256 sequence;
        string source;
        uint256 totalMicro;
    }

    function _read(string memory file, string memory key) private view returns (bytes memory) {
        string memory json = vm.readFile(string.concat("vectors/", file, ".json"));
        return vm.parseJson(json, string.concat(".", key));
    }

    function test_words() public view {
        TypeWord[] memory typeWords = abi.decode(_read("words", "typeWords"), (TypeWord[]));
        assertGt(typeWords.length, 8);
        for (uint256 i = 0; i < typeWords.length; ++i) {
            assertEq(Evidence.typeWord(typeWords[i].name, typeWords[i].networkId), typeWords[i].typeWord);
        }
        TextWord[] memory texts = abi.decode(_read("words", "texts"), (TextWord[]));
        assertGt(texts.length, 2);
        for (uint256 i = 0; i < texts.length; ++i) {
            assertEq(bytes32(bytes(texts[i].text)), texts[i].word);
        }
        SealedText[] memory sealedTexts = abi.decode(_read("words", "sealedTexts"), (SealedText[]));
        assertGt(sealedTexts.length, 1);
        for (uint256 i = 0; i < sealedTexts.length; ++i) {
            SealedText memory it = sealedTexts[i];
            assertEq(sha256(abi.encodePacked(it.salt, it.text)), it.commitment);
        }
        KeyId[] memory keyIds = abi.decode(_read("words", "keyIds"), (KeyId[]));
        assertGt(keyIds.length, 1);
        for (uint256 i = 0; i < keyIds.length; ++i) {
            assertEq(sha256(abi.encode(keyIds[i].x, keyIds[i].y)), keyIds[i].keyId);
            assertTrue(Evidence.isKey(keyIds[i].x, keyIds[i].y));
        }
        ChannelId[] memory channelIds = abi.decode(_read("words", "channelIds"), (ChannelId[]));
        assertGt(channelIds.length, 1);
        for (uint256 i = 0; i < channelIds.length; ++i) {
            assertEq(clearing.channelIdOf(channelIds[i].debtor, channelIds[i].creditor), channelIds[i].channelId);
        }
    }

    function test_signed_objects() public view {
        bytes32 networkId = abi.decode(_read("signedObjects", "networkId"), (bytes32));
        SignedObject[] memory vectors = abi.decode(_read("signedObjects", "vectors"), (SignedObject[]));
        uint256 genuine = 0;
        for (uint256 i = 0; i < vectors.length; ++i) {
            SignedObject memory it = vectors[i];
            string memory what = string.concat(it.name, ": ", it.why);
            assertEq(Evidence.objectId(it.words), it.id, what);
            assertEq(Evidence.isSigned(it.id, it.r, it.s, it.x, it.y), it.isSigned, what);
            if (!it.isSigned) continue;
            assertEq(Evidence.typeWord(it.name, networkId), it.words[0], what);
            ++genuine;
        }
        assertGe(genuine, 8);
        assertGt(vectors.length, genuine * 8);
    }

    function test_payout_proofs() public view {
        PayoutProof[] memory vectors = abi.decode(_read("merkle", "payouts"), (PayoutProof[]));
        assertGt(vectors.length, 20);
        for (uint256 i = 0; i < vectors.length; ++i) {
            PayoutProof memory it = vectors[i];
            bytes32 leaf = _payoutLeaf(it.channelId, Payout(it.account, it.cumulativeMicro));
            assertEq(MerkleProof.verify(it.proof, it.root, leaf), it.isProven, it.why);
        }
    }

    function test_settled_charge_proofs() public view {
        ChargeProof[] memory vectors = abi.decode(_read("merkle", "settledCharges"), (ChargeProof[]));
        assertGt(vectors.length, 20);
        for (uint256 i = 0; i < vectors.length; ++i) {
            ChargeProof memory it = vectors[i];
            bytes32 value = keccak256(abi.encode(it.typeWord, it.authorizationId, it.cdrId, it.chargeMicro));
            assertEq(MerkleProof.verify(it.proof, it.root, keccak256(bytes.concat(value))), it.isProven, it.why);
        }
    }

    /// Batches as the providers make them are settled, one after the other, and pay whom they name.
    function test_batches() public {
        BatchVector[] memory vectors = abi.decode(_read("batches", "vectors"), (BatchVector[]));
        assertGt(vectors.length, 1);
        _deploy();
        IPeering.Terms memory terms = _terms();
        terms.feeShareBp = uint16(vectors[0].feeShareBp);
        terms.feeMicroPerKwh = uint64(vectors[0].feeMicroPerKwh);
        bytes32 agreed = _agree(A, B, 1, terms);
        for (uint256 i = 0; i < vectors.length; ++i) {
            BatchVector memory it = vectors[i];
            IClearing.Batch memory batch = IClearing.Batch({
                debtor: it.debtor,
                creditor: it.creditor,
                sequence: uint64(it.sequence),
                periodStart: uint64(it.periodStart),
                periodEnd: uint64(it.periodEnd),
                agreementId: agreed,
                count: uint64(it.count),
                energyWh: uint64(it.energyWh),
                totalMicro: it.totalMicro,
                feeMicro: it.feeMicro,
                cdrRoot: it.cdrRoot,
                payoutsRoot: it.payoutsRoot
            });
            assertEq(it.channelId, clearing.channelIdOf(it.debtor, it.creditor));
            Payout[] memory payouts = abi.decode(vm.parseJson(it.payouts), (Payout[]));
            bytes32[] memory leaves = _sorted(_payoutLeaves(it.channelId, payouts));
            assertEq(_tree(leaves)[0], it.payoutsRoot);
            if (it.count == 0) {
                _expectRefusal(batch, abi.encodeWithSelector(IClearing.BatchMalformed.selector));
                continue;
            }
            _settle(batch);
            for (uint256 k = 0; k < payouts.length; ++k) {
                _claim(it, payouts[k], leaves);
            }
            assertEq(clearing.channel(it.channelId).potMicro, 0, "what is not the fee is the operators'");
        }
    }

    function _claim(BatchVector memory it, Payout memory payout, bytes32[] memory leaves) private {
        bytes32 leaf = _payoutLeaf(it.channelId, payout);
        uint256 index = 0;
        while (leaves[index] != leaf) ++index;
        bytes32[] memory proof = _proof(_tree(leaves), index);
        if (clearing.claimedMicro(it.channelId, payout.account) == payout.cumulativeMicro) return;
        clearing.claim(it.debtor, it.creditor, payout.account, payout.cumulativeMicro, proof);
        assertEq(token.balanceOf(payout.account), payout.cumulativeMicro);
    }

    function _sorted(bytes32[] memory leaves) private pure returns (bytes32[] memory) {
        for (uint256 i = 1; i < leaves.length; ++i) {
            for (uint256 k = i; k > 0 && leaves[k] < leaves[k - 1]; --k) {
                (leaves[k], leaves[k - 1]) = (leaves[k - 1], leaves[k]);
            }
        }
        return leaves;
    }
}
