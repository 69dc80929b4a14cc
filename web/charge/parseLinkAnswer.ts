import { isHex } from '@p2p-power/protocol/Hex';
import type { LinkAnswer, PilotState, SessionStatus } from '@p2p-power/protocol/LocalLink';
import { Offer } from '@p2p-power/protocol/Offer';
import { parseEvidence } from '@p2p-power/protocol/parseEvidence';
import { parsePlainTariff } from '@p2p-power/protocol/parsePlainTariff';
import type { Segment } from '@p2p-power/protocol/Segment';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';

/** Most segments that a phone takes in one go, and the longest of them, in characters. */
export const maxSegments = 100;
export const maxSegmentLength = 2_000_000;

type Parsed<Value> = Result<Value, 'malformed-answer'>;
const malformed = (detail: string) => refuse('malformed-answer', detail);

/** A station's answer out of untrusted JSON: its form only. A station may be broken or a fraud. */
export function parseLinkAnswer(json: unknown): Parsed<LinkAnswer> {
  if (!isRecord(json)) return malformed('not an object');
  switch (json.type) {
    case 'conditions':
      return parseConditions(json);
    case 'started':
      return isHex(json.authorizationId, 32)
        ? accept({ type: 'started', authorizationId: json.authorizationId })
        : malformed('started without authorization');
    case 'session':
      return parseStatus(json);
    case 'receipt': {
      const evidence = parseEvidence(json.evidence);
      return evidence.ok
        ? accept({ type: 'receipt', evidence: evidence.value })
        : malformed(`${evidence.refusal}: ${evidence.detail}`);
    }
    case 'sealed': {
      const { segments } = json;
      return Array.isArray(segments) && segments.length <= maxSegments && segments.every(isSegment)
        ? accept({ type: 'sealed', segments })
        : malformed('no list of segments');
    }
    case 'taken':
      return isCount(json.acknowledged) && isCount(json.trustListIssuedAt)
        ? accept({
            type: 'taken',
            acknowledged: json.acknowledged,
            trustListIssuedAt: json.trustListIssuedAt,
          })
        : malformed('taken without numbers');
    case 'refused':
      return isName(json.refusal) && typeof json.words === 'string'
        ? accept({ type: 'refused', refusal: json.refusal, words: json.words.slice(0, 400) })
        : malformed('refused without a name');
    default:
      return malformed('of no known type');
  }
}

const pilotStates: readonly unknown[] = ['A', 'B', 'C', 'E', 'F'];
const sessionStates: readonly unknown[] = ['waiting-for-car', 'charging', 'paused', 'parking', 'ended'];

function parseConditions(json: Readonly<Record<string, unknown>>): Parsed<LinkAnswer> {
  const stationCertificate = StationCertificate.parseSigned(json.stationCertificate);
  if (!stationCertificate.ok) return malformed(stationCertificate.detail);
  const offer = Offer.parseSigned(json.offer);
  if (!offer.ok) return malformed(offer.detail);
  const tariff = parsePlainTariff(json.tariff);
  if (!tariff.ok) return malformed(`tariff: ${tariff.detail}`);
  const { networkId, pilot, occupied, stationTime, trustListIssuedAt, unacknowledged } = json;
  if (
    json.version !== 1 ||
    !isHex(networkId, 32) ||
    !pilotStates.includes(pilot) ||
    typeof occupied !== 'boolean' ||
    !isCount(stationTime) ||
    !isCount(trustListIssuedAt) ||
    !isCount(unacknowledged)
  )
    return malformed('conditions with a wrong field');
  return accept({
    type: 'conditions',
    version: 1,
    networkId,
    stationCertificate: stationCertificate.value,
    offer: offer.value,
    tariff: tariff.value,
    pilot: pilot as PilotState,
    occupied,
    stationTime,
    trustListIssuedAt,
    unacknowledged,
  });
}

function parseStatus(json: Readonly<Record<string, unknown>>): Parsed<SessionStatus> {
  const { authorizationId, state, powerW, energyWh, amountMicro, startedAt, at, note } = json;
  if (
    !isHex(authorizationId, 32) ||
    !sessionStates.includes(state) ||
    !Number.isSafeInteger(powerW) ||
    !isCount(energyWh) ||
    !isCount(amountMicro) ||
    !isCount(startedAt) ||
    !isCount(at)
  )
    return malformed('session with a wrong field');
  return accept({
    type: 'session',
    authorizationId,
    state: state as SessionStatus['state'],
    powerW: powerW as number,
    energyWh,
    amountMicro,
    startedAt,
    at,
    note: typeof note === 'string' ? note.slice(0, 400) : '',
  });
}

/** Whether it has the form of a sealed segment: what is in it only its provider can know. */
export function isSegment(value: unknown): value is Segment {
  if (!isRecord(value) || !isRecord(value.header)) return false;
  const { header, encapsulatedKey, ciphertext } = value;
  return (
    header.version === 1 &&
    isHex(header.networkId, 32) &&
    typeof header.providerId === 'string' &&
    isHex(header.recipientKeyId, 32) &&
    isHex(header.segmentId, 32) &&
    isCount(header.count) &&
    typeof encapsulatedKey === 'string' &&
    encapsulatedKey.length < 1_000 &&
    typeof ciphertext === 'string' &&
    ciphertext.length < maxSegmentLength
  );
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value);
