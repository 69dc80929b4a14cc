import type { SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import type { CdrOutcome } from '@p2p-power/protocol/CdrOutcome';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { PilotState } from '@p2p-power/protocol/LocalLink';
import type { MeterEndType } from '@p2p-power/protocol/MeterRecord';
import type { Segment } from '@p2p-power/protocol/Segment';
import type { TrustList } from '@p2p-power/protocol/TrustList';

/**
 * All that a charging point's controller needs of the world, on one page. Each port is made once,
 * where the program starts; a new device is a new object of one of these shapes (drivers/blueprint.ts).
 */

export interface Clock {
  /** Epoch seconds, whole. */
  nowS(): number;
  /** Milliseconds that never run backwards, from any origin. */
  monotonicMs(): number;
}

export interface Random {
  /** Unpredictable bytes: nonces and salts come from here. */
  bytes(length: number): Uint8Array;
}

/** What a meter has counted since it was made; neither ever falls. */
export interface Registers {
  readonly importWh: number;
  readonly exportWh: number;
}

/** The registers, and the power now where the meter tells it, W, below 0 towards the grid: shown, never signed or billed. */
export interface MeterLook extends Registers {
  readonly powerW?: number;
}

/** The registers at an instant, epoch seconds. */
export interface MeterReading extends Registers {
  readonly at: number;
}

/** What a measurement is about; the meter writes it into its signed record. */
export interface Measurement {
  /** Id of the authorization. */
  readonly reference: Hex;
  /** EVSE-ID without separators. */
  readonly evseId: string;
}

/**
 * A meter that signs what it measured (OCMF). It keeps its registers, its pagination and the
 * measurement it is in over a power cut. Its clock is set by the caller with each call.
 */
export interface Meter {
  /** Public key as SPKI DER, hex. */
  readonly publicKey: Hex;
  readRegisters(): Promise<MeterLook>;
  /**
   * Begins a measurement and answers its first reading. Begun already with this reference: the same
   * answer again. A measurement of another reference that is still open is given up.
   */
  begin(measurement: Measurement, at: number): Promise<MeterReading>;
  /**
   * Ends the measurement and answers its last reading and the signed record of both. Ended already:
   * the same answer again. Throws where the reference was never begun.
   */
  end(reference: Hex, at: number, endType: MeterEndType): Promise<MeterReading & { readonly record: string }>;
}

/** The switch between grid and car. It falls open by itself when it or its controller loses power. */
export interface Contactor {
  close(): Promise<void>;
  open(): Promise<void>;
  isClosed(): boolean;
}

/** The control pilot of the cable (IEC 61851-1 annex A). */
export interface Pilot {
  /** A no car, B connected, C draws or wants power, E/F fault. */
  state(): PilotState;
  /** Most power that the car may draw, W, as duty cycle of the pilot's signal; 0 = none, the signal rests. */
  advertise(powerW: number): Promise<void>;
}

/** What the car says of its battery, by the names of planning/sessionDischarge.ts. */
export interface BatteryReading {
  readonly levelWh: number;
  readonly capacityWh: number;
  /** Most power at the meter, W, either way. */
  readonly maxChargeW: number;
  readonly maxDischargeW: number;
  /** Between meter and battery, in and out. */
  readonly chargePerMille: number;
  readonly dischargePerMille: number;
  /** What a kWh taken out wears the battery, in money. */
  readonly wearMicroPerKwh: number;
}

/** The way to a car that can give back (ISO 15118-20 BPT, or a DC point with CHAdeMO). */
export interface Battery {
  /** The battery of the car at the plug now; undefined where there is none, or it does not say or cannot give. */
  read(): Promise<BatteryReading | undefined>;
  /** Most power, W, to be drawn from the car while the contactor is closed; 0 = none. Never together with power offered. */
  draw(powerW: number): Promise<void>;
}

/** What the point may draw as one of several behind a shared connection. */
export interface SitePort {
  /**
   * The most at an instant (epoch seconds), W; asked at every tick, so it answers from memory and does not throw. With
   * `wantedW` the point will offer its car so much of that as the answer allows, until it asks again.
   */
  limitW(now: number, wantedW?: number): number;
}

/** One line of the journal. `hash` covers all the others and, through `previousHash`, all lines before. */
export interface JournalEntry {
  /** 1, 2, 3, … */
  readonly number: number;
  readonly previousHash: Hex;
  /** Epoch seconds, the station's clock. */
  readonly at: number;
  readonly kind: string;
  /** Id of what the entry is about; entries are found by it. */
  readonly subject: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly hash: Hex;
}

/** Where the journal lies. Only what `append` and `keep` have returned from is on the disk. */
export interface JournalStore {
  /** Writes all entries or none, durable when it returns. */
  append(entries: readonly JournalEntry[]): void;
  last(): JournalEntry | undefined;
  /** At most `limit` entries from number `from` on, in order. */
  read(from: number, limit: number): readonly JournalEntry[];
  /** The latest entry of this kind and subject. */
  find(kind: string, subject: string): JournalEntry | undefined;
  /** The latest entry of this kind. */
  latest(kind: string): JournalEntry | undefined;
  /** Subjects of entries of kind `kind` that no entry of kind `without` has, oldest first. */
  subjectsWithout(kind: string, without: string): readonly string[];
  /** Small texts beside the chain that are replaced, not appended: durable when it returns. */
  keep(name: string, text: string): void;
  kept(name: string): string | undefined;
  /** Sign of life, epoch seconds; may be lost in a power cut, costs no sync. */
  markAlive(at: number): void;
  aliveAt(): number | undefined;
  /** Bytes on the disk. */
  bytes(): number;
  /** Housekeeping that costs syncs; called while nobody waits. */
  tidy(): void;
  close(): void;
}

/** Where a program's log goes (pino's shape). Never keys, contract ids or whole requests. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** What the provider said to one segment. */
export interface HandInResult {
  readonly segmentId: Hex;
  readonly acknowledgement?: SignedAcknowledgement;
  readonly refusal?: string;
  readonly outcomes: readonly CdrOutcome[];
}

/** The station's provider, when there is a way to it. Every call may throw: then later again. */
export interface Backend {
  handIn(segments: readonly Segment[]): Promise<readonly HandInResult[]>;
  fetchTrustList(): Promise<TrustList>;
  /**
   * The provider's newest signals for this station, which tells the id of the price signal that it holds; whether they are
   * genuine is the station's to find out.
   */
  fetchSignals(holds: Hex | undefined): Promise<readonly unknown[]>;
}
