import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { PriceFrame } from '@p2p-power/tariff/PriceFrame';
import type { PriceComponentType } from '@p2p-power/tariff/Tariff';
import type { Typed } from './TariffForm.ts';

/** The least and the most that a provider's frame lets a field be; micro-units before tax. */
export interface Bounds {
  readonly leastMicro: number;
  readonly mostMicro: number;
  /** Whether zero is allowed besides. */
  readonly mayBeFree: boolean;
}

/** What of a tariff or its dynamic terms a frame binds. */
export type BoundField = PriceComponentType | 'least' | 'floor' | 'cap' | 'fallback';

/** The bounds of a field; undefined where the provider has no frame, or lets it be. */
export function boundsOf(frame: PriceFrame | undefined, field: BoundField): Bounds | undefined {
  if (frame === undefined || field === 'PARKING_TIME') return undefined;
  const upTo = (mostMicro = 0): Bounds => ({ leastMicro: 0, mostMicro, mayBeFree: true });
  if (field === 'TIME') return upTo(frame.hourCeilingMicro);
  if (field === 'FLAT' || field === 'least') return upTo(frame.sessionCeilingMicro);
  return {
    leastMicro: frame.floorMicro,
    mostMicro: frame.ceilingMicro,
    mayBeFree: frame.mayBeFree && field !== 'floor',
  };
}

/** The bound that an amount passes; undefined where it lies within, or is not typed yet. */
export function passedBound(
  bounds: Bounds | undefined,
  amountMicro: Typed | undefined,
): { readonly side: 'below' | 'above'; readonly boundMicro: number } | undefined {
  if (bounds === undefined || typeof amountMicro !== 'number') return undefined;
  const { leastMicro, mostMicro, mayBeFree } = bounds;
  if (amountMicro > mostMicro) return { side: 'above', boundMicro: mostMicro };
  if (amountMicro < leastMicro && !(mayBeFree && amountMicro === 0))
    return { side: 'below', boundMicro: leastMicro };
  return undefined;
}

/** Energy that is always free under dynamic terms is free, whatever their floor is said to be. */
export function boundsOfFloor(frame: PriceFrame | undefined, terms: Pick<DynamicTerms, 'capMicro'>) {
  const bounds = boundsOf(frame, 'floor');
  return bounds && terms.capMicro === 0 && frame?.mayBeFree === true
    ? { ...bounds, mayBeFree: true }
    : bounds;
}
