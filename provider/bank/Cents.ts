import assert from 'node:assert/strict';
import { centMicro } from '@p2p-power/protocol/netPositions';

/** An amount of whole cents as banks write it: `1234.50`. */
export function printEuros(amountMicro: bigint): string {
  assert(amountMicro >= 0n && amountMicro % centMicro === 0n, 'a bank moves whole cents');
  const cents = String(amountMicro / centMicro).padStart(3, '0');
  return `${cents.slice(0, -2)}.${cents.slice(-2)}`;
}

/** Micro-units of an amount as banks write it (up to 18 digits, 5 of them decimals); undefined where it is none. */
export function parseEuros(text: string): bigint | undefined {
  const [, whole, decimals = ''] = /^(\d{1,13})(?:\.(\d{0,5}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : BigInt(whole) * 1_000_000n + BigInt(decimals.padEnd(6, '0'));
}

/** The least of whole cents that is not below the amount. */
export const ceilToCent = (amountMicro: bigint): bigint =>
  ((amountMicro + centMicro - 1n) / centMicro) * centMicro;
