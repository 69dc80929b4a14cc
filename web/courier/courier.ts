import { Acknowledgement, type SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { Hex } from '@p2p-power/protocol/Hex';
import { ProvisionHead, type ProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import { parseSegment, type Segment } from '@p2p-power/protocol/Segment';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import type { Result } from '@p2p-power/tariff/Result';
import type { Link } from '../charge/Link.ts';
import type { Store } from '../store/Store.ts';

/**
 * The phone as a courier: it takes sealed records along from any station it talks to, hands them in
 * when there is internet, and brings the signed acknowledgement back when it comes by again. It can
 * read none of it, and carrying twice does no harm.
 */
export interface CourierStanding {
  /** Records handed in for others so far. */
  readonly carried: number;
  /** Records that wait for internet. */
  readonly waiting: number;
}

/** A provider's answer for one segment. */
export interface HandInResult {
  readonly segmentId: string;
  readonly acknowledgement?: unknown;
  /** What the provider has for the station; signed for it alone. */
  readonly provision?: unknown;
}

export interface HandInPort {
  /** Hands segments to the provider that they are sealed for. */
  handIn(providerId: string, segments: readonly Segment[]): Promise<Result<readonly HandInResult[], string>>;
}

/** Most segments kept at once: 200 of at most some hundred kilobytes. */
const maxWaiting = 200;

/** Who is at the other end, from its conditions. */
export interface ServedStation {
  readonly certificateId: Hex;
  /** Stays when the certificate is renewed. */
  readonly keyId: Hex;
  /** Epoch seconds: the age of what the station believes. */
  readonly trustListIssuedAt: number;
}

/** Takes along what the station has sealed, after bringing what was acknowledged, and newer trust. */
export async function serveStation(
  store: Store,
  link: Link,
  station: ServedStation,
  trustList?: TrustList,
): Promise<void> {
  const returns = [
    ...(await store.list(`courier/acknowledgement/${station.certificateId}/`)),
    ...(await store.list(`courier/acknowledgement/${station.keyId}/`)),
  ];
  const provisionKey = `courier/provision/${station.keyId}`;
  const provision = (await store.get(provisionKey)) as ProvisionUpdate | undefined;
  if (returns.length > 0 || provision !== undefined) {
    const acknowledgements = returns.map(([, value]) => value as SignedAcknowledgement);
    const request = { type: 'deliver', acknowledgements, ...(provision && { provision }) } as const;
    const taken = await link.ask(request, 'taken');
    if (taken.ok) for (const [key] of returns) await store.remove(key);
    if (taken.ok) await store.remove(provisionKey);
  }
  if (trustList !== undefined && trustList.head.value.issuedAt > station.trustListIssuedAt)
    await link.ask({ type: 'deliver', acknowledgements: [], trustList }, 'taken');
  const sealed = await link.ask({ type: 'collect' }, 'sealed');
  if (!sealed.ok) return;
  const waiting = (await store.list('courier/segment/')).length;
  for (const segment of sealed.value.segments.slice(0, Math.max(0, maxWaiting - waiting)))
    await store.put(`courier/segment/${segment.header.segmentId}`, segment);
}

/** Hands in all that waits; what a provider acknowledges is kept for its station and counted. */
export async function handInAll(store: Store, port: HandInPort): Promise<void> {
  const segments = await waitingSegments(store);
  const byProvider = Map.groupBy(segments, ({ header }) => header.providerId);
  for (const [providerId, ofProvider] of byProvider) {
    const answer = await port.handIn(providerId, ofProvider);
    if (!answer.ok) continue;
    for (const segment of ofProvider) {
      const result = answer.value.find(({ segmentId }) => segmentId === segment.header.segmentId);
      const acknowledgement = Acknowledgement.parseSigned(result?.acknowledgement);
      if (!acknowledgement.ok) continue;
      const { stationCertificateId, segmentId } = acknowledgement.value.value;
      // No provider disposes of a record that is sealed for another.
      if (segmentId !== segment.header.segmentId) continue;
      const provision = readProvision(result?.provision);
      const owner = provision?.head.value.stationKeyId ?? stationCertificateId;
      await store.put(`courier/acknowledgement/${owner}/${segmentId}`, acknowledgement.value);
      if (provision !== undefined) await store.put(`courier/provision/${owner}`, provision);
      await store.put('courier/carried', (await carriedSoFar(store)) + segment.header.count);
      await store.remove(`courier/segment/${segmentId}`);
    }
  }
}

/** Its outer form: the station alone judges what it says. */
function readProvision(json: unknown): ProvisionUpdate | undefined {
  if (!isRecord(json) || typeof json.contentJson !== 'string') return undefined;
  const head = ProvisionHead.parseSigned(json.head);
  return head.ok ? { head: head.value, contentJson: json.contentJson } : undefined;
}

const carriedSoFar = async (store: Store): Promise<number> =>
  Number((await store.get('courier/carried')) ?? 0);

export async function courierStanding(store: Store): Promise<CourierStanding> {
  const segments = await waitingSegments(store);
  return {
    carried: await carriedSoFar(store),
    waiting: segments.reduce((sum, { header }) => sum + header.count, 0),
  };
}

async function waitingSegments(store: Store): Promise<readonly Segment[]> {
  return (await store.list('courier/segment/')).flatMap(([, value]) => {
    const segment = parseSegment(value);
    return segment.ok ? [segment.value] : [];
  });
}
