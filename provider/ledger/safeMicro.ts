import assert from 'node:assert/strict';

/** An amount out of the database or the chain as a number for JSON; stops where it passes 2^53. */
export function safeMicro(amount: bigint | string): number {
  const number = Number(amount);
  assert(Number.isSafeInteger(number), `an amount passes 2^53: ${amount}`);
  return number;
}
