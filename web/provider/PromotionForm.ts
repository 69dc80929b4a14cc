import type { Benefit, Promotion } from '@p2p-power/tariff/Promotion';
import { promotionId } from './StaffPrices.ts';

/** A promotion as it is typed: null where a number is none yet; days are those of the device, the last one included. */
export interface PromotionForm {
  readonly title: string;
  readonly type: Benefit['type'];
  /** Wh, per mille or micro-units, as the type asks. */
  readonly amount: number | null;
  /** `2026-06-01` */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly budgetMicro?: number | null | undefined;
  readonly customerMicro?: number | null | undefined;
}

export const benefits: readonly Benefit['type'][] = ['free-energy', 'percent-off', 'amount-off'];

/** Decimals in which what each gives is typed: kWh to the Wh, percent to the tenth, money to the micro-unit. */
export const placesOfBenefit = { 'free-energy': 3, 'percent-off': 1, 'amount-off': 6 } as const;

export function benefitOf(type: Benefit['type'], amount: number): Benefit {
  switch (type) {
    case 'free-energy':
      return { type, energyWh: amount };
    case 'percent-off':
      return { type, perMille: amount };
    case 'amount-off':
      return { type, amountMicro: amount };
  }
}

/** The day of an instant by the device's clock, as a date field has it. */
export function dayInput(at: number): string {
  const date = new Date(at * 1000);
  const pad = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** Midnight at the start of a day by the device's clock, `days` later; not a number where the day is none. */
export function startOfDay(day: string, days = 0): number {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + days);
  return Math.floor(date.getTime() / 1000);
}

/** Whether the promotion lasts for a day at least. */
export const lasts = ({ firstDay, lastDay }: Pick<PromotionForm, 'firstDay' | 'lastDay'>): boolean =>
  startOfDay(firstDay) < startOfDay(lastDay, 1);

/** The promotion that a form says; undefined where something is missing. What else is wrong the provider says. */
export function promotionOf(form: PromotionForm, currency: string): Promotion | undefined {
  const { type, amount, firstDay, lastDay, budgetMicro, customerMicro } = form;
  const title = form.title.trim();
  if (title === '' || amount === null || budgetMicro === null || customerMicro === null || !lasts(form))
    return undefined;
  const startsAt = startOfDay(firstDay);
  return {
    id: promotionId(title, firstDay),
    title,
    benefit: benefitOf(type, amount),
    currency,
    startsAt,
    endsAt: startOfDay(lastDay, 1),
    ...(budgetMicro !== undefined && { budgetMicro }),
    ...(customerMicro !== undefined && { customerMicro }),
  };
}
