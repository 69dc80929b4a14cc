import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { Acknowledgement } from './Acknowledgement.ts';
import { Authorization } from './Authorization.ts';
import { DriverCertificate } from './DriverCertificate.ts';
import { isHex } from './Hex.ts';
import type { LinkAnswer, LinkRequest } from './LocalLink.ts';
import { Offer } from './Offer.ts';
import { parseOfferedPrices } from './OfferedPrices.ts';
import { parseEvidence } from './parseEvidence.ts';
import { parsePlainTariff } from './parsePlainTariff.ts';
import { maxSegmentCount, parseSegment } from './Segment.ts';
import { isRecord } from './SignedObject.ts';
import { StationCertificate } from './StationCertificate.ts';
import { StopRequest } from './StopRequest.ts';
import type { TrustList } from './TrustList.ts';

/** Longest message on the local link, in characters. */
export const maxLinkMessageLength = 8 * 1024 * 1024;

/** Why a message is refused, in order of precedence. */
export const linkParseRefusals = [
  /** Longer than {@link maxLinkMessageLength}. */
  'message-too-long',
  /** No JSON object. */
  'not-a-message',
  /** A `type` that this version does not know. */
  'unknown-message',
  /** Another version of the protocol. */
  'unknown-version',
  /** A field is missing or malformed, or one more is there. */
  'malformed-message',
] as const;
export type LinkParseRefusal = (typeof linkParseRefusals)[number];

type Parsed<Value> = Result<Value, string>;
type Fields = Readonly<Record<string, (value: unknown) => Parsed<unknown>>>;

const is =
  (words: string, check: (value: unknown) => boolean) =>
  (value: unknown): Parsed<unknown> =>
    check(value) ? accept(value) : refuse('malformed', `is not ${words}`);
const id = is('32 bytes of lower-case hex', (value) => isHex(value, 32));
const count = is('a count', (value) => Number.isSafeInteger(value) && (value as number) >= 0);
/** Signed, because a car may give back. */
const power = is('a whole number', (value) => Number.isSafeInteger(value));
const flag = is('true or false', (value) => typeof value === 'boolean');
const words = is(
  'a text of at most 500 characters',
  (value) => typeof value === 'string' && value.length <= 500,
);
const name = is('a name', (value) => typeof value === 'string' && /^[a-z0-9-]{1,60}$/.test(value));
const oneOf = (...names: readonly string[]) =>
  is(`one of ${names.join(', ')}`, (value) => typeof value === 'string' && names.includes(value));
const list =
  (most: number, parse: (value: unknown) => Parsed<unknown>) =>
  (value: unknown): Parsed<unknown> => {
    if (!Array.isArray(value) || value.length > most)
      return refuse('malformed', `is not a list of at most ${most}`);
    const items: unknown[] = [];
    for (const item of value) {
      const parsed = parse(item);
      if (!parsed.ok) return parsed;
      items.push(parsed.value);
    }
    return accept(items);
  };
/** Only the outer form: `openTrustList`, `openProvisionUpdate` and `openSignal` judge it. */
const headed = is(
  'a signed head with its content',
  (value) =>
    isRecord(value) &&
    Object.keys(value).length === 2 &&
    isRecord(value.head) &&
    typeof (value as unknown as TrustList).contentJson === 'string',
);

/** More than the quarter-hours of a fortnight. */
const maxPlanned = 1_500;
/** One of each kind, with room for areas. */
const maxSignals = 8;
const planned = is(
  'a power from a time to a later one',
  (value) =>
    isRecord(value) &&
    Object.keys(value).length === 3 &&
    count(value.from).ok &&
    count(value.to).ok &&
    (value.from as number) < (value.to as number) &&
    power(value.powerW).ok,
);

const version = is('1', (value) => value === 1);

const requests: Readonly<Record<LinkRequest['type'], Fields>> = {
  hello: { version },
  authorize: {
    driverCertificate: DriverCertificate.parseSigned,
    authorization: Authorization.parseSigned,
  },
  status: { authorizationId: id },
  stop: { request: StopRequest.parseSigned },
  receipt: { authorizationId: id },
  collect: {},
  deliver: {
    acknowledgements: list(maxSegmentCount, Acknowledgement.parseSigned),
    'trustList?': headed,
    'provision?': headed,
  },
};

const answers: Readonly<Record<LinkAnswer['type'], Fields>> = {
  conditions: {
    version,
    networkId: id,
    stationCertificate: StationCertificate.parseSigned,
    offer: Offer.parseSigned,
    tariff: parsePlainTariff,
    'prices?': parseOfferedPrices,
    'signals?': list(maxSignals, headed),
    pilot: oneOf('A', 'B', 'C', 'E', 'F'),
    occupied: flag,
    stationTime: count,
    trustListIssuedAt: count,
    unacknowledged: count,
  },
  started: { authorizationId: id },
  session: {
    authorizationId: id,
    state: oneOf('waiting-for-car', 'charging', 'paused', 'parking', 'ended'),
    powerW: power,
    energyWh: count,
    amountMicro: count,
    startedAt: count,
    at: count,
    note: words,
    'plan?': list(maxPlanned, planned),
    'planReason?': words,
  },
  receipt: { evidence: parseEvidence },
  sealed: { segments: list(maxSegmentCount, parseSegment) },
  taken: { acknowledged: count, trustListIssuedAt: count, 'provisionRefusal?': name },
  refused: {
    refusal: name,
    words,
  },
};

/** A request out of the untrusted text (or JSON value) that a phone sent. */
export const parseLinkRequest = (message: unknown): Result<LinkRequest, LinkParseRefusal> =>
  parseMessage<LinkRequest>(message, requests);

/** An answer out of the untrusted text (or JSON value) that a station sent. */
export const parseLinkAnswer = (message: unknown): Result<LinkAnswer, LinkParseRefusal> =>
  parseMessage<LinkAnswer>(message, answers);

function parseMessage<Message extends { readonly type: string }>(
  message: unknown,
  kinds: Readonly<Record<string, Fields>>,
): Result<Message, LinkParseRefusal> {
  const json = typeof message === 'string' ? readText(message) : accept(message);
  if (!json.ok) return json;
  const record = json.value;
  if (!isRecord(record) || typeof record.type !== 'string')
    return refuse('not-a-message', 'a message is a JSON object with a type');
  const { type } = record;
  const fields = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (fields === undefined) return refuse('unknown-message', 'a message of this type is not known here');
  if ('version' in fields && record.version !== 1)
    return refuse('unknown-version', 'this station and app speak version 1');
  const read: Record<string, unknown> = { type };
  for (const [spelled, parse] of Object.entries(fields)) {
    const name = spelled.replace('?', '');
    if (record[name] === undefined && name !== spelled) continue;
    const parsed = parse(record[name]);
    if (!parsed.ok) return refuse('malformed-message', `${type}.${name}: ${parsed.detail}`);
    read[name] = parsed.value;
  }
  if (Object.keys(record).some((name) => !Object.hasOwn(read, name) && record[name] !== undefined))
    return refuse('malformed-message', `${type} has a field that is not known here`);
  return accept(read as unknown as Message);
}

function readText(text: string): Result<unknown, LinkParseRefusal> {
  if (text.length > maxLinkMessageLength)
    return refuse('message-too-long', `a message has at most ${maxLinkMessageLength} characters`);
  try {
    return accept(JSON.parse(text));
  } catch {
    return refuse('not-a-message', 'a message is JSON');
  }
}
