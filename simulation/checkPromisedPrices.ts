import type { Evidence } from '@p2p-power/protocol/Evidence';
import { zeroHash } from '@p2p-power/protocol/Hex';
import { parseSignalContent, type Signal } from '@p2p-power/protocol/Signal';
import { type DynamicTerms, offerPrices, type PriceIndex } from '@p2p-power/tariff/DynamicTerms';
import type { Breach, Onlooker } from './promises.ts';
import type { SimulatedProvider } from './SimulatedProvider.ts';
import type { World } from './World.ts';

/** How many ended charges were at dynamic prices, of a signal and of the fallback, and what is wrong with any. */
export interface PromisedPrices {
  readonly bySignal: number;
  readonly byFallback: number;
  /** Ended charges in which the car gave energy back. */
  readonly gaveBack: number;
  readonly breaches: readonly Breach[];
}

/**
 * Makes the prices of every charge anew from its operator's terms and the signal that they name, out of the provider's
 * own table: no station promised other prices, nor relied on a signal past its age.
 */
export async function checkPromisedPrices(world: World, eyes: Onlooker): Promise<PromisedPrices> {
  const { journals } = await eyes.look();
  const found = { bySignal: 0, byFallback: 0, gaveBack: 0, breaches: [] as Breach[] };
  for (const [station, { ended }] of journals)
    for (const { cdrId, evidence } of ended) {
      const { dynamic } = station.provision;
      const wrong =
        dynamic === undefined
          ? evidence.prices && 'it has prices of its own, the point has no such terms'
          : await judge(world.provider(station.providerId), evidence, dynamic);
      if (wrong !== undefined) found.breaches.push(`${station.name}: ${cdrId}: ${wrong}`);
      if (evidence.cdr.value.exportedWh > 0) found.gaveBack += 1;
      if (evidence.prices?.signalId === zeroHash) found.byFallback += 1;
      else if (evidence.prices !== undefined) found.bySignal += 1;
    }
  return found;
}

async function judge(
  { db }: SimulatedProvider,
  { prices, offer }: Evidence,
  terms: DynamicTerms,
): Promise<string | undefined> {
  if (prices === undefined) return 'it names no prices, the point is dynamic';
  const { signalId, ...promised } = prices;
  const row = await db
    .selectFrom('signal')
    .select('signed')
    .where('signal_id', '=', signalId)
    .executeTakeFirst();
  if (row === undefined && signalId !== zeroHash) return 'it rests on a signal that nobody issued';
  const { issuedAt } = offer.value;
  const due = offerPrices(terms, row && indexOf(JSON.parse(row.signed) as Signal), issuedAt);
  if (!due.ok) return `${due.refusal}: ${due.detail}`;
  return JSON.stringify(sorted(due.value.prices)) === JSON.stringify(sorted(promised))
    ? undefined
    : 'its prices are not those of the signal and the operator’s terms';
}

function indexOf({ head, contentJson }: Signal): PriceIndex | undefined {
  const content = parseSignalContent(JSON.parse(contentJson));
  return content?.kind === 'price' ? { ...content, issuedAt: head.value.issuedAt } : undefined;
}

const sorted = (prices: object) =>
  Object.fromEntries(Object.entries(prices).sort(([one], [other]) => (one < other ? -1 : 1)));
