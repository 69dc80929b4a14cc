import type { Result } from '@p2p-power/tariff/Result';

/** The value, or an error with the refusal's name: for steps that must not be refused. */
export function insist<Value>(result: Result<Value, string>, what: string): Value {
  if (result.ok) return result.value;
  throw new Error(`${what} was refused: ${result.refusal}: ${result.detail}`);
}
