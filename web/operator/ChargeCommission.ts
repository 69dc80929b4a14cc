import { isRecord } from '@p2p-power/protocol/SignedObject';
import {
  type Commission,
  type CommissionFacts,
  parseCommissions,
  workOutCommission,
} from '@p2p-power/tariff/Commission';

/** What an operator earns of a charge, micro-units before tax, and what its provider says that it was worked out from. */
export interface ChargeCommission {
  readonly amountMicro: number;
  readonly basis?: { readonly terms: Commission; readonly facts: CommissionFacts };
}

/** The commission of a charge out of untrusted JSON; undefined where it has none. */
export function parseChargeCommission({
  commissionMicro,
  commissionBasis,
}: Readonly<Record<string, unknown>>): ChargeCommission | undefined {
  if (!isCount(commissionMicro)) return undefined;
  const amountMicro = commissionMicro;
  if (!isRecord(commissionBasis)) return { amountMicro };
  const { terms, energyWh, durationS, exclVatMicro } = commissionBasis;
  const read = parseCommissions([terms]);
  const [agreed] = read.ok ? read.value : [];
  if (agreed === undefined || !isCount(energyWh) || !isCount(durationS) || !isCount(exclVatMicro))
    return { amountMicro };
  return { amountMicro, basis: { terms: agreed, facts: { energyWh, durationS, exclVatMicro } } };
}

/** Whether the terms come to the very amount that the provider states, worked out here once more. */
export function isRepeated({ amountMicro, basis }: ChargeCommission): boolean {
  return basis !== undefined && workOutCommission(basis.terms, basis.facts).amountMicro === amountMicro;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
