/**
 * The journal cannot be trusted or written: the station must not run on it. `advice` says what a
 * person does now.
 */
export class JournalFault extends Error {
  readonly advice: string;

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(`${message} ${advice}`, options);
    this.name = 'JournalFault';
    this.advice = advice;
  }
}
