import { type EnergyPrices, parseEnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { type Hex, isHex, zeroHash } from './Hex.ts';
import type { Offer } from './Offer.ts';
import { isRecord } from './SignedObject.ts';
import { sha256 } from './sha256.ts';
import { typeWordBytes, wordBytes, writeHex, writeUint } from './Word.ts';

/**
 * The energy prices by quarter-hour that a station promises with an offer: named by `Offer.pricesId`, so that
 * whoever signs the offer has agreed to exactly these. They take the place of the tariff's energy price.
 */
export interface OfferedPrices extends EnergyPrices {
  /** Id of the signal that they rest on; {@link zeroHash} where they rest on none. */
  readonly signalId: Hex;
}

/** Why prices do not go with an offer, in order of precedence. */
export type OfferedPricesRefusal = 'unknown-prices' | 'prices-mismatch' | 'prices-over-tariff';

const headWords = 5;

/** Type word, signal id, first quarter-hour, price otherwise, count, then the prices: one word each. */
export function encodeOfferedPrices(networkId: Hex, prices: OfferedPrices): Uint8Array {
  const { signalId, firstAt, otherwiseMicro, pricesMicro } = prices;
  const bytes = new Uint8Array((headWords + pricesMicro.length) * wordBytes);
  bytes.set(typeWordBytes('OfferedPrices', networkId));
  writeHex(bytes, 2 * wordBytes, signalId);
  for (const [index, value] of [firstAt, otherwiseMicro, pricesMicro.length, ...pricesMicro].entries())
    writeUint(bytes, (2 + index) * wordBytes, value);
  return bytes;
}

/** SHA-256 of {@link encodeOfferedPrices}: what an offer names; {@link zeroHash} where nothing is dynamic. */
export function pricesId(networkId: Hex, prices: OfferedPrices | undefined): Hex {
  return prices === undefined ? zeroHash : sha256(encodeOfferedPrices(networkId, prices));
}

const fields: readonly (keyof OfferedPrices)[] = ['signalId', 'firstAt', 'pricesMicro', 'otherwiseMicro'];

/** Offered prices out of untrusted JSON: these four fields and no other. */
export function parseOfferedPrices(json: unknown): Result<OfferedPrices, 'bad-prices'> {
  if (!isRecord(json)) return refuse('bad-prices', 'prices are not a JSON object');
  if (Object.keys(json).some((name) => !(fields as readonly string[]).includes(name)))
    return refuse('bad-prices', 'prices have a field that is not known here');
  if (!isHex(json.signalId, 32))
    return refuse('bad-prices', 'prices.signalId is not 32 bytes of lower-case hex');
  const prices = parseEnergyPrices(json);
  if (!prices.ok) return refuse('bad-prices', `prices.${prices.detail}`);
  return accept({ ...prices.value, signalId: json.signalId });
}

/**
 * Whether these are the prices that the offer names (none where it names none), and none of them is above an energy
 * price of its tariff: what is printed there, and shown on maps, is the most that is ever asked.
 */
export function checkOfferedPrices(
  networkId: Hex,
  offer: Pick<Offer, 'pricesId'>,
  tariff: Tariff,
  prices: OfferedPrices | undefined,
): Result<OfferedPrices | undefined, OfferedPricesRefusal> {
  if (prices === undefined && offer.pricesId !== zeroHash)
    return refuse('unknown-prices', 'the offer names prices that are not here');
  if (pricesId(networkId, prices) !== offer.pricesId)
    return refuse('prices-mismatch', 'the prices are not those that the offer names');
  if (prices === undefined) return accept(undefined);
  const capMicro = lowestEnergyPriceMicro(tariff);
  const offeredMicro = Math.max(prices.otherwiseMicro, ...prices.pricesMicro);
  if (offeredMicro > capMicro)
    return refuse('prices-over-tariff', `${offeredMicro} is above ${capMicro} micro-units per kWh`);
  return accept(prices);
}

/** The lowest energy price that a tariff names, micro-units per kWh before tax; Infinity where energy is always free. */
function lowestEnergyPriceMicro({ elements }: Tariff): number {
  const components = elements.flatMap(({ priceComponents }) => priceComponents);
  const energy = components.filter(({ type }) => type === 'ENERGY');
  return Math.min(...energy.map(({ priceMicro }) => priceMicro));
}
