import { keccak_256 } from '@noble/hashes/sha3.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type Hex, isHex } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { openLeafList } from './LeafList.ts';
import { isRecord, type ParseRefusal, type Signed, signedObject, type ValueOf } from './SignedObject.ts';
import { isPublicKey, type Signer, type Verifier } from './Signer.ts';
import { typeWordBytes, wordBytes, writeHex, writeUint } from './Word.ts';

/**
 * What a week came to on the chain, in one id that fits into a newspaper's line. Anyone with a node computes
 * the same record; it is nobody's word, and the members' validators cannot rewrite a week whose record
 * outsiders hold. Each names the one before, so that the newest vouches for all.
 */
export const WitnessRecord = signedObject('WitnessRecord', {
  /** Whole weeks since Monday 1970-01-05T00:00:00Z. */
  week: 'uint',
  /** Id of the week before; zero for the first. */
  previousId: 'bytes32',
  chainId: 'uint',
  clearing: 'address',
  /** The last block of the week. */
  blockNumber: 'uint',
  blockHash: 'bytes32',
  /** Batches settled in the week. */
  batchCount: 'uint',
  /** Tree of their leaves (type word `WitnessedBatch`, channel id, sequence, batch hash, root of charges). */
  batchesRoot: 'bytes32',
});
export type WitnessRecord = ValueOf<typeof WitnessRecord.layout>;

/** Signed by somebody outside of the consortium: that this record was there at that time. */
export const WitnessStatement = signedObject('WitnessStatement', {
  recordId: 'bytes32',
  /** Key id of the one who signs. */
  witnessKeyId: 'bytes32',
  /** Who that is, for people. */
  name: 'text',
  /** Epoch seconds, the witness's clock. */
  signedAt: 'uint',
});
export type WitnessStatement = ValueOf<typeof WitnessStatement.layout>;

/** A batch as the week's tree holds it. */
export interface WitnessedBatch {
  readonly channelId: Hex;
  readonly sequence: number;
  readonly batchHash: Hex;
  readonly cdrRoot: Hex;
}

/** A record as it is published: with the batches under its root, and who has signed for it so far. */
export interface WitnessFile {
  readonly networkId: Hex;
  readonly record: WitnessRecord;
  /** In the chain's order. */
  readonly batches: readonly WitnessedBatch[];
  readonly witnesses: readonly { readonly publicKey: Hex; readonly statement: Signed<WitnessStatement> }[];
}

export const weekS = 7 * 86_400;
const firstMonday = 4 * 86_400;

/** The week that a time lies in. */
export const weekOf = (epochS: number): number => Math.floor((epochS - firstMonday) / weekS);
/** When a week begins, epoch seconds; it ends where the next one begins. */
export const weekBegins = (week: number): number => firstMonday + week * weekS;

/** The root over a week's batches; `emptyRoot` of a week without one. */
export function batchesRoot(networkId: Hex, batches: readonly WitnessedBatch[]): Hex {
  const leaves = openLeafList();
  for (const batch of batches) {
    const words = new Uint8Array(5 * wordBytes);
    words.set(typeWordBytes('WitnessedBatch', networkId));
    writeHex(words, 2 * wordBytes, batch.channelId);
    writeUint(words, 2 * wordBytes, batch.sequence);
    writeHex(words, 4 * wordBytes, batch.batchHash);
    writeHex(words, 5 * wordBytes, batch.cdrRoot);
    leaves.add(keccak_256(keccak_256(words)));
  }
  return leaves.root();
}

export const witnessRecordId = ({ networkId, record }: Pick<WitnessFile, 'networkId' | 'record'>): Hex =>
  WitnessRecord.id(networkId, record);

/** Adds a witness's signature; one that the same key gave before is replaced. */
export async function signWitnessRecord(
  file: WitnessFile,
  witness: { readonly signer: Signer; readonly name: string; readonly signedAt: number },
): Promise<WitnessFile> {
  const { publicKey } = witness.signer;
  const statement = await WitnessStatement.sign(
    file.networkId,
    {
      recordId: witnessRecordId(file),
      witnessKeyId: keyId(publicKey),
      name: witness.name,
      signedAt: witness.signedAt,
    },
    witness.signer,
  );
  const others = file.witnesses.filter((one) => one.publicKey !== publicKey);
  return { ...file, witnesses: [...others, { publicKey, statement }] };
}

/** Why a witness file is refused, in order of precedence. */
export type WitnessRefusal =
  | ParseRefusal
  | 'bad-witnessed-batch'
  | 'bad-witness'
  | 'witness-count-mismatch'
  | 'witness-root-mismatch'
  | 'bad-witness-signature';

