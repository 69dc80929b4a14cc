import type { SignalContent } from '@p2p-power/protocol/Signal';
import type { SourceAnswer } from './SignalFault.ts';
import type { Span } from './SignalSeries.ts';

/** What sources need of the world. */
export interface SourcePorts {
  readonly fetch: typeof globalThis.fetch;
  /** Epoch seconds. */
  readonly nowS: () => number;
  /** ISO 4217: the only currency in which prices are taken. */
  readonly currency: string;
  /** Most that one question may take. */
  readonly timeoutMs?: number;
}

/** Somebody who knows what energy costs, emits, or how the grid is. */
export interface SignalSource {
  /**
   * What the source says of a span, which begins and ends on quarter-hours: values by quarter-hour, nulls
   * where it says nothing. Never throws for what the source does or sends.
   */
  read(span: Span, signal: AbortSignal): Promise<SourceAnswer<SignalContent>>;
}
