import { PartFailed } from './network/PartProcess.ts';

/**
 * What a person at the terminal can mend: said in one sentence, with the way to mend it. Shown without a
 * stack; everything else that is thrown is a bug or a fault of the machine and is shown in full.
 */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly mend: string;

  constructor(message: string, mend: string, options?: ErrorOptions) {
    super(message, options);
    this.mend = mend;
  }
}

/** How anything thrown is shown to the person, lines without the last line feed. */
export function printFailure(error: unknown): string {
  if (error instanceof Complaint) return `${error.message}\n${error.mend}`;
  if (error instanceof PartFailed)
    return [error.message, error.tail].filter((part) => part !== '').join('\n\n');
  if (!(error instanceof Error)) return `failed: ${String(error)}`;
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    causes.push(`caused by: ${cause.message}`);
  return [error.stack ?? error.message, ...causes].join('\n');
}
