import { type DynamicTerms, parseDynamicTerms } from '@p2p-power/tariff/DynamicTerms';

/** The dynamic terms of a point as they were stored, which passed `parseDynamicTerms`; undefined where there are none. */
export function readDynamicTerms(json: unknown): DynamicTerms | undefined {
  if (json === null || json === undefined) return undefined;
  const parsed = parseDynamicTerms(json);
  return parsed.ok ? parsed.value : undefined;
}
