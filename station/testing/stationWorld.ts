import crypto from 'node:crypto';
import { Authorization } from '@p2p-power/protocol/Authorization';
import {
  type CourierKey,
  type CourierKeyJson,
  generateCourierKey,
  openCourierKey,
} from '@p2p-power/protocol/CourierKey';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import type { Conditions, LinkAnswer, LinkRequest } from '@p2p-power/protocol/LocalLink';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { type Signal, type SignalContent, signSignal } from '@p2p-power/protocol/Signal';
import type { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { StopRequest } from '@p2p-power/protocol/StopRequest';
import {
  type TrustContent,
  type TrustList,
  TrustListHead,
  trustContentHash,
} from '@p2p-power/protocol/TrustList';
import {
  bytes32,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  plainTariff,
  type TestDriver,
  type TestProvider,
  type TestStation,
  trustIn,
} from '@p2p-power/protocol/testing/world';
import { verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { memoryJournalStore } from '../memoryJournalStore.ts';
import type { Clock, JournalStore, Random } from '../Ports.ts';
import type { Provision } from '../Provision.ts';
import { openStation, type Station, type StationParts } from '../Station.ts';
import type { StationOptions } from '../StationOptions.ts';
import type { CarModel } from '../simulated/SimulatedCar.ts';
import { volatileMeterMemory } from '../simulated/SimulatedMeter.ts';
import { type SimulatedPoint, simulatedPoint } from '../simulated/SimulatedPoint.ts';
import { type AuthorizeRequest, signAuthorization } from './signAuthorization.ts';

/** A clock that stands until it is told to go on. */
export interface VirtualClock extends Clock {
  advanceMs(ms: number): void;
  /** The time of day is set to another, as a person or a time server may do; no time passes by it. */
  setBack(seconds: number): void;
}

export function virtualClock(startS = dawn): VirtualClock {
  let ms = startS * 1000;
  let backS = 0;
  return {
    nowS: () => Math.floor(ms / 1000) - backS,
    setBack(seconds) {
      backS += seconds;
    },
    monotonicMs: () => ms,
    advanceMs(by) {
      ms += by;
    },
  };
}

/** Bytes that follow from a name, each call others. */
export function namedRandom(name: string): Random {
  let count = 0;
  return {
    bytes(length) {
      count += 1;
      return new Uint8Array(crypto.hash('sha512', `${name} ${count}`, 'buffer').subarray(0, length));
    },
  };
}

export const verifier = nodeCryptoVerifier(crypto);

let courierKeys: Promise<CourierKeyJson> | undefined;
const courierKey = (): Promise<CourierKeyJson> => {
  courierKeys ??= generateCourierKey();
  return courierKeys;
};

/** The key that the station provider's segments open with. */
export async function openTestCourierKey(): Promise<CourierKey> {
  const opened = await openCourierKey(await courierKey());
  if (!opened.ok) throw new Error(opened.refusal);
  return opened.value;
}

export async function signTrustList(
  issuer: TestProvider,
  issuedAt: number,
  content: TrustContent,
): Promise<TrustList> {
  const contentJson = JSON.stringify(content);
  const { providerId, issuerKeyId } = issuer;
  const head = { providerId, issuerKeyId, issuedAt, contentHash: trustContentHash(contentJson) };
  return { head: await TrustListHead.sign(networkId, head, issuer.key), contentJson };
}

/** A signal of a provider, signed. */
export const signTestSignal = (
  { providerId, issuerKeyId, key }: TestProvider,
  content: SignalContent,
  issuedAt: number,
  area = 'DE-LU',
): Promise<Signal> => signSignal(networkId, { providerId, issuerKeyId, area, issuedAt }, content, key);

/** Prices of an index by the hour from an instant on, in cents. */
export const hourlyIndex = (firstAt: number, ...cents: readonly (number | null)[]): SignalContent => ({
  kind: 'price',
  currency: 'EUR',
  firstAt,
  indexMicro: cents.flatMap((one) => Array.from({ length: 4 }, () => one && one * 10_000)),
});

/** The index itself up to 39 cents, for six hours; without it 39 cents. */
export const testTerms: DynamicTerms = {
  area: 'DE-LU',
  factorPerMille: 1_000,
  marginMicro: 0,
  floorMicro: 0,
  capMicro: 390_000,
  fallbackMicro: 390_000,
  maxAgeS: 6 * 3_600,
};

export const trusted = ({ providerId, key }: TestProvider, retiredAt = 0) => ({
  providerId,
  name: providerId,
  keys: [{ publicKey: key.publicKey, addedAt: 0, retiredAt }],
});

export interface WorldOptions {
  readonly tariff?: Tariff;
  readonly car?: Partial<CarModel>;
  readonly isPlugged?: boolean;
  readonly speed?: number;
  readonly options?: Partial<StationOptions>;
  readonly store?: JournalStore;
  readonly maxPowerW?: number;
  readonly stationCertificate?: Partial<StationCertificate>;
  /** What else the provision says. */
  readonly provision?: Partial<Provision>;
  /** Whether the station has a way to take energy from the car. */
  readonly takesEnergy?: boolean;
}

/** A garage station of DEBBB, and Anna of DEAAA before it. Time moves by {@link StationWorld.run} only. */
export interface StationWorld {
  readonly clock: VirtualClock;
  readonly point: SimulatedPoint;
  readonly store: JournalStore;
  readonly provision: Provision;
  readonly parts: StationParts;
  readonly driver: TestDriver;
  readonly station: () => Station;
  readonly testStation: TestStation;
  readonly ownProvider: TestProvider;
  readonly driverProvider: TestProvider;
  /** Ticks every `stepMs` for `seconds`. */
  run(seconds: number, stepMs?: number): Promise<void>;
  /** The controller is gone without a word; the contactor falls. A new one opens on the same journal and meter. */
  crash(outageS?: number): Promise<void>;
  ask(request: LinkRequest): Promise<LinkAnswer>;
  hello(): Promise<Conditions>;
  /** A signed request on a new offer, or on those of `conditions`. */
  authorization(
    changes?: Partial<Authorization>,
    driver?: TestDriver,
    conditions?: Conditions,
  ): Promise<AuthorizeRequest>;
  /** Authorizes, expects `started`, answers the authorization's id. */
  start(changes?: Partial<Authorization>): Promise<Hex>;
  stopRequest(authorizationId: Hex): Promise<LinkRequest>;
  stop(authorizationId: Hex): Promise<LinkAnswer>;
  receipt(authorizationId: Hex): Promise<Evidence>;
}

export const authorizationIdOf = (request: AuthorizeRequest): Hex =>
  Authorization.id(networkId, request.authorization.value);

/** A provision for a test station, with a trust list that knows both providers. */
export async function makeProvision(
  ownProvider: TestProvider,
  testStation: TestStation,
  trustedProviders: readonly TestProvider[],
  changes: Partial<Provision> = {},
): Promise<Provision> {
  const { publicKey } = await courierKey();
  return {
    networkId,
    certificate: testStation.certificate,
    trustList: await signTrustList(ownProvider, dawn - 3_600, {
      providers: trustedProviders.map((provider) => trusted(provider)),
      revocations: [],
    }),
    tariff: plainTariff,
    timeZone: 'Europe/Berlin',
    maxPowerW: 11_000,
    currency: 'EUR',
    issuerKeys: [ownProvider.key.publicKey],
    courierKey: { publicKey, keyId: keyId(publicKey) },
    ...changes,
  };
}

export async function makeStationWorld(options: WorldOptions = {}): Promise<StationWorld> {
  const clock = virtualClock();
  const driverProvider = makeProvider('DEAAA');
  const ownProvider = makeProvider('DEBBB');
  const driver = await makeDriver(driverProvider);
  const testStation = await makeStation(ownProvider, 'Garage', options.stationCertificate);
  const point = simulatedPoint(
    {
      clock,
      meterSigner: testStation.meterKey,
      meterPublicKey: testStation.meterPublicKey,
      meterMemory: volatileMeterMemory(),
    },
    {
      car: options.car ?? {},
      speed: options.speed ?? 1,
      isPlugged: options.isPlugged ?? true,
    },
  );
  const store = options.store ?? memoryJournalStore();
  const provision = await makeProvision(ownProvider, testStation, [driverProvider, ownProvider], {
    ...(options.tariff && { tariff: options.tariff }),
    ...(options.maxPowerW && { maxPowerW: options.maxPowerW }),
    ...options.provision,
  });
  const parts: StationParts = {
    clock,
    random: namedRandom('station'),
    store,
    meter: point.meter,
    contactor: point.contactor,
    pilot: point.pilot,
    ...(options.takesEnergy && { battery: point.battery }),
    signer: testStation.key,
    verifier,
  };
  const stationOptions = { tickMs: 1_000, ...options.options };
  let station = await openStation(parts, provision, stationOptions);
  let nonce = 0;

  const world: StationWorld = {
    clock,
    point,
    store,
    provision,
    parts,
    driver,
    testStation,
    ownProvider,
    driverProvider,
    station: () => station,
    async run(seconds, stepMs = 1_000) {
      for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
        clock.advanceMs(stepMs);
        await station.tick();
      }
    },
    async crash(outageS = 0) {
      point.act('power-cut');
      clock.advanceMs(outageS * 1000);
      point.act('power-return');
      station = await openStation(parts, provision, stationOptions);
    },
    ask: (request) => station.answer(request),
    async hello() {
      const answer = await station.answer({ type: 'hello', version: 1 });
      if (answer.type !== 'conditions') throw new Error(JSON.stringify(answer));
      return answer;
    },
    async authorization(changes = {}, who = driver, given) {
      const conditions = given ?? (await world.hello());
      nonce += 1;
      const stated = { signedAt: clock.nowS(), nonce: bytes32(`nonce ${nonce}`), ...changes };
      return signAuthorization(conditions, who, stated);
    },
    async start(changes = {}) {
      const answer = await station.answer(await world.authorization(changes));
      if (answer.type !== 'started') throw new Error(JSON.stringify(answer));
      return answer.authorizationId;
    },
    async stopRequest(authorizationId) {
      const value = { authorizationId, signedAt: clock.nowS() };
      return { type: 'stop', request: await StopRequest.sign(networkId, value, driver.key) };
    },
    stop: async (authorizationId) => station.answer(await world.stopRequest(authorizationId)),
    async receipt(authorizationId) {
      const answer = await station.answer({ type: 'receipt', authorizationId });
      if (answer.type !== 'receipt') throw new Error(JSON.stringify(answer));
      await expectGenuine(answer.evidence);
      return answer.evidence;
    },
  };
  return world;
}

/** Throws unless the one judge finds the evidence good. */
export async function expectGenuine(evidence: Evidence): Promise<void> {
  const trust = trustIn(makeProvider('DEAAA'), makeProvider('DEBBB'));
  const verdict = await verifyEvidence(evidence, trust, verifier);
  if (!verdict.ok) throw new Error(`evidence refused: ${verdict.refusal}: ${verdict.detail}`);
}
