/**
 * What two providers' agreement makes of a batch: the off-chain twin of `Clearing.feeBoundMicro` and of the terms
 * contracts in contracts/src/terms, to the micro-unit. Money in micro-units, energy in Wh, time in epoch seconds.
 */

/** What was charged: a batch, or the one charge of a forced claim. */
export interface FeeUsage {
  readonly from: number;
  /** The first second after. */
  readonly to: number;
  readonly energyWh: number;
  readonly totalMicro: number;
}

/** VolumeDiscount.sol: the whole batch has the share of the tier that its energy reaches. */
export interface VolumeDiscount {
  readonly kind: 'volume-discount';
  /** Rising in energy and falling in share; the first from 0. Shares in hundredths of a percent. */
  readonly tiers: readonly { readonly fromWh: number; readonly feeShareBp: number }[];
}

/** DayAheadShare.sol: each UTC day's rate is a share of its price within bounds, the fee the energy at the mean rate. */
export interface DayAheadShare {
  readonly kind: 'day-ahead-share';
  readonly shareBp: number;
  readonly floorMicroPerKwh: number;
  readonly ceilingMicroPerKwh: number;
  /** By day since 1970; a day without a price has the floor. */
  readonly priceMicroPerKwhByDay: Readonly<Record<number, number>>;
}

/** Any other contract: what it answered on the chain for this very usage, null where it gave none. */
export interface StatedFee {
  readonly kind: 'stated';
  readonly feeMicro: bigint | null;
}

export type FeeContract = VolumeDiscount | DayAheadShare | StatedFee;

/** What an agreement says about the fee. */
export interface FeeTerms {
  /** Hundredths of a percent. */
  readonly feeShareBp: number;
  readonly feeMicroPerKwh: number;
  /** The pair's own terms, which take the place of the two above wherever they give an answer. */
  readonly contract?: FeeContract;
}

/** The most days that a usage may touch under a `DayAheadShare`; for a longer one share and price hold. */
export const maxDayAheadDays = 62;

const dayS = 86_400;

/** The most that the fee may be: what the pair's contract says, else share and price; never more than the total. */
export function feeBound(terms: FeeTerms, usage: FeeUsage): bigint {
  const totalMicro = BigInt(usage.totalMicro);
  const answer = terms.contract && answerOf(terms.contract, usage);
  const fee = answer ?? genericFee(terms, usage);
  return fee < totalMicro ? fee : totalMicro;
}

/**
 * What each charge of a batch bears, in the order of the charges. By share and price it is what they make of that charge;
 * of a terms contract's fee F of the whole batch it is floor(F × charge / total). The batch's fee is the sum of it, which
 * is never more than {@link feeBound}.
 */
export function feesOfCharges(
  terms: FeeTerms,
  period: { readonly from: number; readonly to: number },
  charges: readonly { readonly chargeMicro: number; readonly energyWh: number }[],
): readonly bigint[] {
  if (terms.contract === undefined) return charges.map((charge) => feeOf(charge, terms));
  const usage = usageOf(period, charges);
  const { totalMicro } = usage;
  const fee = feeBound(terms, usage);
  return charges.map(({ chargeMicro }) =>
    totalMicro === 0 ? 0n : (fee * BigInt(chargeMicro)) / BigInt(totalMicro),
  );
}

/** What the charges of a period come to, as a fee is asked for it. */
export function usageOf(
  period: { readonly from: number; readonly to: number },
  charges: readonly { readonly chargeMicro: number; readonly energyWh: number }[],
): FeeUsage {
  return {
    ...period,
    energyWh: charges.reduce((sum, charge) => sum + charge.energyWh, 0),
    totalMicro: charges.reduce((sum, { chargeMicro }) => sum + chargeMicro, 0),
  };
}

/** The fee of one charge by share and price: each rounded down, together at most the charge. */
export function feeOf(
  charge: { readonly chargeMicro: number; readonly energyWh: number },
  terms: Pick<FeeTerms, 'feeShareBp' | 'feeMicroPerKwh'>,
): bigint {
  const chargeMicro = BigInt(charge.chargeMicro);
  const fee = genericFee(terms, { totalMicro: charge.chargeMicro, energyWh: charge.energyWh });
  return fee < chargeMicro ? fee : chargeMicro;
}

function genericFee(
  terms: Pick<FeeTerms, 'feeShareBp' | 'feeMicroPerKwh'>,
  usage: Pick<FeeUsage, 'totalMicro' | 'energyWh'>,
): bigint {
  return (
    (BigInt(usage.totalMicro) * BigInt(terms.feeShareBp)) / 10_000n +
    (BigInt(usage.energyWh) * BigInt(terms.feeMicroPerKwh)) / 1_000n
  );
}

function answerOf(contract: FeeContract, usage: FeeUsage): bigint | null {
  switch (contract.kind) {
    case 'volume-discount':
      return volumeFee(contract, usage);
    case 'day-ahead-share':
      return dayAheadFee(contract, usage);
    case 'stated':
      return contract.feeMicro;
  }
}

function volumeFee({ tiers }: VolumeDiscount, usage: FeeUsage): bigint {
  const tier = tiers.findLast(({ fromWh }) => fromWh <= usage.energyWh);
  return (BigInt(usage.totalMicro) * BigInt(tier?.feeShareBp ?? 0)) / 10_000n;
}

function dayAheadFee(terms: DayAheadShare, usage: FeeUsage): bigint | null {
  const first = Math.floor(usage.from / dayS);
  const last = Math.floor((usage.to - 1) / dayS);
  if (usage.to <= usage.from || last - first + 1 > maxDayAheadDays) return null;
  let sum = 0n;
  for (let day = first; day <= last; day++) sum += dayAheadRate(terms, terms.priceMicroPerKwhByDay[day]);
  return (BigInt(usage.energyWh) * (sum / BigInt(last - first + 1))) / 1_000n;
}

function dayAheadRate(terms: DayAheadShare, price: number | undefined): bigint {
  const [floor, ceiling] = [BigInt(terms.floorMicroPerKwh), BigInt(terms.ceilingMicroPerKwh)];
  if (price === undefined || price <= 0) return floor;
  const rate = (BigInt(price) * BigInt(terms.shareBp)) / 10_000n;
  return rate < floor ? floor : rate > ceiling ? ceiling : rate;
}
