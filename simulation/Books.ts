import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Reading } from '@p2p-power/protocol/Readings';
import { networkId } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import type { SimulatedProvider } from './SimulatedProvider.ts';
import type { SimulatedStation } from './SimulatedStation.ts';

/** A charge as a provider's database has it, with what the ledger says of it. */
export interface BookedCharge {
  readonly cdrId: Hex;
  readonly authorizationId: Hex;
  readonly driverProvider: string;
  readonly operatorProvider: string;
  readonly driverId: string | null;
  readonly operatorAccount: Hex;
  readonly chargeMicro: number;
  readonly creditMicro: number;
  readonly importedWh: number;
  readonly state: string;
  /** Of the batch that settled the charge, and of the one, in the other direction, that settled the credit. */
  readonly sequence: number | null;
  readonly creditSequence: number | null;
  /** Ledger entries of this charge, and in them the lines of the driver and of the operator. */
  readonly entries: number;
  readonly driverMicro: number | null;
  readonly operatorMicro: number | null;
}

export interface BookedBatch {
  readonly debtor: string;
  readonly creditor: string;
  readonly sequence: number;
  readonly state: string;
  readonly count: number;
  readonly totalMicro: number;
  readonly feeMicro: number;
  readonly payoutMicro: number;
}

/** All of a provider's books that the promises speak of. */
export interface Books {
  readonly providerId: string;
  readonly charges: readonly BookedCharge[];
  readonly batches: readonly BookedBatch[];
  /** CDRs that were refused and kept, each with its reason. */
  readonly refused: ReadonlyMap<string, string>;
  readonly ledgerMicro: number;
  /** Entries whose lines do not come to zero. */
  readonly unbalanced: number;
  /** Charge entries of the ledger that no charge stands behind. */
  readonly strayEntries: number;
  readonly balances: ReadonlyMap<string, number>;
}

/** Reads the books in one statement, as of one instant. */
export async function readBooks({ db, providerId }: SimulatedProvider): Promise<Books> {
  const { rows } = await sql<{ books: RawBooks }>`
    with charge_line as (
      select reference, entry.id, account.kind as account_kind, amount_micro
      from ledger_entry entry join ledger_line on entry_id = entry.id
        join ledger_account account on account.id = account_id
      where entry.kind = 'charge'
    )
    select json_build_object(
      'charges', (select coalesce(json_agg(json_build_object(
          'cdrId', cdr_id, 'authorizationId', authorization_id, 'driverProvider', driver_provider,
          'operatorProvider', operator_provider, 'driverId', driver_id, 'operatorAccount', operator_account,
          'chargeMicro', charge_micro, 'creditMicro', credit_micro, 'importedWh', imported_wh, 'state', state,
          'sequence', charge_sequence, 'creditSequence', credit_sequence,
          'entries', (select count(distinct id) from charge_line where reference = cdr_id),
          'driverMicro', (select sum(amount_micro) from charge_line
            where reference = cdr_id and account_kind = 'driver'),
          'operatorMicro', (select -sum(amount_micro) from charge_line
            where reference = cdr_id and account_kind in ('operator-own', 'operator-earned'))
        ) order by cdr_id), '[]') from charge),
      'batches', (select coalesce(json_agg(json_build_object(
          'debtor', debtor, 'creditor', creditor, 'sequence', sequence, 'state', state, 'count', count,
          'totalMicro', total_micro, 'feeMicro', fee_micro, 'payoutMicro', (
            select coalesce(sum(payout_micro), 0) from batch_payout
            where batch_payout.channel_id = batch.channel_id and batch_payout.sequence = batch.sequence)
        ) order by debtor, sequence), '[]') from batch),
      'refused', (select coalesce(json_agg(json_build_array(cdr_id, refusal)), '[]') from quarantine where cdr_id is not null),
      'ledgerMicro', (select coalesce(sum(amount_micro), 0) from ledger_line),
      'unbalanced', (select count(*) from (
        select from ledger_line group by entry_id having sum(amount_micro) <> 0) as wrong),
      'strayEntries', (select count(*) from ledger_entry
        where kind = 'charge' and not exists (select from charge where cdr_id = reference)),
      'balances', (select coalesce(json_agg(json_build_array(trim(kind || ' ' || owner), balance_micro)), '[]')
        from ledger_balance)
    ) as books`.execute(db);
  const { refused, balances, ...books } = (rows[0] as { books: RawBooks }).books;
  return { providerId, ...books, refused: new Map(refused), balances: new Map(balances) };
}

type RawBooks = Omit<Books, 'providerId' | 'refused' | 'balances'> & {
  readonly refused: readonly (readonly [string, string])[];
  readonly balances: readonly (readonly [string, number])[];
};

/** A session that a station's journal says has ended. */
export interface EndedSession {
  readonly authorizationId: Hex;
  readonly cdrId: Hex;
  readonly evidence: Evidence;
  readonly isAcknowledged: boolean;
}

/** What a station's journal says, read past the controller. */
export interface JournalFacts {
  readonly ended: readonly EndedSession[];
  /** Authorizations of sessions that have no end yet; there may be one. */
  readonly running: readonly Hex[];
  /** The registers when the running session began to measure, Wh. */
  readonly runningFrom: { readonly importWh: number; readonly exportWh: number } | undefined;
}

/** Reads a journal; what was read before is kept, so that reading again costs only what is new. */
export function journalReader(station: SimulatedStation): () => JournalFacts {
  const ended = new Map<Hex, Omit<EndedSession, 'isAcknowledged'>>();
  const acknowledged = new Set<Hex>();
  const segments = new Map<string, readonly Hex[]>();
  const running = new Map<Hex, JournalFacts['runningFrom']>();
  let read = 0;
  return () => {
    for (const { kind, subject, body } of station.store.entries.slice(read)) {
      read += 1;
      const id = subject as Hex;
      if (kind === 'authorized') running.set(id, undefined);
      if (kind === 'begun') running.set(id, JSON.parse(body).reading as Reading);
      if (kind === 'cancelled' || kind === 'ended') running.delete(id);
      if (kind === 'ended') {
        const evidence = JSON.parse(body) as Evidence;
        const cdrId = ChargeDetailRecord.id(networkId, evidence.cdr.value);
        ended.set(id, { authorizationId: id, cdrId, evidence });
      }
      if (kind === 'segment') segments.set(subject, JSON.parse(body).authorizationIds as Hex[]);
      if (kind === 'acknowledged') for (const member of segments.get(subject) ?? []) acknowledged.add(member);
    }
    return {
      ended: [...ended.values()].map((session) => ({
        ...session,
        isAcknowledged: acknowledged.has(session.authorizationId),
      })),
      running: [...running.keys()],
      runningFrom: [...running.values()].find((reading) => reading !== undefined),
    };
  };
}
