import { createHash } from 'node:crypto';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { fromBytes, zeroHash } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { sealSegment } from '@p2p-power/protocol/Segment';
import { signSignal } from '@p2p-power/protocol/Signal';
import { networkId } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { seededKey } from './SeededKey.ts';
import type { SimulatedProvider } from './SimulatedProvider.ts';
import { type SimulatedStation, stationKeys } from './SimulatedStation.ts';
import { indexArea } from './tariffs.ts';
import type { World } from './World.ts';

/** Somebody means ill, or a device is broken: answers the line for the trace, nothing where there is no occasion. */
type Adversary = (world: World) => Promise<string | undefined>;

/** All that bad input at a station might change. */
const stationState = async (station: SimulatedStation): Promise<string> => {
  const { importWh } = await station.registers();
  return `${station.store.entries.at(-1)?.hash} ${station.point.contactor.isClosed()} ${importWh}`;
};

/** All that bad input at a provider might change, but what is kept of it with its reason. */
async function providerState({ db }: SimulatedProvider): Promise<string> {
  const { rows } = await sql<{ state: string }>`
    select concat_ws(' ',
      (select string_agg(concat(cdr_id, state, charge_sequence), ',' order by cdr_id) from charge),
      (select count(*) from ledger_line), (select count(*) from batch),
      (select count(*) from outbox), (select count(*) from revocation)) as state`.execute(db);
  return createHash('sha256')
    .update(rows[0]?.state ?? '')
    .digest('hex');
}

/** Says something bad to a station past the network, so that it surely arrives. */
export async function tellStation(
  world: World,
  station: SimulatedStation,
  name: string,
  expected: readonly string[],
  message: unknown,
): Promise<string | undefined> {
  const before = await stationState(station);
  const answer = await station.ask(message);
  if (answer === undefined) return undefined;
  const refusal = answer.type === 'refused' ? answer.refusal : undefined;
  world.badInputs.push({ name, expected, refusal, before, after: await stationState(station) });
  return `${name} at ${station.name}: ${refusal ?? answer.type}`;
}

async function tellProvider(
  world: World,
  provider: SimulatedProvider,
  name: string,
  expected: readonly string[],
  request: { readonly path: string; readonly body: unknown; readonly as?: string },
  // biome-ignore lint/suspicious/noExplicitAny: answers of all shapes
  refusalOf: (body: any) => string | undefined = (body) => body.refusal,
): Promise<string | undefined> {
  if (!provider.isRunning()) return undefined;
  provider.armCrash(Number.POSITIVE_INFINITY);
  const before = await providerState(provider);
  const { body } = await provider.call('POST', request.path, request);
  const refusal = refusalOf(body);
  world.badInputs.push({ name, expected, refusal, before, after: await providerState(provider) });
  return `${name} at ${provider.providerId}: ${refusal ?? 'taken'}`;
}

/** What comes first in the order of refusals where a station cannot tell, e.g. with a clock that is wrong. */
const trustRefusals = [
  'unknown-issuer-key',
  'certificate-not-yet-valid',
  'certificate-expired',
  'certificate-revoked',
  'trust-list-too-old',
];

const garbage: Adversary = async (world) => {
  const { random } = world;
  const station = random.pick(world.stations);
  const [name, message, expected] = random.pick([
    ['bytes', fromBytes(random.bytes(40)), ['not-a-message']],
    ['half a message', '{"type":"hel', ['not-a-message']],
    ['a message of no type', { type: 'open-sesame' }, ['unknown-message']],
    ['nothing', null, ['not-a-message']],
    ['an authorization of nothing', { type: 'authorize', authorization: [] }, ['malformed-message']],
    ['another version', { type: 'hello', version: 2 }, ['unknown-version']],
  ] as const);
  return tellStation(world, station, `garbage (${name})`, expected, message);
};

