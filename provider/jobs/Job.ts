import type { ProviderContext } from '../ProviderContext.ts';

/** Something that a provider does in the background again and again. */
export interface Job {
  readonly name: string;
  /** Seconds from the end of one run to the beginning of the next. */
  everyS(context: ProviderContext): number;
  /** One run. Safe to be made again after a fault, and stops early when the signal says so. */
  run(context: ProviderContext, signal: AbortSignal): Promise<void>;
}
