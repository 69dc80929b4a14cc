import { isRecord } from '@p2p-power/protocol/SignedObject';
import type { UsualCharge } from '../charge/compareOffer.ts';
import { readWishForm, type WishForm } from '../charge/WishForm.ts';
import type { Language } from '../words/Language.ts';

/** What the driver set; energy in Wh, power in W, money in micro-units. */
export interface Settings {
  readonly language: Language | 'automatic';
  readonly usual: UsualCharge;
  readonly maxEnergyWh: number;
  readonly maxAmountMicro: number;
  /** What was wished of the last charge. */
  readonly wishes?: WishForm;
}

export const defaultSettings: Settings = {
  language: 'automatic',
  usual: { energyWh: 20_000, powerW: 11_000 },
  maxEnergyWh: 60_000,
  maxAmountMicro: 40_000_000,
};

/** Settings out of what was kept, field by field: what is missing or impossible is the default. */
export function readSettings(kept: unknown): Settings {
  if (!isRecord(kept)) return defaultSettings;
  const usual = isRecord(kept.usual) ? kept.usual : {};
  const limits = {
    maxEnergyWh: within(kept.maxEnergyWh, 1_000, 1_000_000, defaultSettings.maxEnergyWh),
    maxAmountMicro: within(kept.maxAmountMicro, 1_000_000, 1_000_000_000, defaultSettings.maxAmountMicro),
  };
  return {
    language: kept.language === 'de' || kept.language === 'en' ? kept.language : 'automatic',
    usual: {
      energyWh: within(usual.energyWh, 1_000, 150_000, defaultSettings.usual.energyWh),
      powerW: within(usual.powerW, 1_000, 400_000, defaultSettings.usual.powerW),
    },
    ...limits,
    ...(kept.wishes !== undefined && { wishes: readWishForm(kept.wishes, limits) }),
  };
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
    ? (value as number)
    : otherwise;
}

/** A decimal number as a person types it, comma or point, in thousandths; undefined where it is none. */
export function readThousandths(typed: string): number | undefined {
  const match = /^\s*(\d{1,6})(?:[.,](\d{0,3}))?\s*$/.exec(typed);
  if (match === null) return undefined;
  return Number(match[1]) * 1_000 + Number((match[2] ?? '').padEnd(3, '0'));
}