/** An authorization that was used already is sent again. */
const replay: Adversary = async (world) => {
  const used = world.phones.flatMap(({ charges }) => charges.filter(({ receipt }) => receipt !== undefined));
  if (used.length === 0) return undefined;
  const { station, request } = world.random.pick(used);
  return tellStation(world, station, 'a replayed authorization', ['authorization-replayed'], request);
};

/** A fresh authorization that is spoilt in one way. */
const spoilt: Adversary = async (world) => {
  const { random } = world;
  const phone = random.pick(world.phones.filter((one) => one.certificate() !== undefined));
  const [station, other] = random.shuffle(world.stations) as [SimulatedStation, SimulatedStation];
  const conditions = await station.ask({ type: 'hello', version: 1 });
  if (conditions?.type !== 'conditions') return undefined;
  const otherId = Authorization.id(networkId, (await phone.authorize(conditions)).authorization.value);
  const now = world.clock.nowS() + station.skewS();
  const [name, changes, expected, signer] = random.pick([
    [
      'a signature of somebody else',
      { signedAt: now },
      ['bad-authorization-signature'],
      seededKey('mallory'),
    ],
    [
      'a clock an hour ahead',
      { signedAt: now + 3_600 },
      ['offer-expired', 'clock-skew', 'certificate-expired'],
      phone.key,
    ],
    ['no bounds', { signedAt: now, maxAmountMicro: 0 }, ['zero-bounds'], phone.key],
    [
      'bounds above the certificate',
      { signedAt: now, maxEnergyWh: 900_000 },
      ['bounds-above-certificate'],
      phone.key,
    ],
    ['another station', { signedAt: now, stationCertificateId: otherId }, ['wrong-station'], phone.key],
    ['an offer nobody made', { signedAt: now, offerId: otherId }, ['offer-unknown'], phone.key],
    [
      'another certificate',
      { signedAt: now, driverCertificateId: otherId },
      ['certificate-mismatch'],
      phone.key,
    ],
  ] as const);
  const request = await phone.authorize(conditions, {}, changes, signer);
  const refusals = [...expected, ...trustRefusals];
  return tellStation(
    world,
    random.chance(90) ? station : other,
    `an authorization with ${name}`,
    [...refusals, 'offer-unknown', 'wrong-station'],
    request,
  );
};

/** A certificate that nobody issued, or whose text was changed. */
const forgedCertificate: Adversary = async (world) => {
  const { random } = world;
  const phone = random.pick(world.phones.filter((one) => one.certificate() !== undefined));
  const station = random.pick(world.stations);
  const conditions = await station.ask({ type: 'hello', version: 1 });
  const genuine = phone.certificate();
  if (conditions?.type !== 'conditions' || genuine === undefined) return undefined;
  const value = { ...genuine.value, maxAmountMicro: genuine.value.maxAmountMicro * 10 };
  const driverCertificate = random.chance(50)
    ? { value, signature: genuine.signature }
    : await DriverCertificate.sign(networkId, value, seededKey('mallory'));
  const driverCertificateId = DriverCertificate.id(networkId, value);
  const signedAt = world.clock.nowS() + station.skewS();
  const request = await phone.authorize(conditions, {}, { driverCertificateId, signedAt });
  return tellStation(
    world,
    station,
    'a forged certificate',
    ['bad-certificate-signature', 'unknown-issuer-key'],
    {
      ...request,
      driverCertificate,
    },
  );
};

/** Evidence of a charge that was made, out of somebody's phone. */
function someReceipt({
  random,
  phones,
}: World): { evidence: Evidence; station: SimulatedStation } | undefined {
  const found = phones.flatMap(({ charges }) =>
    charges.flatMap(({ receipt, station }) => (receipt ? [{ evidence: receipt, station }] : [])),
  );
  return found.length === 0 ? undefined : random.pick(found);
}

