import type { Hex } from './Hex.ts';

/** What became of one CDR at a provider: taken, known already, or refused by name; all three are kept. */
export interface CdrOutcome {
  readonly cdrId: Hex;
  readonly outcome: 'accepted' | 'already-known' | 'refused';
  readonly refusal?: string;
  readonly detail?: string;
}
