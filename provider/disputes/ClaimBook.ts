import type { ForcedClaim } from '@p2p-power/chain/ForcedClaims';
import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { ForcedClaimTable } from './DisputeTables.ts';

export type ClaimRow = Selectable<ForcedClaimTable>;

/** A claim of the chain as JSON; its integers of 64 bits and more as text that ends with `n`. */
export function printClaim(claim: ForcedClaim): string {
  return JSON.stringify(claim, (_name, value) => (typeof value === 'bigint' ? `${value}n` : value));
}

export function parseClaim(text: string): ForcedClaim {
  return JSON.parse(text, (_name, value) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as ForcedClaim;
}

/** Of a row whose claim stands or stood on the chain. */
export function claimOf(row: Pick<ClaimRow, 'claim' | 'claim_id'>): ForcedClaim {
  if (row.claim === null) throw new Error(`the claim ${row.claim_id} does not stand on the chain`);
  return parseClaim(row.claim);
}

/** From when a claim can be paid, epoch seconds; null while its debtor waits for the meter's record. */
export function payableFromOf(claim: Pick<ForcedClaim, 'payableFrom'>): string | null {
  return claim.payableFrom >= 2n ** 63n ? null : String(claim.payableFrom);
}

/** Of a row of `charge`: whether nobody claims it by force, so that a batch may hold it. Void and refused claims are none. */
export function notClaimed(direction: 'charge' | 'credit'): RawBuilder<boolean> {
  return sql<boolean>`not exists (select from forced_claim
    where forced_claim.authorization_id = charge.authorization_id and forced_claim.direction = ${direction}
      and forced_claim.state in ('raising', 'raised', 'paid'))`;
}
