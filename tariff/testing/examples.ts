import { readdirSync, readFileSync } from 'node:fs';
import { parseTariff, type Tariff } from '../Tariff.ts';

const folder = new URL('../../data/ocpi-2.2.1-d2/examples/', import.meta.url);

/** The names of all tariff examples of the OCPI specification, without `.json`. */
export const exampleNames = readdirSync(folder).map((file) => file.replace('.json', ''));

/** A tariff example of the OCPI specification as untrusted JSON. */
export function exampleJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}

/** A tariff example of the OCPI specification that lies in the subset. */
export function exampleTariff(name: string): Tariff {
  const parsed = parseTariff(exampleJson(name));
  if (!parsed.ok) throw new Error(`${name}: ${parsed.refusal}: ${parsed.detail}`);
  return parsed.value;
}
