import { utf8ToBytes } from '@noble/hashes/utils.js';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { TARIFF_BOUNDS } from '@p2p-power/tariff/Tariff';
import type { Hex } from './Hex.ts';
import { keyId } from './KeyId.ts';
import { isRecord, type ParseRefusal, type Signed, signedObject, type ValueOf } from './SignedObject.ts';
import type { Signer, Verifier } from './Signer.ts';
import { sha256 } from './sha256.ts';

/** Signed by a provider over the exact JSON text of the content: what energy costs, emits or strains the grid. */
export const SignalHead = signedObject('Signal', {
  providerId: 'text',
  issuerKeyId: 'bytes32',
  kind: ['price', 'carbon', 'grid'],
  /** Where it holds: a bidding zone (`AT`, `DE-LU`), a grid area, whatever name the provider gives it. */
  area: 'text',
  /** Epoch seconds: a signal of the same issuer, kind and area that was issued later takes its place. */
  issuedAt: 'uint',
  contentHash: 'bytes32',
});
export type SignalHead = ValueOf<typeof SignalHead.layout>;

/** How a signal travels: `contentJson` is hashed byte by byte as UTF-8, so nobody re-serialises it. */
export interface Signal {
  readonly head: Signed<SignalHead>;
  readonly contentJson: string;
}

/** How strained a grid is: green as usual, yellow soon, red now. */
export const gridStates = ['green', 'yellow', 'red'] as const;
export type GridState = (typeof gridStates)[number];

/** State of a grid in [from, to), epoch seconds. */
export interface GridSlot {
  readonly from: number;
  readonly to: number;
  readonly state: GridState;
  /** Most that one point of this grid may draw then, W; absent: as much as it can. */
  readonly limitW?: number;
}

/**
 * What a signal says. Item i of a row covers the quarter-hour from `firstAt` + 900 i, `firstAt` a multiple
 * of 900 (epoch seconds); `null` where it is not known. `indexMicro` is the market's price per kWh before tax,
 * micro-units, and may be negative. Grid slots are in order and do not overlap.
 */
export type SignalContent =
  | {
      readonly kind: 'price';
      /** ISO 4217. */
      readonly currency: string;
      readonly firstAt: number;
      readonly indexMicro: readonly (number | null)[];
    }
  | {
      readonly kind: 'carbon';
      readonly firstAt: number;
      readonly gramsPerKwh: readonly (number | null)[];
    }
  | { readonly kind: 'grid'; readonly slots: readonly GridSlot[] };

/** Most quarter-hours or grid slots in one signal: four days. */
export const maxSignalSlots = 400;
/** Longest text of a signal's content, in characters. */
export const maxSignalLength = 65_536;
/** Highest price either way, micro-units per kWh: as high as a tariff's. */
export const maxIndexMicro: number = TARIFF_BOUNDS.priceUnits * 1_000_000;
const maxGramsPerKwh = 10_000;
const maxLimitW = 10_000_000;
const quarterS = 900;

/** Why a signal is refused, in order of precedence. */
export type SignalRefusal =
  | ParseRefusal
  | 'wrong-issuer'
  | 'content-mismatch'
  | 'bad-content'
  | 'bad-signature';

export const signalContentHash = (contentJson: string): Hex => sha256(utf8ToBytes(contentJson));