/** A record is changed, sealed and handed in: by whoever, or by a station whose key was stolen. */
const forgedRecord: Adversary = async (world) => {
  const found = someReceipt(world);
  if (found === undefined) return undefined;
  const { evidence, station } = found;
  const provider = world.provider(station.providerId);
  const { value } = evidence.cdr;
  const resign = (changes: Partial<ChargeDetailRecord>) =>
    ChargeDetailRecord.sign(networkId, { ...value, ...changes }, stationKeys(station.evseId).key);
  const bound = evidence.authorization.value.maxAmountMicro;
  const [name, forged, expected] = world.random.pick([
    [
      'a forged meter record',
      { ...evidence, meterRecord: evidence.meterRecord.replace('"RV":', '"RV":9') },
      ['meter-record-hash-mismatch'],
    ],
    [
      'a CDR that somebody changed',
      { ...evidence, cdr: { ...evidence.cdr, value: { ...value, chargeMicro: value.chargeMicro + 1 } } },
      ['bad-cdr-signature'],
    ],
    [
      'a CDR above the bound',
      { ...evidence, cdr: await resign({ chargeMicro: bound + 1 }) },
      ['charge-over-bound'],
    ],
    [
      'a CDR above the price',
      { ...evidence, cdr: await resign({ chargeMicro: value.chargeMicro + 1 }) },
      ['charge-mismatch', 'charge-over-bound'],
    ],
    [
      'a second CDR of one authorization',
      { ...evidence, cdr: await resign({ journalNumber: value.journalNumber + 7 }) },
      ['authorization-replayed'],
    ],
    [
      'readings that were changed',
      { ...evidence, readings: evidence.readings.slice(1) },
      ['readings-hash-mismatch', 'invalid-readings', 'too-few-readings'],
    ],
    ...forgedPrices(evidence),
  ] as const);
  // The true record first: a second one under its authorization is a replay only then.
  if (name.startsWith('a second')) {
    const { rows } =
      await sql`select from charge where cdr_id = ${ChargeDetailRecord.id(networkId, value)}`.execute(
        provider.db,
      );
    if (rows.length === 0) return undefined;
  }
  const segment = await sealSegment([forged as Evidence], {
    networkId,
    providerId: provider.providerId,
    recipientPublicKey: provider.identity.courierKey.publicKey,
  });
  return tellProvider(
    world,
    provider,
    name,
    expected,
    { path: '/hand-in', body: { segments: [segment] } },
    (body) => body.results?.[0]?.outcomes[0]?.refusal ?? body.results?.[0]?.refusal ?? body.refusal,
  );
};

/** The record with its prices raised, lowered or left out; one without any gets some. */
function forgedPrices(evidence: Evidence): readonly (readonly [string, Evidence, readonly string[]])[] {
  const { prices, ...without } = evidence;
  const free = { signalId: zeroHash, firstAt: 0, pricesMicro: [], otherwiseMicro: 0 };
  if (prices === undefined)
    return [['a record with prices that nobody offered', { ...evidence, prices: free }, ['prices-mismatch']]];
  const dearer = {
    ...prices,
    pricesMicro: prices.pricesMicro.map((priceMicro) => priceMicro + 1),
    otherwiseMicro: prices.otherwiseMicro + 1,
  };
  return [
    ['a record with dearer prices', { ...evidence, prices: dearer }, ['prices-mismatch']],
    ['a record with the prices of a gift', { ...evidence, prices: free }, ['prices-mismatch']],
    ['a record without its prices', without, ['unknown-prices']],
  ];
}

