import type { Hex } from '@p2p-power/protocol/Hex';
import type { SignalHead } from '@p2p-power/protocol/Signal';
import type { ColumnType, Generated } from 'kysely';

export type SignalKind = SignalHead['kind'];

/** What we know of one signal of ours, and how asking its source goes. Times in epoch seconds. */
export interface SignalSeriesTable {
  kind: SignalKind;
  area: string;
  /** The type of the configured source; `staff` where people state it. */
  source: string;
  /** `SignalContent` as JSON; null until something was heard. */
  content: ColumnType<unknown, string | null, string | null>;
  asked_at: string | null;
  /** When the source last answered something that was believed. */
  heard_at: string | null;
  /** When it is to be asked next. */
  next_at: string;
  /** Why the last answer was not believed; null where it was. */
  fault: string | null;
  fault_detail: string | null;
  faults_in_row: Generated<number>;
}

/** Each signal that we signed, and peers' that price points on our map; old ones are deleted. */
export interface SignalTable {
  signal_id: Hex;
  provider_id: string;
  kind: SignalKind;
  area: string;
  issued_at: string;
  /** The `Signal` as JSON. */
  signed: string;
}

export interface SignalTables {
  signal_series: SignalSeriesTable;
  signal: SignalTable;
}
