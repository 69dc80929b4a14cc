import { hexToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { resolveCurveFn } from '@road-labs/ocmf-crypto-noble';
import { base32nopad, base64nopad } from '@scure/base';
import { fromBytes, type Hex } from './Hex.ts';
import { type MeterCurve, meterCurves } from './MeterCurve.ts';

/** A meter's key as SPKI DER (RFC 5480), its point uncompressed. */
export interface MeterPublicKey {
  readonly spki: Hex;
  readonly curve: MeterCurve;
}

/** Why a text is no meter key, in order of precedence. */
export type MeterKeyRefusal =
  /** Nothing, or nothing but blanks. */
  | 'no-key'
  /** Words, an EVSE-ID, a serial number: neither hex nor base64 nor base32. */
  | 'not-an-encoding'
  /** An ECDSA signature was given in the key's place. */
  | 'is-a-signature'
  /** Another number of bytes than a key has: cut off, or two keys in one. */
  | 'wrong-length'
  /** An SPKI of a curve that OCMF does not know, or damaged. */
  | 'unknown-curve'
  /** A point that lies on none of the curves: a digit was mistyped. */
  | 'not-on-curve';

/**
 * Reads a meter's public key in the spellings that registers hold: SPKI (RFC 5480) or the bare point,
 * with or without its leading 04, or compressed; in hex, base64 or base32; with blanks, quotes, line
 * breaks, `0x`, lost padding. A bare point's curve is the one that it lies on.
 */
export function parseMeterPublicKey(text: unknown): Result<MeterPublicKey, MeterKeyRefusal> {
  if (typeof text !== 'string' || text.trim() === '') return refuse('no-key', 'there is no key');
  const bytes = decode(text.slice(0, 2_000));
  if (bytes === undefined) return refuse('not-an-encoding', 'the key is neither hex nor base64 nor base32');
  const hex = fromBytes(bytes).slice(2);
  if (/^30..02[12]/.test(hex) && bytes.length <= 72)
    return refuse('is-a-signature', 'this is an ECDSA signature, not a key');
  return hex.startsWith('30') && hex.includes('06072a8648ce3d0201') ? readSpki(hex) : readPoint(bytes);
}

/** The bytes that the text spells. Hex wins over base32 over base64 where a text could be several. */
function decode(text: string): Uint8Array | undefined {
  const plain = text.replace(/[\s"':\-\u200b\ufeff]/g, '').replace(/^0x/i, '');
  try {
    if (/^(?:[0-9a-f]{2})+$/i.test(plain)) return hexToBytes(plain);
    const unpadded = plain.replace(/=+$/, '');
    // Forty characters are a compressed 192-bit point in base32 (some registers lost its case on the way);
    // no key has the 30 bytes that they would be in base64.
    if (/^[A-Z2-7]{40}$/i.test(unpadded)) return base32nopad.decode(unpadded.toUpperCase());
    if (/^[A-Za-z0-9+/]{60,}$/.test(unpadded)) return base64nopad.decode(unpadded);
  } catch {
    // A length that the encoding cannot have, or bits left over.
  }
  return undefined;
}

/** SEQUENCE { SEQUENCE { id-ecPublicKey, curve }, BIT STRING { point } } */
function readSpki(hex: string): Result<MeterPublicKey, MeterKeyRefusal> {
  const known = meterCurves.find(({ oid }) => hex.includes(`06072a8648ce3d0201${oid}03`));
  if (known === undefined) return refuse('unknown-curve', 'the SPKI names no curve that OCMF knows');
  const { curve, fieldBytes } = known;
  const uncompressed = spkiOf(curve, `04${'00'.repeat(2 * fieldBytes)}`);
  const head = uncompressed.slice(2, -4 * fieldBytes);
  if (hex.length + 2 !== uncompressed.length || !hex.startsWith(head))
    return refuse('wrong-length', `an SPKI of ${curve} has ${uncompressed.length / 2 - 1} bytes`);
  const point = hex.slice(head.length - 2);
  return isOnCurve(curve, point)
    ? accept({ curve, spki: `0x${hex}` })
    : refuse('not-on-curve', `the point does not lie on ${curve}`);
}

function readPoint(bytes: Uint8Array): Result<MeterPublicKey, MeterKeyRefusal> {
  const hex = fromBytes(bytes).slice(2);
  const isCompressed = bytes.length % 2 === 1 && /^0[23]/.test(hex);
  const fieldBytes = isCompressed
    ? bytes.length - 1
    : (bytes.length % 2 === 1 ? bytes.length - 1 : bytes.length) / 2;
  const candidates = meterCurves.filter((known) => known.fieldBytes === fieldBytes);
  if (candidates.length === 0 || (!isCompressed && bytes.length % 2 === 1 && !hex.startsWith('04')))
    return refuse('wrong-length', `no key and no point has these ${bytes.length} bytes`);
  for (const { curve } of candidates) {
    if (isCompressed) {
      const point = uncompress(curve, hex);
      if (point !== undefined) return accept({ curve, spki: spkiOf(curve, point) });
    } else {
      const point = bytes.length % 2 === 1 ? hex : `04${hex}`;
      if (isOnCurve(curve, point)) return accept({ curve, spki: spkiOf(curve, point) });
    }
  }
  return refuse('not-on-curve', 'the point lies on none of the curves that OCMF knows');
}

function isOnCurve(curve: MeterCurve, point: string): boolean {
  try {
    resolveCurveFn(curve).Point.fromHex(point).assertValidity();
    return true;
  } catch {
    return false;
  }
}

function uncompress(curve: MeterCurve, point: string): string | undefined {
  try {
    return resolveCurveFn(curve).Point.fromHex(point).toHex(false);
  } catch {
    return undefined;
  }
}

/** SPKI DER of a point `04…` given in hex. */
export function spkiOf(curve: MeterCurve, point: string): Hex {
  const { oid } = meterCurves.find((known) => known.curve === curve) as { oid: string };
  const algorithm = tlv('30', `06072a8648ce3d0201${oid}`);
  return `0x${tlv('30', algorithm + tlv('03', `00${point}`))}`;
}

function tlv(tag: string, content: string): string {
  const length = content.length / 2;
  return `${tag}${length < 0x80 ? '' : '81'}${length.toString(16).padStart(2, '0')}${content}`;
}