const isWhole = (value: unknown, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
const isTime = (value: unknown): value is number => isWhole(value, 1, 253_402_300_799);

function isRow(
  firstAt: unknown,
  row: unknown,
  least: number,
  most: number,
): row is readonly (number | null)[] {
  return (
    isTime(firstAt) &&
    firstAt % quarterS === 0 &&
    Array.isArray(row) &&
    row.length <= maxSignalSlots &&
    row.every((item) => item === null || isWhole(item, least, most))
  );
}

function isGridSlot(value: unknown): value is GridSlot {
  return (
    isRecord(value) &&
    isTime(value.from) &&
    isTime(value.to) &&
    value.from < value.to &&
    (gridStates as readonly unknown[]).includes(value.state) &&
    (value.limitW === undefined || isWhole(value.limitW, 0, maxLimitW))
  );
}

/** The content of a signal out of untrusted JSON; undefined where it is none. Fields not known here are left out. */
export function parseSignalContent(json: unknown): SignalContent | undefined {
  if (!isRecord(json)) return undefined;
  const { kind, currency, firstAt, indexMicro, gramsPerKwh, slots } = json;
  if (kind === 'price') {
    const isCurrency = typeof currency === 'string' && /^[A-Z]{3}$/.test(currency);
    return isCurrency && isRow(firstAt, indexMicro, -maxIndexMicro, maxIndexMicro)
      ? { kind, currency, firstAt: firstAt as number, indexMicro }
      : undefined;
  }
  if (kind === 'carbon')
    return isRow(firstAt, gramsPerKwh, 0, maxGramsPerKwh)
      ? { kind, firstAt: firstAt as number, gramsPerKwh }
      : undefined;
  if (kind !== 'grid' || !Array.isArray(slots) || slots.length > maxSignalSlots || !slots.every(isGridSlot))
    return undefined;
  const isInOrder = slots.every((slot, index) => index === 0 || (slots[index - 1]?.to ?? 0) <= slot.from);
  return isInOrder
    ? {
        kind,
        slots: slots.map(({ from, to, state, limitW }) => ({
          from,
          to,
          state,
          ...(limitW !== undefined && { limitW }),
        })),
      }
    : undefined;
}

/** Signs a content; kind and hash of the head follow from it. Throws a `RangeError` on content that nobody would open. */
export async function signSignal(
  networkId: Hex,
  head: Omit<SignalHead, 'kind' | 'contentHash'>,
  content: SignalContent,
  signer: Signer,
): Promise<Signal> {
  const sound = parseSignalContent(content);
  if (sound === undefined) throw new RangeError('not a sound signal');
  const contentJson = JSON.stringify(sound);
  const value = { ...head, kind: sound.kind, contentHash: signalContentHash(contentJson) };
  return { head: await SignalHead.sign(networkId, value, signer), contentJson };
}

/** The content of a signal that a key of `issuerId` signed, with the signal's id; anything else is refused. */
export async function openSignal(
  json: unknown,
  expected: { readonly networkId: Hex; readonly issuerId: string; readonly issuerKeys: readonly Hex[] },
  verifier: Verifier,
): Promise<
  Result<{ readonly id: Hex; readonly head: SignalHead; readonly content: SignalContent }, SignalRefusal>
> {
  if (!isRecord(json) || typeof json.contentJson !== 'string')
    return refuse('not-an-object', 'a signal has a signed head and the text of its content');
  const head = SignalHead.parseSigned(json.head);
  if (!head.ok) return head;
  const { value } = head.value;
  const issuerKey = expected.issuerKeys.find((key) => keyId(key) === value.issuerKeyId);
  if (value.providerId !== expected.issuerId || issuerKey === undefined)
    return refuse('wrong-issuer', `the signal is not of ${expected.issuerId}, or its key is unknown`);
  if (signalContentHash(json.contentJson) !== value.contentHash)
    return refuse('content-mismatch', 'the content is not the one whose hash was signed');
  const content = readContent(json.contentJson);
  if (content?.kind !== value.kind)
    return refuse('bad-content', `the content is no ${value.kind} signal in order`);
  if (!(await SignalHead.verify(expected.networkId, head.value, issuerKey, verifier)))
    return refuse('bad-signature', 'the signature is not of the issuer');
  return accept({ id: SignalHead.id(expected.networkId, value), head: value, content });
}

function readContent(contentJson: string): SignalContent | undefined {
  if (contentJson.length > maxSignalLength) return undefined;
  try {
    return parseSignalContent(JSON.parse(contentJson));
  } catch {
    return undefined;
  }
}
