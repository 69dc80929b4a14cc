import type { SharedPower } from '@p2p-power/planning/Lease';
import type { PhasePower } from '@p2p-power/planning/SitePlan';
import {
  bytes32,
  makeDriver,
  makeProvider,
  makeStation,
  type TestStation,
} from '@p2p-power/protocol/testing/world';
import { memoryJournalStore } from '../memoryJournalStore.ts';
import type { Clock, Log } from '../Ports.ts';
import { openStation, type Station, type StationParts } from '../Station.ts';
import { volatileMeterMemory } from '../simulated/SimulatedMeter.ts';
import { type SimulatedPoint, simulatedPoint } from '../simulated/SimulatedPoint.ts';
import { openSite, type Site } from '../site/Site.ts';
import type { SiteConfig, SiteMember } from '../site/SiteConfig.ts';
import type { SiteMessage } from '../site/SiteMessage.ts';
import type { SiteMemory, SiteStore } from '../site/siteStore.ts';
import { signAuthorization } from './signAuthorization.ts';
import { makeProvision, namedRandom, verifier, virtualClock } from './stationWorld.ts';

/** One of the points of a garage: a real station with its real part in the site. */
export interface GaragePoint {
  readonly id: string;
  readonly point: SimulatedPoint;
  station(): Station;
  site(): Site;
  /** What is offered to the car on each phase while the contactor is closed. */
  offeredW(): PhasePower;
  /** The most that was so within the last seconds: a car follows late. */
  offeredWithinW(seconds: number): PhasePower;
  /** Anna's car comes and charges. */
  begin(): Promise<void>;
  stop(): Promise<void>;
  /** The controller is gone without a word and comes back; with `forgets` on an empty disk for what it lent. */
  restart(forgets: boolean): Promise<void>;
  setClock(seconds: number): void;
  breakMeter(isBroken: boolean): void;
  /** What a building draws from this point's part; undefined: its meter fails. */
  setBuilding(powerW: PhasePower | undefined): void;
  /** What the grid operator orders, where this point reads it; null: nothing, undefined: the control box is silent. */
  setOrder(dimmedToW: number | null | undefined): void;
  /** What the driver answers of it: nothing in the first seconds after a start. */
  order(): number | null | undefined;
}

/** A message on its way. */
export interface Letter {
  readonly to: string;
  readonly message: SiteMessage;
}

export interface GarageWorld {
  readonly points: readonly GaragePoint[];
  nowS(): number;
  /** What was sent and not delivered; the test decides what becomes of it. */
  readonly letters: Letter[];
  deliver(letter: Letter): Promise<void>;
  /** Time goes on: each second all stations tick, each round all tell; `each` looks after every second. */
  run(
    seconds: number,
    each?: () => Promise<void> | void,
    /** Whose controller does not tick. */
    options?: { readonly isHanging?: string },
  ): Promise<void>;
}

export const even = (powerW: number): PhasePower => [powerW, powerW, powerW];

/** Brings every letter at once. */
export async function deliverAll({ letters, deliver }: GarageWorld): Promise<void> {
  for (const letter of letters.splice(0)) await deliver(letter);
  // The answers are messages that everybody has had.
  letters.splice(0);
}

/** What each point offers its car, W. */
export const offered = ({ points }: GarageWorld): readonly number[] =>
  points.map((point) => sum(point.offeredW()));

/** The most that all cars may draw now on L1, L2, L3 and together: each has five seconds to follow (IEC 61851-1). */
export function mayDraw({ points }: GarageWorld): SharedPower {
  const late = points.map((point) => point.offeredWithinW(5));
  const onPhase = (phase: 0 | 1 | 2) => sum(late.map((powerW) => powerW[phase]));
  return [onPhase(0), onPhase(1), onPhase(2), sum(late.map(sum))];
}

const sum = (powers: readonly number[]): number => powers.reduce((all, powerW) => all + powerW, 0);

const silent: Log = { info() {}, warn() {}, error() {} };