/** Somebody on the way to a station has prices for it: its provider never said so. */
const forgedSignal: Adversary = async (world) => {
  const { random, clock } = world;
  const dynamic = world.stations.filter(({ provision }) => provision.dynamic !== undefined);
  if (dynamic.length === 0) return undefined;
  const station = random.pick(dynamic);
  const provider = world.provider(station.providerId);
  const { publicKey } = provider.identity.certificateKey;
  const head = {
    providerId: station.providerId,
    issuerKeyId: keyId(publicKey),
    area: indexArea,
    issuedAt: clock.nowS() + station.skewS(),
  };
  const quarterHour = clock.nowS() - (clock.nowS() % 900);
  const content = { kind: 'price', currency: 'EUR', firstAt: quarterHour, indexMicro: [9_000_000] } as const;
  const mallory = seededKey('mallory');
  const [name, signal] = random.pick([
    ['a signal that mallory signed', await signSignal(networkId, head, content, mallory)],
    [
      'a signal by mallory’s own key',
      await signSignal(networkId, { ...head, issuerKeyId: keyId(mallory.publicKey) }, content, mallory),
    ],
    [
      'a signal of another area',
      await signSignal(networkId, { ...head, area: 'DE-LU' }, content, provider.identity.certificateKey),
    ],
    [
      'a signal of yesterday',
      await signSignal(networkId, { ...head, issuedAt: 1 }, content, provider.identity.certificateKey),
    ],
  ] as const);
  const held = () => JSON.stringify(station.status()?.signals);
  // Who has none takes an old one, and finds it too old to rely on.
  if (name === 'a signal of yesterday' && held() === '[]') return undefined;
  const [before, heldBefore] = [await stationState(station), held()];
  if (!(await station.takeSignals([signal]))) return undefined;
  const isTaken = held() !== heldBefore;
  world.badInputs.push({
    name,
    expected: ['left'],
    refusal: isTaken ? undefined : 'left',
    before,
    after: await stationState(station),
  });
  return `${name} at ${station.name}: ${isTaken ? 'taken' : 'left'}`;
};

/** Sealed records that were damaged, or are meant for somebody else. */
const brokenSegment: Adversary = async (world) => {
  const found = someReceipt(world);
  if (found === undefined) return undefined;
  const { evidence, station } = found;
  const provider = world.provider(station.providerId);
  const sealed = await sealSegment([evidence], {
    networkId,
    providerId: provider.providerId,
    recipientPublicKey: provider.identity.courierKey.publicKey,
  });
  const other = world.providers.find((one) => one !== provider)?.providerId ?? '';
  const flipped = sealed.ciphertext.startsWith('A')
    ? `B${sealed.ciphertext.slice(1)}`
    : `A${sealed.ciphertext.slice(1)}`;
  const [name, segment, expected] = world.random.pick([
    ['a damaged segment', { ...sealed, ciphertext: flipped }, ['segment-unreadable']],
    [
      'a segment whose count was changed',
      { ...sealed, header: { ...sealed.header, count: 2 } },
      ['segment-unreadable', 'segment-mismatch'],
    ],
    [
      'a segment for another provider',
      { ...sealed, header: { ...sealed.header, providerId: other } },
      ['segment-for-another-provider'],
    ],
    ['no segment', { hello: 'world' }, ['not-a-segment']],
  ] as const);
  return tellProvider(
    world,
    provider,
    name,
    expected,
    { path: '/hand-in', body: { segments: [segment] } },
    (body) => body.results?.[0]?.refusal ?? body.refusal,
  );
};

/** Somebody calls a provider who may not. */
const stranger: Adversary = async (world) => {
  const { random } = world;
  const provider = random.pick(world.providers);
  const [name, request, expected] = random.pick([
    [
      'evidence without a signature',
      { path: '/peer/evidence', body: { evidence: [{}] } },
      ['signature-missing'],
    ],
    ['a batch without a signature', { path: '/peer/batches', body: { batch: {} } }, ['signature-missing']],
    [
      'a driver as staff',
      { path: '/admin/periods/close', body: { periodEnd: 1 }, as: 'anna' },
      ['not-staff'],
    ],
    ['a driver as operator', { path: '/operator/claims', body: {}, as: 'anna' }, ['not-an-operator']],
    [
      'nobody asking for a certificate',
      { path: '/me/certificates', body: { publicKey: '0x' } },
      ['not-signed-in'],
    ],
    ['broken JSON', { path: '/hand-in', body: '{"segments":[' }, ['invalid-request']],
  ] as const);
  return tellProvider(world, provider, name, expected, request);
};

export const adversaries: readonly Adversary[] = [
  garbage,
  replay,
  spoilt,
  forgedCertificate,
  forgedRecord,
  brokenSegment,
  forgedSignal,
  stranger,
];