/** A witness file out of untrusted JSON. Only its form: {@link verifyWitnessFile} says whether it holds. */
export function parseWitnessFile(json: unknown): Result<WitnessFile, WitnessRefusal> {
  if (!isRecord(json)) return refuse('not-an-object', 'a witness file is a JSON object');
  const { networkId, batches, witnesses } = json;
  if (!isHex(networkId, 32)) return refuse('bad-field', 'networkId is not 32 bytes of lower-case hex');
  const record = WitnessRecord.parse(json.record);
  if (!record.ok) return record;
  if (!Array.isArray(batches) || !batches.every(isWitnessedBatch))
    return refuse('bad-witnessed-batch', 'batches are a list of channelId, sequence, batchHash and cdrRoot');
  if (!Array.isArray(witnesses)) return refuse('bad-witness', 'witnesses are not a list');
  const signed: WitnessFile['witnesses'][number][] = [];
  for (const [index, row] of witnesses.entries()) {
    const statement = WitnessStatement.parseSigned(isRecord(row) ? row.statement : undefined);
    if (!isRecord(row) || !isPublicKey(row.publicKey) || !statement.ok)
      return refuse('bad-witness', `witness ${index} has no key or no statement`);
    signed.push({ publicKey: row.publicKey, statement: statement.value });
  }
  return accept({ networkId, record: record.value, batches, witnesses: signed });
}

function isWitnessedBatch(value: unknown): value is WitnessedBatch {
  return (
    isRecord(value) &&
    isHex(value.channelId, 32) &&
    Number.isSafeInteger(value.sequence) &&
    (value.sequence as number) > 0 &&
    isHex(value.batchHash, 32) &&
    isHex(value.cdrRoot, 32)
  );
}

/** Whether a file's batches are those under its root, and every signature is one over its record. */
export async function verifyWitnessFile(
  file: WitnessFile,
  verifier: Verifier,
): Promise<Result<{ readonly recordId: Hex }, WitnessRefusal>> {
  const { networkId, record, batches, witnesses } = file;
  if (record.batchCount !== batches.length)
    return refuse('witness-count-mismatch', `${batches.length} batches beside ${record.batchCount}`);
  if (batchesRoot(networkId, batches) !== record.batchesRoot)
    return refuse('witness-root-mismatch', 'the batches are not those under the root');
  const recordId = witnessRecordId(file);
  for (const { publicKey, statement } of witnesses) {
    const { recordId: signedFor, witnessKeyId, name } = statement.value;
    const holds =
      signedFor === recordId &&
      witnessKeyId === keyId(publicKey) &&
      (await WitnessStatement.verify(networkId, statement, publicKey, verifier));
    if (!holds) return refuse('bad-witness-signature', `the signature of ${name} is not one of this record`);
  }
  return accept({ recordId });
}

/** Why one record does not follow another, in order of precedence. */
export type WitnessChainRefusal =
  | 'witness-other-network'
  | 'witness-week-missing'
  | 'witness-chain-broken'
  | 'witness-block-not-later';

/** Whether each record of the list names the one before it, week by week. */
export function checkWitnessChain(
  files: readonly Pick<WitnessFile, 'networkId' | 'record'>[],
): Result<null, WitnessChainRefusal> {
  for (const [index, file] of files.entries()) {
    const before = files[index - 1];
    if (before === undefined) continue;
    const { week, previousId, blockNumber, chainId, clearing } = file.record;
    const former = before.record;
    if (file.networkId !== before.networkId || chainId !== former.chainId || clearing !== former.clearing)
      return refuse('witness-other-network', `week ${week} is of another network than week ${former.week}`);
    if (week !== former.week + 1)
      return refuse('witness-week-missing', `week ${week} comes after week ${former.week}`);
    if (previousId !== witnessRecordId(before))
      return refuse('witness-chain-broken', `week ${week} names another record before it`);
    if (blockNumber < former.blockNumber)
      return refuse('witness-block-not-later', `week ${week} ends at an earlier block`);
  }
  return accept(null);
}

/** Whether the record holds exactly this batch. */
export const isWitnessed = (file: WitnessFile, batch: WitnessedBatch): boolean =>
  file.batches.some(
    (one) =>
      one.channelId === batch.channelId &&
      one.sequence === batch.sequence &&
      one.batchHash === batch.batchHash &&
      one.cdrRoot === batch.cdrRoot,
  );
