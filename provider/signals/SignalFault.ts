/**
 * Why an answer of a source is not believed. What was known before stays, and the source is asked again
 * later and later.
 */
export const signalFaults = [
  /** Nobody answers at the address, or the answer breaks off. */
  'source-unreachable',
  /** The answer did not come in time. */
  'source-timeout',
  /** It sends us elsewhere: the address is to be changed by people. */
  'source-redirects',
  /** It has been asked too often (429). */
  'source-busy',
  /** It does not know us, or does not let us (401, 403). */
  'source-denies',
  /** Any other status than success. */
  'source-failed',
  'answer-too-large',
  'not-json',
  'not-xml',
  /** The file cannot be read. */
  'file-unreadable',
  /** Readable, but a field, a time or a number is missing or not one. */
  'unexpected-form',
  'wrong-currency',
  'wrong-unit',
  /** Far beyond what markets allow: most likely another unit. */
  'implausible-value',
  /** Two different values for one time. */
  'contradicting-values',
  /** In order, but nothing for the time asked about. */
  'not-published',
] as const;
export type SignalFault = (typeof signalFaults)[number];

/** What a source says, or why it is not believed. */
export type SourceAnswer<Value> =
  | { readonly ok: true; readonly value: Value }
  | {
      readonly ok: false;
      readonly refusal: SignalFault;
      readonly detail: string;
      /** The source wants to be left alone for so long. */
      readonly retryAfterS?: number;
    };