/** Points `a`, `b`, … behind one fuse, each with its phases. */
export async function makeGarage(
  phasesOf: readonly (readonly (1 | 2 | 3)[])[],
  shared: Pick<SiteConfig, 'fuseW'> & Partial<SiteConfig>,
  ownedW: PhasePower,
  priorities: readonly number[] = [],
): Promise<GarageWorld> {
  const clock = virtualClock();
  const provider = makeProvider('DEBBB');
  const driverProvider = makeProvider('DEAAA');
  const names = phasesOf.map((_, index) => String.fromCharCode(97 + index));
  const stations = await Promise.all(names.map((name) => makeStation(provider, `Garage ${name}`)));
  const members: readonly SiteMember[] = names.map((id, index) => ({
    id,
    url: 'http://127.0.0.1',
    publicKey: (stations[index] as TestStation).key.publicKey,
    ownedW,
  }));
  const letters: Letter[] = [];
  const driver = await makeDriver(driverProvider);

  const makePoint = async (index: number): Promise<GaragePoint> => {
    const id = names[index] as string;
    const testStation = stations[index] as TestStation;
    const phases = phasesOf[index] as readonly (1 | 2 | 3)[];
    const maxPowerW = phases.length * 3_680;
    let offsetS = 0;
    let isBroken = false;
    let buildingW: PhasePower | undefined = [0, 0, 0];
    let dimmedToW: number | null | undefined = null;
    let bootedMs = Number.NEGATIVE_INFINITY;
    const order = () => (clock.monotonicMs() < bootedMs + 3_000 ? undefined : dimmedToW);
    const ownClock: Clock = { nowS: () => clock.nowS() + offsetS, monotonicMs: clock.monotonicMs };
    const point = simulatedPoint(
      {
        clock: ownClock,
        meterSigner: testStation.meterKey,
        meterPublicKey: testStation.meterPublicKey,
        meterMemory: volatileMeterMemory(),
      },
      { car: { batteryWh: 500_000, maxPowerW }, speed: 1, isPlugged: true },
    );
    let advertisedW = 0;
    let history: { readonly ms: number; readonly powerW: number }[] = [];
    const note = () => {
      history.push({ ms: clock.monotonicMs(), powerW: point.contactor.isClosed() ? advertisedW : 0 });
    };
    let memory: SiteMemory = { lent: [], number: 0 };
    const siteStore: SiteStore = {
      read: () => memory,
      keep(next) {
        memory = next;
      },
    };
    const config: SiteConfig = {
      me: id,
      members,
      phases,
      priority: priorities[index] ?? 0,
      fairness: 'equal',
      leaseS: 60,
      clockSkewS: 5,
      reactionS: 10,
      roundS: 3,
      dimmedBy: [],
      ...shared,
    };
    const openOwnSite = () =>
      openSite(config, {
        clock: ownClock,
        signer: testStation.key,
        verifier,
        log: silent,
        store: siteStore,
        isMetered: () => !isBroken,
        buildingW: () => buildingW,
        ...(config.dimmedBy.includes(id) && { dimmedToW: order }),
        async send(to, message) {
          letters.push({ to: to.id, message });
          throw new Error('no answer');
        },
      });
    let site = openOwnSite();
    const provision = await makeProvision(provider, testStation, [driverProvider, provider], { maxPowerW });
    const parts: StationParts = {
      clock: ownClock,
      random: namedRandom(`station ${id}`),
      store: memoryJournalStore(),
      meter: {
        ...point.meter,
        async readRegisters() {
          if (isBroken) throw new Error('the meter does not answer');
          return point.meter.readRegisters();
        },
      },
      contactor: {
        async close() {
          await point.contactor.close();
          note();
        },
        async open() {
          await point.contactor.open();
          note();
        },
        isClosed: point.contactor.isClosed,
      },
      pilot: {
        state: point.pilot.state,
        async advertise(powerW) {
          await point.pilot.advertise(powerW);
          advertisedW = powerW;
          note();
        },
      },
      site: { limitW: (now, wantedW) => site.limitW(now, wantedW) },
      signer: testStation.key,
      verifier,
    };
    const options = { tickMs: 1_000 };
    let station = await openStation(parts, provision, options);
    let nonce = 0;
    const onPhases = (powerW: number) =>
      ([1, 2, 3] as const).map((phase) =>
        phases.includes(phase) ? powerW / phases.length : 0,
      ) as unknown as PhasePower;
    return {
      id,
      point,
      station: () => station,
      site: () => site,
      offeredW: () => onPhases(point.contactor.isClosed() ? advertisedW : 0),
      offeredWithinW(seconds) {
        const since = clock.monotonicMs() - seconds * 1_000;
        const from = history.findLastIndex(({ ms }) => ms <= since);
        history = history.slice(Math.max(0, from));
        note();
        return onPhases(Math.max(0, ...history.map(({ powerW }) => powerW)));
      },
      async begin() {
        if (station.status().session !== undefined || isBroken) return;
        const conditions = await station.answer({ type: 'hello', version: 1 });
        if (conditions.type !== 'conditions') return;
        nonce += 1;
        const stated = { signedAt: ownClock.nowS(), nonce: bytes32(`${id} ${nonce}`) };
        const answer = await station.answer(await signAuthorization(conditions, driver, stated));
        // Where the meter does not work no charge begins, and one that ran before a restart is not taken up yet.
        const refusal = answer.type === 'refused' ? answer.refusal : undefined;
        const isExpected = refusal === 'station-out-of-order' || refusal === 'session-running';
        if (answer.type !== 'started' && !isExpected) throw new Error(JSON.stringify(answer));
      },
      async stop() {
        point.act('unplug');
        note();
        await station.tick().catch(() => undefined);
        point.act('plug');
      },
      async restart(forgets) {
        point.act('power-cut');
        point.act('power-return');
        advertisedW = 0;
        history = [];
        if (forgets) memory = { lent: [], number: 0 };
        bootedMs = clock.monotonicMs();
        site = openOwnSite();
        station = await openStation(parts, provision, options);
      },
      setClock(seconds) {
        offsetS = seconds;
      },
      setBuilding(powerW) {
        buildingW = powerW;
      },
      setOrder(powerW) {
        dimmedToW = powerW;
      },
      order,
      breakMeter(broken) {
        isBroken = broken;
      },
    };
  };

  const points = await Promise.all(names.map((_, index) => makePoint(index)));
  let second = 0;
  return {
    points,
    nowS: clock.nowS,
    letters,
    async deliver({ to, message }) {
      const taken = await points
        .find(({ id }) => id === to)
        ?.site()
        .receive(message);
      if (taken?.ok) letters.push({ to: message.head.value.memberId, message: taken.value });
    },
    async run(seconds, each, { isHanging } = {}) {
      for (let count = 0; count < seconds; count += 1) {
        clock.advanceMs(1_000);
        second += 1;
        for (const [index, one] of points.entries()) {
          if (one.id !== isHanging)
            await one
              .station()
              .tick()
              .catch(() => undefined);
          if ((second + index) % 3 === 0) await one.site().round();
        }
        await each?.();
      }
    },
  };
}
