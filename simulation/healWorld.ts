import { accountSigner } from '@p2p-power/chain/accountSigner';
import { readBalance, readPosition } from '@p2p-power/chain/ChargeToken';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { type RawBuilder, sql } from 'kysely';
import { askStation } from './Phone.ts';
import type { Breach, Onlooker } from './promises.ts';
import { refreshSignals, stationBackend } from './stationBackend.ts';
import type { World } from './World.ts';

/**
 * Makes everything work again, lets everything come to its end and checks that it did: every session
 * has its record, every record is in the books, every charge is settled exactly once, every operator
 * can claim, and what is on the chain is what the ledgers say.
 */
export async function healWorld(world: World, eyes: Onlooker): Promise<readonly Breach[]> {
  await world.heal();
  world.note('everything works again');
  await world.advance(7_200);
  for (const station of world.stations) station.point.act('unplug');
  await world.advance(1_200);
  for (const phone of world.phones)
    for (const charge of phone.charges) if (charge.receipt === undefined) await phone.fetchReceipt(charge);
  const [phone] = world.phones;
  if (phone === undefined) throw new Error('a world without phones');
  for (const provider of world.providers) await provider.runJobs();
  for (const station of world.stations) {
    const provider = world.provider(station.providerId);
    for (let round = 0; round < 20 && (station.status()?.unacknowledged ?? 1) > 0; round += 1) {
      if (station.online) await station.handIn(stationBackend(world, station));
      else {
        await phone.collect(station);
        await phone.handIn(provider);
        await phone.deliver(station);
      }
    }
  }
  // Evidence that waits is tried again an hour later at the latest; a batch follows when the one before is settled.
  for (let round = 0; round < 12; round += 1) {
    for (const provider of world.providers) await provider.runJobs();
    await world.advance(4_000);
    if ((await countLeft(world, sql`select count(*) from outbox`)) > 0) continue;
    for (const provider of world.providers) {
      const body = { periodEnd: world.clock.nowS() };
      const closed = await provider.call('POST', '/admin/periods/close', { as: 'staff', body });
      world.note(`${provider.providerId} closes the period: ${closed.status}`);
    }
    for (const provider of world.providers) await provider.runJobs();
    if ((await countLeft(world, unsettled)) === 0) break;
  }
  for (const { name, provider } of world.operators) {
    const claimed = await provider.call('POST', '/operator/claims', { as: name });
    world.note(`${name} claims: ${claimed.status}`);
  }
  for (const provider of world.providers) {
    // What their drivers gave back is paid to the providers' own accounts.
    const claimed = await provider.call('POST', '/admin/own-claims', { as: 'staff' });
    world.note(`${provider.providerId} claims: ${claimed.status}`);
    await provider.runJobs();
  }
  for (const station of world.stations) if (station.online) await refreshSignals(world, station);
  return [...(await eyes.check()), ...(await checkEnd(world, eyes))];
}

/** Batches under way, and accepted charges that are in none. */
const unsettled = sql`select (select count(*) from batch where state <> 'settled')
  + (select count(*) from charge where state = 'accepted' and (charge_sequence is null and charge_micro > 0
    or credit_sequence is null and credit_micro > 0))`;

/** How much the providers have left of something. */
async function countLeft({ providers }: World, query: RawBuilder<unknown>): Promise<number> {
  let left = 0;
  for (const { db } of providers) {
    const { rows } = await sql<{ left: string }>`select (${query}) as left`.execute(db);
    left += Number(rows[0]?.left);
  }
  return left;
}

/** What must be so when nothing stands in the way any more. */
async function checkEnd(world: World, eyes: Onlooker): Promise<readonly Breach[]> {
  const { books, journals } = await eyes.look();
  const breaches: Breach[] = [];
  for (const station of world.stations) {
    const facts = journals.get(station);
    if (facts === undefined) continue;
    if (facts.running.length > 0) breaches.push(`${station.name}: a session has no end`);
    const own = books.find(({ providerId }) => providerId === station.providerId);
    const charges = new Map(own?.charges.map((charge) => [charge.cdrId, charge]));
    for (const { cdrId, isAcknowledged } of facts.ended) {
      const charge = charges.get(cdrId);
      if (!isAcknowledged) breaches.push(`${station.name}: ${cdrId} is not acknowledged`);
      if (charge === undefined) {
        // Past the grace hours of a revocation that an offline station has not heard of, the operator bears it.
        const refusal = own?.refused.get(cdrId);
        if (refusal !== 'driver-certificate-revoked')
          breaches.push(`${station.name}: ${cdrId} is not in the books: ${refusal ?? 'never seen'}`);
        continue;
      }
      const { driverProvider, operatorProvider, state, sequence, chargeMicro, creditMicro } = charge;
      const isOwn = driverProvider === operatorProvider;
      if (state !== (isOwn ? 'booked' : 'accepted'))
        breaches.push(`${station.name}: ${cdrId} is ${state} in the end`);
      else if (!isOwn && chargeMicro > 0 && sequence === null)
        breaches.push(`${station.name}: ${cdrId} is in no batch`);
      else if (!isOwn && creditMicro > 0 && charge.creditSequence === null)
        breaches.push(`${station.name}: the credit of ${cdrId} is in no batch`);
      if (isOwn) continue;
      const theirs = books
        .find(({ providerId }) => providerId === driverProvider)
        ?.charges.find((other) => other.cdrId === cdrId);
      if (
        theirs?.state !== 'accepted' ||
        theirs.sequence !== sequence ||
        theirs.creditSequence !== charge.creditSequence
      )
        breaches.push(`${station.name}: ${driverProvider} has ${cdrId} otherwise`);
    }
    try {
      const answer = await askStation(world.network, 'onlooker', station, { type: 'hello', version: 1 });
      if (answer.type !== 'conditions' || answer.occupied)
        breaches.push(`${station.name} does not offer anything in the end`);
    } catch (error) {
      breaches.push(`${station.name} does not answer in the end: ${(error as Error).message}`);
    }
  }
  for (const { providerId, batches, balances } of books) {
    const { positionMicro } = await readPosition(world.chain, encodeMemberId(providerId));
    if (BigInt(balances.get('chain-position') ?? 0) !== -positionMicro)
      breaches.push(
        `${providerId}: the ledger’s position is ${balances.get('chain-position')}, the chain’s ${positionMicro}`,
      );
    const account = accountSigner(world.provider(providerId).identity.accountKey).address;
    const tokens = await readBalance(world.chain, account);
    if (BigInt(balances.get('own-tokens') ?? 0) !== tokens)
      breaches.push(
        `${providerId}: ${balances.get('own-tokens')} tokens in the ledger, ${tokens} on the chain`,
      );
    for (const batch of batches)
      if (batch.state !== 'settled')
        breaches.push(`${providerId}: batch ${batch.debtor} ${batch.sequence} is ${batch.state} in the end`);
    for (const [account, micro] of balances)
      if (
        /^(peer-receivable|peer-payable|operator-earned|operator-claimable|channel-pot)/.test(account) &&
        micro !== 0
      )
        breaches.push(`${providerId}: ${account} is ${micro} in the end`);
  }
  return breaches;
}
