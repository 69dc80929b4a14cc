import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { callProvider, urlAt } from './httpBackend.ts';
import { type Provision, parseProvision } from './Provision.ts';
import type { StationParts } from './Station.ts';
import { signRequest } from './signRequest.ts';
import type { Standing } from './standingTeller.ts';
import { writeFileDurably } from './writeFileDurably.ts';

/** What a provider must know of a station to certify it. */
export interface Enrolment {
  readonly evseId: string;
  /** x‖y. */
  readonly publicKey: Hex;
  /** SPKI DER. */
  readonly meterPublicKey: Hex;
  readonly hardwareModel: string;
  readonly linkUrl?: string;
}

/** The station has no provision yet and cannot get one by itself; the message says what a person does. */
export class NotEnrolled extends Error {
  readonly enrolment: Enrolment;

  constructor(enrolment: Enrolment, provisionFile: string) {
    super(
      `Station ${enrolment.evseId} is not enrolled. Have its provider certify these keys ` +
        `(POST /admin/points/${enrolment.evseId}/station-certificates) and put the answer into ${provisionFile}, ` +
        `or set "enrol" in the configuration.\n` +
        `  publicKey      ${enrolment.publicKey}\n` +
        `  meterPublicKey ${enrolment.meterPublicKey}`,
    );
    this.name = 'NotEnrolled';
    this.enrolment = enrolment;
  }
}

/**
 * The provision in `folder/provision.json`; without one, what the provider answers to the enrolment,
 * which is then kept there. Throws NotEnrolled, BackendFault, or an Error where the file is no provision.
 */
export async function openProvision(
  folder: string,
  enrolment: Enrolment,
  provider: { readonly providerUrl: string; readonly staffToken: string } | undefined,
): Promise<Provision> {
  const path = join(folder, 'provision.json');
  if (existsSync(path)) return readProvision(readFileSync(path, 'utf8'), path);
  if (provider === undefined) throw new NotEnrolled(enrolment, path);
  const { providerUrl, staffToken } = provider;
  const provision = await askProvision(enrolment, providerUrl, async () => ({
    authorization: `Bearer ${staffToken}`,
  }));
  keepProvision(folder, provision);
  return provision;
}

/**
 * What the provider has for a certified station now: its certificate, renewed where it is due, tariff,
 * keys and trust list. The station asks in its own name: it signs the request with the certified key.
 * Throws BackendFault where there is no way or the provider refuses.
 */
export function renewProvision(
  enrolment: Enrolment,
  providerUrl: string,
  { signer, clock, random }: Pick<StationParts, 'signer' | 'clock' | 'random'>,
): Promise<Provision> {
  return askProvision(enrolment, providerUrl, (request) =>
    signRequest(request, signer, clock.nowS(), fromBytes(random.bytes(16))),
  );
}

/** Tells the provider how the station stands, signed with the certified key. Throws BackendFault. */
export async function tellStanding(
  evseId: string,
  standing: Standing,
  providerUrl: string,
  { signer, clock, random }: Pick<StationParts, 'signer' | 'clock' | 'random'>,
): Promise<void> {
  const path = `/points/${encodeURIComponent(evseId)}/standing`;
  const request = { url: urlAt(providerUrl, path), method: 'POST', body: JSON.stringify(standing) };
  const signed = await signRequest(request, signer, clock.nowS(), fromBytes(random.bytes(16)));
  const headers = { 'content-type': 'application/json', ...signed };
  await callProvider(providerUrl, path, 20_000, { method: request.method, headers, body: request.body });
}

async function askProvision(
  { evseId, ...station }: Enrolment,
  providerUrl: string,
  authorize: (request: {
    readonly url: string;
    readonly method: string;
    readonly body: string;
  }) => Promise<Readonly<Record<string, string>>>,
): Promise<Provision> {
  const path = `/admin/points/${encodeURIComponent(evseId)}/station-certificates`;
  const method = 'POST';
  const body = JSON.stringify(station);
  const headers = {
    'content-type': 'application/json',
    ...(await authorize({ url: urlAt(providerUrl, path), method, body })),
  };
  const answer = await callProvider(providerUrl, path, 20_000, { method, headers, body });
  const text = JSON.stringify(await withNetworkId(answer, providerUrl));
  return readProvision(text, 'the provider’s answer');
}

export function keepProvision(folder: string, provision: Provision): void {
  writeFileDurably(join(folder, 'provision.json'), `${JSON.stringify(provision, null, 2)}\n`, 0o600);
}

/** A provider that does not state the network in its answer states it at `GET /provider`. */
async function withNetworkId(answer: unknown, providerUrl: string): Promise<unknown> {
  if (!isRecord(answer) || answer.networkId !== undefined) return answer;
  const provider = await callProvider(providerUrl, '/provider', 20_000);
  return { ...answer, networkId: isRecord(provider) ? provider.networkId : undefined };
}

function readProvision(text: string, where: string): Provision {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Error(`The provision in ${where} is not JSON.`, { cause });
  }
  const parsed = parseProvision(json);
  if (!parsed.ok) throw new Error(`The provision in ${where} is refused: ${parsed.detail}.`);
  return parsed.value;
}
