import { hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { base64, utf8 } from '@scure/base';
import { type CourierKey, hpkeSuite } from './CourierKey.ts';
import type { Evidence } from './Evidence.ts';
import { type Hex, isHex } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { type EvidenceParseRefusal, parseEvidence, printEvidence } from './parseEvidence.ts';
import { isRecord } from './SignedObject.ts';
import { sha256 } from './sha256.ts';
import { isText } from './Word.ts';

/**
 * Sealed records on their way from a station to its provider, by the station itself or in a
 * stranger's phone: who carries it can read the header and nothing else.
 * HPKE (RFC 9180) base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-128-GCM; the header is
 * authenticated (aad); the plaintext is the JSON list of the segment's evidence.
 */
export interface Segment {
  readonly header: SegmentHeader;
  /** HPKE encapsulated key, base64. */
  readonly encapsulatedKey: string;
  /** base64. */
  readonly ciphertext: string;
}

export interface SegmentHeader {
  readonly version: 1;
  readonly networkId: Hex;
  /** Whom it is for, and with which of its HPKE keys it was sealed: SHA-256 of its x‖y. */
  readonly providerId: string;
  readonly recipientKeyId: Hex;
  /** SHA-256 of the plaintext: the same records sealed again are the same segment. */
  readonly segmentId: Hex;
  /** How many CDRs. */
  readonly count: number;
}

/** CDRs one segment may hold, and the bytes of its plaintext. */
export const maxSegmentCount = 500;
export const maxSegmentBytes = 4 * 1024 * 1024;

/** Why a segment is refused, in order of precedence. */
export const segmentRefusals = [
  /** It has not the form of a segment, or a field of another name. */
  'not-a-segment',
  /** More CDRs or bytes than a segment may hold, or none. */
  'segment-too-large',
  'segment-empty',
  'segment-of-another-network',
  'segment-for-another-provider',
  /** Sealed with a key that the provider does not have (any more). */
  'segment-key-unknown',
  /** It does not open: changed on the way, header or content. */
  'segment-unreadable',
  /** The plaintext is not the one that the header names, or not as many CDRs. */
  'segment-mismatch',
  /** The plaintext is not a list of JSON objects. */
  'segment-malformed',
] as const;
export type SegmentRefusal = (typeof segmentRefusals)[number];

/** One record of an opened segment: evidence, or why it has not the form of it. The others are not harmed. */
export type SegmentRecord = Result<Evidence, EvidenceParseRefusal>;

/** The segment id of these records: SHA-256 of their JSON. */
export function segmentId(evidences: readonly Evidence[]): Hex {
  return sha256(plaintextOf(evidences));
}

/**
 * Seals 1 to {@link maxSegmentCount} records for a provider. `recipientPublicKey` is its courier key,
 * x‖y. Randomness is the platform's (WebCrypto). Throws RangeError on more than a segment may hold:
 * split before.
 */
export async function sealSegment(
  evidences: readonly Evidence[],
  to: { readonly networkId: Hex; readonly providerId: string; readonly recipientPublicKey: Hex },
): Promise<Segment> {
  const plaintext = plaintextOf(evidences);
  if (evidences.length === 0 || evidences.length > maxSegmentCount || plaintext.length > maxSegmentBytes)
    throw new RangeError(`a segment holds 1 to ${maxSegmentCount} CDRs and ${maxSegmentBytes} bytes`);
  const header: SegmentHeader = {
    version: 1,
    networkId: to.networkId,
    providerId: to.providerId,
    recipientKeyId: keyId(to.recipientPublicKey),
    segmentId: sha256(plaintext),
    count: evidences.length,
  };
  const suite = hpkeSuite();
  const recipientPublicKey = await suite.kem.deserializePublicKey(
    hexToBytes(`04${to.recipientPublicKey.slice(2)}`),
  );
  const sealed = await suite.seal({ recipientPublicKey, info }, plaintext, aadOf(header));
  return {
    header,
    encapsulatedKey: base64.encode(new Uint8Array(sealed.enc)),
    ciphertext: base64.encode(new Uint8Array(sealed.ct)),
  };
}

/** The form of a segment out of untrusted JSON; its header is not yet to be believed. */
export function parseSegment(json: unknown): Result<Segment, SegmentRefusal> {
  if (!hasFields(json, ['header', 'encapsulatedKey', 'ciphertext']) || !hasFields(json.header, headerFields))
    return refuse('not-a-segment', 'a segment has header, encapsulatedKey and ciphertext');
  const { encapsulatedKey, ciphertext, header } = json;
  if (!isHeader(header)) return refuse('not-a-segment', 'the header of the segment is malformed');
  if (!isBase64(encapsulatedKey) || encapsulatedKey.length !== 88 || !isBase64(ciphertext))
    return refuse('not-a-segment', 'key and ciphertext of a segment are base64');
  if (header.count > maxSegmentCount || ciphertext.length > maxCiphertextLength)
    return refuse(
      'segment-too-large',
      `a segment holds ${maxSegmentCount} CDRs and ${maxSegmentBytes} bytes`,
    );
  if (header.count === 0) return refuse('segment-empty', 'a segment without CDRs');
  return accept({ header: copyHeader(header), encapsulatedKey, ciphertext });
}

/**
 * Opens a segment with those of the provider's keys that are still kept. Each record is parsed by
 * itself. Whoever knows the public key can seal: what it holds is as untrusted as before.
 */
export async function openSegment(
  segment: Segment,
  own: { readonly networkId: Hex; readonly providerId: string; readonly keys: readonly CourierKey[] },
): Promise<Result<readonly SegmentRecord[], SegmentRefusal>> {
  const opened = await openSegmentRecords(segment, own);
  return opened.ok ? accept(opened.value.map((record) => parseEvidence(record))) : opened;
}

/** {@link openSegment} without parsing: the records as they are, for who keeps also what is no evidence. */
export async function openSegmentRecords(
  segment: Segment,
  own: { readonly networkId: Hex; readonly providerId: string; readonly keys: readonly CourierKey[] },
): Promise<Result<readonly unknown[], SegmentRefusal>> {
  const { header } = segment;
  if (header.networkId !== own.networkId)
    return refuse('segment-of-another-network', 'sealed for another network');
  if (header.providerId !== own.providerId)
    return refuse('segment-for-another-provider', `sealed for ${header.providerId}`);
  const key = own.keys.find((candidate) => candidate.keyId === header.recipientKeyId);
  if (key === undefined) return refuse('segment-key-unknown', 'sealed with a key that is not kept here');
  let plaintext: Uint8Array;
  try {
    const enc = base64.decode(segment.encapsulatedKey);
    const ciphertext = base64.decode(segment.ciphertext);
    const params = { recipientKey: key.privateKey, enc, info };
    plaintext = new Uint8Array(await hpkeSuite().open(params, ciphertext, aadOf(header)));
  } catch {
    return refuse('segment-unreadable', 'the segment does not open: it was changed on the way');
  }
  if (sha256(plaintext) !== header.segmentId)
    return refuse('segment-mismatch', 'the records are not those of the header');
  const records = listOf(plaintext);
  if (records === undefined) return refuse('segment-malformed', 'the records are not a list of objects');
  if (records.length !== header.count)
    return refuse('segment-mismatch', `${records.length} records and not ${header.count}`);
  return accept(records);
}

const info = utf8ToBytes('p2p-power/1/Segment');
const maxCiphertextLength = 4 * Math.ceil((maxSegmentBytes + 16) / 3);
const headerFields = ['version', 'networkId', 'providerId', 'recipientKeyId', 'segmentId', 'count'] as const;

const plaintextOf = (evidences: readonly Evidence[]): Uint8Array =>
  utf8ToBytes(`[${evidences.map((evidence) => printEvidence(evidence)).join(',')}]`);

/** The header as it is authenticated: its fields as JSON in this order. */
const aadOf = (header: SegmentHeader): Uint8Array => utf8ToBytes(JSON.stringify(copyHeader(header)));

const copyHeader = ({
  version,
  networkId,
  providerId,
  recipientKeyId,
  segmentId: id,
  count,
}: SegmentHeader): SegmentHeader => ({
  version,
  networkId,
  providerId,
  recipientKeyId,
  segmentId: id,
  count,
});

function hasFields(value: unknown, names: readonly string[]): value is Record<string, unknown> {
  return (
    isRecord(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name))
  );
}

function isHeader(header: unknown): header is SegmentHeader {
  return (
    isRecord(header) &&
    header.version === 1 &&
    isHex(header.networkId, 32) &&
    isText(header.providerId) &&
    isHex(header.recipientKeyId, 32) &&
    isHex(header.segmentId, 32) &&
    Number.isSafeInteger(header.count) &&
    (header.count as number) >= 0
  );
}

/** Decoding is many times faster than a regular expression over megabytes; what is too long anyway is not decoded. */
function isBase64(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  if (value.length > maxCiphertextLength) return true;
  try {
    base64.decode(value);
    return true;
  } catch {
    return false;
  }
}

function listOf(plaintext: Uint8Array): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(utf8.encode(plaintext));
    return Array.isArray(list) && list.every(isRecord) ? list : undefined;
  } catch {
    return undefined;
  }
}
