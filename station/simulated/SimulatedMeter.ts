import type { Hex } from '@p2p-power/protocol/Hex';
import { type MeterEndType, meterRecordPayload, signMeterRecord } from '@p2p-power/protocol/MeterRecord';
import type { Signer } from '@p2p-power/protocol/Signer';
import type { Measurement, Meter, MeterReading } from '../Ports.ts';

/** What a meter keeps over a power cut. */
export interface MeterMemory {
  readonly importWh: number;
  readonly exportWh: number;
  readonly pagination: number;
  readonly measurement?: MeasurementMemory;
}

interface MeasurementMemory {
  readonly reference: Hex;
  readonly begin: MeterReading;
  readonly end?: MeterReading;
  readonly record?: string;
}

/** Where the simulated meter's memory lies: it must survive the process. */
export interface MeterMemoryStore {
  read(): MeterMemory | undefined;
  write(memory: MeterMemory): void;
}

export function volatileMeterMemory(): MeterMemoryStore {
  let kept: MeterMemory | undefined;
  return {
    read: () => kept,
    write: (memory) => {
      kept = memory;
    },
  };
}

/**
 * A meter that signs OCMF with a key of its own. `flow` adds what flowed either way; fractions of a Wh stay
 * unread until they are whole, as in a real register, and are lost in a power cut.
 */
export interface SimulatedMeter extends Meter {
  flow(importedWh: number, exportedWh: number): void;
}

export function simulatedMeter(
  parts: {
    readonly signer: Signer;
    readonly publicKey: Hex;
    readonly memory: MeterMemoryStore;
    /** Brings the physics up to now, before every reading. */
    readonly settle: () => void;
    /** What flows now, W, below 0 towards the grid; asked when all is settled. */
    readonly powerW: () => number;
  },
  serial = '1SIM0000000001',
): SimulatedMeter {
  let memory: MeterMemory = parts.memory.read() ?? { importWh: 1_000, exportWh: 0, pagination: 0 };
  let [importFractionWh, exportFractionWh] = [0, 0];
  const keep = (next: MeterMemory) => {
    parts.memory.write(next);
    memory = next;
  };
  const now = (at: number): MeterReading => ({ at, importWh: memory.importWh, exportWh: memory.exportWh });
  return {
    publicKey: parts.publicKey,
    flow(importedWh, exportedWh) {
      importFractionWh += importedWh;
      exportFractionWh += exportedWh;
      // A millionth of a Wh hides that sums of powers are not exact in binary.
      const [inWh, outWh] = [Math.floor(importFractionWh + 1e-6), Math.floor(exportFractionWh + 1e-6)];
      if (inWh === 0 && outWh === 0) return;
      importFractionWh -= inWh;
      exportFractionWh -= outWh;
      keep({ ...memory, importWh: memory.importWh + inWh, exportWh: memory.exportWh + outWh });
    },
    async readRegisters() {
      parts.settle();
      return { importWh: memory.importWh, exportWh: memory.exportWh, powerW: Math.round(parts.powerW()) };
    },
    async begin({ reference }: Measurement, at: number) {
      parts.settle();
      const known = memory.measurement;
      if (known?.reference === reference && known.end === undefined) return known.begin;
      const begin = now(at);
      keep({ ...memory, measurement: { reference, begin } });
      return begin;
    },
    async end(reference: Hex, at: number, endType: MeterEndType) {
      parts.settle();
      const open = memory.measurement;
      if (open === undefined || open.reference !== reference)
        throw new Error('the meter is in no such measurement');
      if (open.end !== undefined && open.record !== undefined) return { ...open.end, record: open.record };
      const end = now(at);
      const pagination = memory.pagination + 1;
      const payload = meterRecordPayload({
        pagination,
        meterSerial: serial,
        authorizationId: reference,
        begin: inMilliseconds(open.begin),
        end: inMilliseconds(end),
        endType,
        timeStatus: 'S',
      });
      const record = await signMeterRecord(payload, parts.signer.sign);
      keep({ ...memory, pagination, measurement: { ...open, end, record } });
      return { ...end, record };
    },
  };
}

const inMilliseconds = ({ at, importWh, exportWh }: MeterReading) => ({
  atMs: at * 1000,
  importWh,
  exportWh,
});
