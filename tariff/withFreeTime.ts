import { accept, type Result, refuse } from './Result.ts';
import {
  type PriceComponent,
  type PriceComponentType,
  TARIFF_BOUNDS,
  type Tariff,
  type TariffElement,
} from './Tariff.ts';

/** Free of charge as the specification writes it (OCPI 2.2.1 mod_tariffs, "Free of Charge Tariff example"). */
const ALWAYS_FREE: TariffElement = { priceComponents: [{ type: 'FLAT', priceMicro: 0, stepSize: 0 }] };

const BY_USE = ['ENERGY', 'TIME', 'PARKING_TIME'] as const;

/**
 * The tariff of a host whose guests charge free for the first `freeS` seconds of a session (1 to 366 days), and from then on
 * by the tariff given. The first element gives everything away until then; fees for a session are owed by those who stay
 * longer; a least price, which would charge a guest who leaves in time, is gone. Durations in the tariff count from the
 * start of the session as before, steps of energy and time count what was given away, and reservations cost what they did.
 *
 * `too-many`: the tariff would have more elements than a tariff may.
 */
export function withFreeTime(tariff: Tariff, freeS: number): Result<Tariff, 'too-many'> {
  const { minPrice: _, ...others } = tariff;
  const charging = tariff.elements.filter(({ restrictions }) => restrictions?.reservation === undefined);
  const free: TariffElement = {
    priceComponents: BY_USE.flatMap((type) => {
      const first = componentOf(charging, type);
      return first === undefined ? [] : [{ ...first, priceMicro: 0, stepSize: 1 }];
    }),
    restrictions: { maxDurationS: freeS },
  };
  const elements = [
    ...(free.priceComponents.length > 0 ? [free] : []),
    ...tariff.elements.flatMap((element) => withLaterFee(element, freeS)),
  ];
  const { elements: most } = TARIFF_BOUNDS;
  if (elements.length > most) return refuse('too-many', `expected at most ${most}, got ${elements.length}`);
  return accept({ ...others, elements: elements.length > 0 ? elements : [ALWAYS_FREE] });
}

/** The first price of a dimension: its tax is that of what is given away, too. */
function componentOf(
  elements: readonly TariffElement[],
  type: PriceComponentType,
): PriceComponent | undefined {
  return elements
    .flatMap(({ priceComponents }) => priceComponents)
    .find((component) => component.type === type);
}

/** An element whose fee for a session waits for the end of the free time, in its place in the order. */
function withLaterFee(element: TariffElement, freeS: number): readonly TariffElement[] {
  const { priceComponents, restrictions = {} } = element;
  const fees = priceComponents.filter(({ type }) => type === 'FLAT');
  if (fees.length === 0 || restrictions.reservation !== undefined) return [element];
  const others = priceComponents.filter(({ type }) => type !== 'FLAT');
  const minDurationS = Math.max(freeS, restrictions.minDurationS ?? 0);
  const isEver = restrictions.maxDurationS === undefined || minDurationS < restrictions.maxDurationS;
  return [
    ...(others.length > 0 ? [{ ...element, priceComponents: others }] : []),
    ...(isEver ? [{ priceComponents: fees, restrictions: { ...restrictions, minDurationS } }] : []),
  ];
}
