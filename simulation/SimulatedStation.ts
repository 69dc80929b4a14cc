import * as crypto from 'node:crypto';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { LinkAnswer } from '@p2p-power/protocol/LocalLink';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { spkiOf } from '@p2p-power/protocol/testing/world';
import { memoryJournalStore } from '@p2p-power/station/memoryJournalStore';
import type { Backend } from '@p2p-power/station/Ports';
import type { Provision } from '@p2p-power/station/Provision';
import { openStation, type Station, type StationParts } from '@p2p-power/station/Station';
import type { StationOptions } from '@p2p-power/station/StationOptions';
import { volatileMeterMemory } from '@p2p-power/station/simulated/SimulatedMeter';
import { type SimulatedPoint, simulatedPoint } from '@p2p-power/station/simulated/SimulatedPoint';
import { type KillSwitch, killSwitch } from '@p2p-power/station/testing/killSwitch';
import { type Closing, witnessContactor } from './Closing.ts';
import { type SeededKey, seededKey } from './SeededKey.ts';
import type { SeededRandom } from './SeededRandom.ts';
import type { ClockView, VirtualClock } from './VirtualClock.ts';

/** How often stations look at the world here, s. */
export const stationTickS = 120;

/** What a station is made of besides its provision. */
export interface StationKeysHere {
  readonly key: SeededKey;
  readonly meterKey: SeededKey;
  readonly meterPublicKey: Hex;
}

export function stationKeys(name: string): StationKeysHere {
  const meterKey = seededKey(`meter of ${name}`);
  return { key: seededKey(`station ${name}`), meterKey, meterPublicKey: spkiOf(meterKey.publicKey) };
}

/** A charging point with its real controller: what runs can be killed at any write or effect, the journal stays. */
export interface SimulatedStation {
  readonly name: string;
  readonly evseId: string;
  readonly providerId: string;
  /** Whether it has a connection of its own. */
  readonly online: boolean;
  readonly point: SimulatedPoint;
  readonly provision: Provision;
  /** The journal's disk, whoever runs on it. */
  readonly store: ReturnType<typeof memoryJournalStore>;
  /** Each time the contactor closed, with what the journal said at that instant. */
  readonly closings: readonly Closing[];
  /** What the meter's registers said when the station was made, Wh. */
  readonly firstWh: { readonly importWh: number; readonly exportWh: number };
  readonly registers: () => Promise<{ readonly importWh: number; readonly exportWh: number }>;
  isRunning(): boolean;
  /** The session that its controller holds, for those who look on from outside. */
  status(): ReturnType<Station['status']> | undefined;
  /** Answers a message of the local link; undefined where nobody runs, or what runs dies at it. */
  ask(message: unknown): Promise<LinkAnswer | undefined>;
  tick(): Promise<void>;
  handIn(backend: Backend): Promise<number>;
  /** Takes what is newer of the provider's signals; false where nobody runs, or what runs dies at it. */
  takeSignals(signals: readonly unknown[]): Promise<boolean>;
  /** The controller dies at the `count`-th write or effect from now. */
  armKill(count: number): void;
  /** Opens the controller on its journal, if nobody runs. */
  reopen(): Promise<void>;
  /** Mains away: controller dead, contactor open. */
  cutPower(): void;
  returnPower(): Promise<void>;
  /** The station's clock is wrong by that much, s. */
  setSkew(skewS: number): void;
  skewS(): number;
}

/** A controller that is wired wrong on purpose, for tests that the promises' checks bite. */
export type Sabotage = (parts: StationParts) => StationParts;

const verifier = nodeCryptoVerifier(crypto);

export async function openSimulatedStation(
  options: {
    readonly name: string;
    readonly evseId: string;
    readonly providerId: string;
    readonly online: boolean;
    readonly keys: StationKeysHere;
    readonly provision: Provision;
    readonly sabotage?: Sabotage;
    readonly options?: Partial<StationOptions>;
  },
  world: { readonly clock: VirtualClock; readonly random: SeededRandom },
): Promise<SimulatedStation> {
  const { name, keys, provision } = options;
  let skewS = 0;
  const clock: ClockView = world.clock.skewed(() => skewS);
  const point = simulatedPoint(
    {
      clock,
      meterSigner: keys.meterKey,
      meterPublicKey: keys.meterPublicKey,
      meterMemory: volatileMeterMemory(),
    },
    { isPlugged: false },
  );
  const store = memoryJournalStore();
  let newest = provision;
  const closings: Closing[] = [];
  const parts: StationParts = {
    clock,
    random: world.random,
    store,
    meter: point.meter,
    contactor: witnessContactor(point.contactor, { store, provision, verifier, closings, nowS: clock.nowS }),
    pilot: point.pilot,
    battery: point.battery,
    signer: keys.key,
    verifier,
    // What couriers bring: here only signals and trust lists are ever new.
    provisions: {
      newest: () => newest,
      take: async (brought) => {
        newest = brought;
      },
    },
  };
  const stationOptions = { tickMs: stationTickS * 1000, ...options.options };
  let hasPower = true;
  let running: { readonly station: Station; readonly life: KillSwitch } | undefined;

  const open = async (): Promise<void> => {
    const life = killSwitch(parts);
    const sabotaged = options.sabotage?.(life.parts) ?? life.parts;
    running = { station: await openStation(sabotaged, provision, stationOptions), life };
  };
  const die = (): void => {
    running?.life.arm(1);
    running = undefined;
    // Without a controller that holds it, a contactor falls.
    void point.contactor.open();
    void point.pilot.advertise(0);
    void point.battery.draw(0);
  };
  /** Lets the controller act; a death on the way leaves nobody running. */
  const alive = async <Value>(act: (station: Station) => Promise<Value>): Promise<Value | undefined> => {
    if (running === undefined) return undefined;
    const { station, life } = running;
    try {
      const value = await act(station);
      if (!life.isDead()) return value;
    } catch (error) {
      if (!life.isDead()) throw error;
    }
    if (running?.life === life) die();
    return undefined;
  };
  await open();
  const first = await point.meter.readRegisters();
  return {
    name,
    evseId: options.evseId,
    providerId: options.providerId,
    online: options.online,
    point,
    provision,
    store,
    closings,
    firstWh: first,
    registers: () => point.meter.readRegisters(),
    isRunning: () => running !== undefined,
    status: () => running?.station.status(),
    ask: (message) => alive((station) => station.answer(message)),
    async tick() {
      // A fault of the hardware is thrown and tried again by the next look; the controller has opened the contactor.
      await alive((station) => station.tick()).catch(() => undefined);
    },
    takeSignals: async (signals) =>
      (await alive(async (station) => station.takeSignals(signals).then(() => true))) ?? false,
    async handIn(backend) {
      return (await alive((station) => station.handIn(backend))) ?? 0;
    },
    armKill: (count) => running?.life.arm(count),
    async reopen() {
      if (running === undefined && hasPower) await open();
    },
    cutPower() {
      hasPower = false;
      die();
      point.act('power-cut');
    },
    async returnPower() {
      hasPower = true;
      point.act('power-return');
      if (running === undefined) await open();
    },
    setSkew(wrongS) {
      skewS = wrongS;
    },
    skewS: () => skewS,
  };
}
