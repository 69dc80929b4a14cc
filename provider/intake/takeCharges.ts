import type { CdrOutcome } from '@p2p-power/protocol/CdrOutcome';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Discount } from '@p2p-power/tariff/applyPromotions';
import { sql, type Transaction } from 'kysely';
import type { Database } from '../database/Database.ts';
import { retryDeadlock } from '../database/retryDeadlock.ts';
import { bookEntries } from '../ledger/bookEntries.ts';
import { type ChargeToBook, chargeEntry } from '../ledger/makeEntries.ts';
import { noteOfferedTariffs } from '../points/noteShownTariff.ts';
import { noteStationSeen } from '../points/noteStationSeen.ts';
import { billDrivers } from '../prices/billDrivers.ts';
import { type ChargeCommission, commissionCharges } from '../prices/commissionCharges.ts';
import type { CheckedEvidence } from './checkEvidence.ts';
import { intakeMetrics } from './IntakeMetrics.ts';
import { insertCharges, type NewCharge, type PlacedCharge } from './insertCharges.ts';
import { type Bringer, type IntakeContext, judgeCharges } from './judgeCharges.ts';
import { keepRefused, type RefusedEvidence } from './keepRefused.ts';

/**
 * Takes charges that were checked: judges them by what we know, and writes what came of each in one
 * transaction, so that an answer is given only for what is on disk. New charges are kept whole with
 * their evidence; who owes is booked where that is certain, else the charge waits for its peer in the
 * outbox. Commissions, promotions and the split for the bill are settled with the booking. What is refused is kept as well, with its reason (`keepRefused`). Any number of processes may do this with
 * the same charges at once: each is taken once. `now` is when they were received, epoch seconds.
 */
export async function takeCharges(
  context: IntakeContext,
  checked: readonly CheckedEvidence[],
  bringer: Bringer,
  now = context.clock.nowS(),
): Promise<readonly CdrOutcome[]> {
  const genuine = checked.flatMap((one) => (one.ok ? [one.charge] : []));
  const judgements = await judgeCharges(context, genuine, bringer, now);
  const commissions = await commissionCharges(context.db, context.config.providerId, genuine);
  const placed: PlacedCharge[] = [];
  const refused: RefusedEvidence[] = [];
  const decided: (CdrOutcome | undefined)[] = [];
  let index = 0;
  for (const one of checked) {
    const judgement = one.ok ? judgements[index++] : one;
    if (judgement === undefined) throw new Error('a charge was not judged');
    if (one.ok && judgement.ok) {
      const commission = commissions.get(one.charge.cdrId);
      placed.push(placeCharge(context, one.charge, judgement.driverId, commission));
      decided.push(undefined);
    } else if (!judgement.ok) {
      const cdrId = one.ok ? one.charge.cdrId : one.cdrId;
      const { refusal, detail } = judgement;
      const content = one.ok ? one.charge.evidence : one.content;
      refused.push({ cdrId, refusal, detail, content, isOfStation: one.ok || one.isOfStation });
      decided.push({ cdrId, outcome: 'refused', refusal, detail });
    }
  }

  const taken = await retryDeadlock(() =>
    context.db.transaction().execute((trx) => writeCharges(trx, context, placed, refused, bringer, now)),
  );
  const { cdrs } = intakeMetrics(context.metrics.registry);
  const source = bringer.kind;
  return checked.map((one, at) => {
    const outcome = decided[at] ?? (one.ok ? taken.get(one.charge.cdrId) : undefined);
    if (outcome === undefined) throw new Error('a CDR has no outcome');
    cdrs.inc({ source, outcome: outcome.refusal ?? outcome.outcome });
    return outcome;
  });
}

function placeCharge(
  context: IntakeContext,
  charge: NewCharge,
  driverId: string | null,
  commission: ChargeCommission | undefined,
): PlacedCharge {
  const me = context.config.providerId;
  const isForeign = charge.driverProvider !== me;
  const state = isForeign ? 'waiting' : charge.operatorProvider === me ? 'booked' : 'accepted';
  const { commissionMicro = null, operatorMicro = null, basis: commissionBasis = null } = commission ?? {};
  return { ...charge, driverId, state, commissionMicro, operatorMicro, commissionBasis };
}

async function writeCharges(
  trx: Transaction<Database>,
  context: IntakeContext,
  placed: readonly PlacedCharge[],
  refused: readonly RefusedEvidence[],
  bringer: Bringer,
  now: number,
): Promise<ReadonlyMap<Hex, CdrOutcome>> {
  const me = context.config.providerId;
  const source = bringer.kind === 'peer' ? bringer.providerId : 'hand-in';
  const insertions = await insertCharges(trx, placed, now);
  const outcomes = new Map<Hex, CdrOutcome>();
  const inserted: PlacedCharge[] = [];
  const replayed: RefusedEvidence[] = [];
  for (const charge of placed) {
    const { cdrId } = charge;
    if (outcomes.has(cdrId)) continue;
    const insertion = insertions.get(cdrId);
    if (insertion === 'inserted') {
      inserted.push(charge);
      outcomes.set(cdrId, { cdrId, outcome: 'accepted' });
    } else if (insertion === 'already-known') {
      outcomes.set(cdrId, { cdrId, outcome: 'already-known' });
    } else {
      const detail = 'another CDR has used this authorization';
      outcomes.set(cdrId, { cdrId, outcome: 'refused', refusal: 'authorization-replayed', detail });
      const content = charge.evidence;
      replayed.push({ cdrId, refusal: 'authorization-replayed', detail, content, isOfStation: true });
    }
  }
  const billed = inserted.filter((charge) => charge.state !== 'waiting');
  const discounts = await billDrivers(trx, context, billed, now);
  await bookEntries(
    trx,
    billed.map((charge) => chargeEntry(me, toBook(charge, discounts.get(charge.cdrId)), now)),
  );
  await queueForPeers(
    trx,
    inserted.filter((charge) => charge.state === 'waiting'),
    now,
  );
  await keepRefused(trx, [...refused, ...replayed], source, now);
  if (bringer.kind === 'station')
    await noteStationSeen(trx, [...new Set(placed.map((charge) => charge.stationCertificateId))], now);
  await noteOfferedTariffs(trx, placed, now);
  return outcomes;
}

const toBook = (charge: PlacedCharge, discounts: readonly Discount[] = []): ChargeToBook => ({
  cdrId: charge.cdrId,
  driverProvider: charge.driverProvider,
  operatorProvider: charge.operatorProvider,
  driverId: charge.driverId,
  operatorAccount: charge.operatorAccount,
  chargeMicro: BigInt(charge.chargeMicro),
  creditMicro: BigInt(charge.creditMicro),
  commissionMicro: charge.commissionMicro === null ? null : BigInt(charge.commissionMicro),
  promotions: discounts.map(({ promotionId, amountMicro }) => ({
    promotionId,
    amountMicro: BigInt(amountMicro),
  })),
});

async function queueForPeers(
  trx: Transaction<Database>,
  charges: readonly PlacedCharge[],
  now: number,
): Promise<void> {
  if (charges.length === 0) return;
  await sql`
    insert into outbox (cdr_id, peer, next_attempt_at)
    select cdr_id, peer, ${now}::bigint from unnest(
      ${charges.map((charge) => charge.cdrId)}::text[],
      ${charges.map((charge) => charge.driverProvider)}::text[]) as queued (cdr_id, peer)`.execute(trx);
}
