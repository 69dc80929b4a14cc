import { readPosition, readSupply } from '@p2p-power/chain/ChargeToken';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { EnergyPrices } from '@p2p-power/tariff/EnergyPrices';
import { price } from '@p2p-power/tariff/price';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { type Books, type JournalFacts, journalReader, readBooks } from './Books.ts';
import type { Charge } from './Phone.ts';
import type { SimulatedStation } from './SimulatedStation.ts';
import type { World } from './World.ts';

/** The world as an onlooker sees it who asks none of those whose promises are checked. */
export interface Sight {
  readonly world: World;
  readonly books: readonly Books[];
  readonly journals: ReadonlyMap<SimulatedStation, JournalFacts>;
  /** What the chain says. */
  readonly chain: { readonly supplyMicro: bigint; readonly positionsMicro: bigint };
}

/** A promise that does not hold, in words. */
export type Breach = string;

/** A promise, checked: what breaks it, nothing where it holds. */
export type PromiseCheck = (sight: Sight) => readonly Breach[] | Promise<readonly Breach[]>;

const euro = (micro: number | null) => `${(micro ?? 0) / 1_000_000} €`;

/** 1. Every Wh that a meter gave is in exactly one CDR; each CDR is billed once and credited once. */
export const everyWhIsInOneRecord: PromiseCheck = async ({ world, books, journals }) => {
  const breaches: Breach[] = [];
  const all = new Map<string, Evidence>();
  for (const station of world.stations) {
    const { ended, runningFrom } = factsOf(journals, station);
    for (const { cdrId, evidence } of ended) {
      if (all.has(cdrId)) breaches.push(`${station.name}: CDR ${cdrId} is in two journals`);
      all.set(cdrId, evidence);
    }
    const registers = await station.registers();
    for (const [register, recorded] of [
      ['importWh', 'importedWh'],
      ['exportWh', 'exportedWh'],
    ] as const) {
      const meteredWh = registers[register] - station.firstWh[register];
      const recordedWh = ended.reduce((sum, { evidence }) => sum + evidence.cdr.value[recorded], 0);
      const runningWh = runningFrom === undefined ? 0 : registers[register] - runningFrom[register];
      if (meteredWh !== recordedWh + runningWh)
        breaches.push(
          `${station.name}: the meter says ${recorded} ${meteredWh} Wh, ` +
            `the records say ${recordedWh} Wh, the running session ${runningWh} Wh`,
        );
    }
  }
  for (const { providerId, charges, strayEntries } of books) {
    if (strayEntries > 0) breaches.push(`${providerId}: ${strayEntries} entries bill what is no charge`);
    for (const charge of charges) {
      const value = all.get(charge.cdrId)?.cdr.value;
      const name = `${providerId}: ${charge.cdrId}`;
      if (
        value?.authorizationId !== charge.authorizationId ||
        value.chargeMicro !== charge.chargeMicro ||
        value.creditMicro !== charge.creditMicro
      ) {
        breaches.push(`${name} is in no journal as it is in the books`);
        continue;
      }
      const isOwed = charge.state === 'booked' || charge.state === 'accepted';
      if (charge.entries !== (isOwed ? 1 : 0))
        breaches.push(`${name} is ${charge.state} and booked ${charge.entries} times`);
      if (!isOwed) continue;
      const netMicro = charge.chargeMicro - charge.creditMicro;
      const driverMicro = charge.driverProvider === providerId ? netMicro : null;
      if (charge.driverMicro !== driverMicro)
        breaches.push(`${name}: the driver is billed ${euro(charge.driverMicro)} of ${euro(driverMicro)}`);
      const operatorMicro = charge.operatorProvider === providerId ? netMicro : null;
      if (charge.operatorMicro !== operatorMicro)
        breaches.push(
          `${name}: the operator is credited ${euro(charge.operatorMicro)} of ${euro(operatorMicro)}`,
        );
    }
  }
  return breaches;
};

const bounds = new WeakMap<Evidence, number>();

/**
 * Most that the driver may pay by what they signed: their bound, what the offered prices and tariff come to, what the
 * tariff alone comes to, and what their own phone has kept of what it showed.
 */
function boundOf(evidence: Evidence, shown: Charge['shown'] | undefined): number {
  const known = bounds.get(evidence);
  if (known !== undefined) return known;
  const { tariff, prices, offer, readings, authorization } = evidence;
  const { timeZone } = offer.value;
  const asked = (by: Tariff, at?: EnergyPrices) =>
    price(by, { timeZone, readings, ...(at && { prices: at }) }).inclVatMicro;
  const bound = Math.min(
    authorization.value.maxAmountMicro,
    asked(tariff, prices),
    asked(tariff),
    ...(shown === undefined ? [] : [asked(shown.tariff, shown.prices)]),
  );
  bounds.set(evidence, bound);
  return bound;
}

/** 2. No driver pays more than the offer they signed allows. */
export const nobodyPaysMoreThanSigned: PromiseCheck = ({ world, books, journals }) => {
  const breaches: Breach[] = [];
  const owedBy = new Map<string, number>();
  const signed = new Map<string, number>();
  const shown = new Map<string, Charge['shown']>();
  for (const phone of world.phones)
    for (const charge of phone.charges) shown.set(charge.authorizationId, charge.shown);
  for (const station of world.stations)
    for (const { cdrId, authorizationId, evidence } of factsOf(journals, station).ended) {
      const bound = boundOf(evidence, shown.get(authorizationId));
      const { value } = evidence.cdr;
      const paidFor = shown.get(authorizationId)?.offer.value.feedInMicroPerKwh ?? 0;
      const creditMicro = Math.floor((value.exportedWh * paidFor) / 1_000);
      signed.set(cdrId, bound - creditMicro);
      if (value.creditMicro < creditMicro)
        breaches.push(
          `${station.name}: ${euro(value.creditMicro)} are paid, ${euro(creditMicro)} were offered`,
        );
      if (value.exportedWh > 0 && !evidence.authorization.value.mayDischarge)
        breaches.push(`${station.name}: ${value.exportedWh} Wh were taken of a car that gives nothing`);
      if (value.chargeMicro > bound)
        breaches.push(`${station.name}: ${euro(value.chargeMicro)} are charged, ${euro(bound)} were signed`);
      if (value.importedWh > evidence.authorization.value.maxEnergyWh)
        breaches.push(`${station.name}: ${value.importedWh} Wh are more than was signed`);
    }
  for (const { providerId, charges, balances } of books) {
    for (const { driverId, driverMicro, cdrId } of charges) {
      if (driverId === null || driverMicro === null) continue;
      const name = `${providerId} driver ${driverId}`;
      owedBy.set(name, (owedBy.get(name) ?? 0) + Math.min(driverMicro, signed.get(cdrId) ?? 0));
    }
    for (const [account, micro] of balances) {
      if (!account.startsWith('driver ')) continue;
      const most = owedBy.get(`${providerId} ${account}`) ?? 0;
      if (micro > most)
        breaches.push(`${providerId}: ${account} owes ${euro(micro)}, signed were ${euro(most)}`);
    }
  }
  return breaches;
};

/** 3. No contactor closes without an authorization that verifies, written to disk first. */
export const noContactorClosesUnauthorized: PromiseCheck = ({ world, journals }) =>
  world.stations.flatMap((station) => {
    const breaches = station.closings
      .filter(({ wrong }) => wrong !== undefined)
      .map(({ at, wrong }) => `${station.name}: the contactor closed at ${at}: ${wrong}`);
    const { running } = factsOf(journals, station);
    if (station.point.contactor.isClosed() && running.length === 0)
      breaches.push(`${station.name}: the contactor is closed and no session runs`);
    return breaches;
  });

/** 4. Nothing is lost: what a station was told is kept is in its provider's database, and every session has a fate. */
export const nothingIsLost: PromiseCheck = ({ world, books, journals }) => {
  const breaches: Breach[] = [];
  for (const station of world.stations) {
    const { ended, running } = factsOf(journals, station);
    if (running.length > 1) breaches.push(`${station.name}: ${running.length} sessions run at once`);
    const own = books.find(({ providerId }) => providerId === station.providerId);
    const kept = new Set([...(own?.charges ?? []).map(({ cdrId }) => cdrId), ...(own?.refused.keys() ?? [])]);
    for (const { cdrId, isAcknowledged } of ended)
      if (isAcknowledged && !kept.has(cdrId))
        breaches.push(`${station.name}: ${cdrId} was acknowledged and is not in the provider’s database`);
  }
  for (const phone of world.phones)
    for (const { station, authorizationId, receipt } of phone.charges)
      if (
        receipt !== undefined &&
        !factsOf(journals, station).ended.some((session) => session.authorizationId === authorizationId)
      )
        breaches.push(`${phone.name}: the receipt of ${authorizationId} is in no journal`);
  return breaches;
};

/** 5. Positions add up to the supply, a batch's total is the sum of its CDRs, payouts and fees are the total. */
export const moneyAddsUp: PromiseCheck = ({ books, chain }) => {
  const breaches: Breach[] = [];
  if (chain.positionsMicro !== chain.supplyMicro)
    breaches.push(`positions come to ${chain.positionsMicro}, the supply is ${chain.supplyMicro}`);
  for (const { providerId, ledgerMicro, unbalanced, batches, charges } of books) {
    if (ledgerMicro !== 0 || unbalanced !== 0)
      breaches.push(
        `${providerId}: the ledger comes to ${ledgerMicro}, ${unbalanced} entries do not balance`,
      );
    for (const batch of batches) {
      const name = `${providerId}: batch ${batch.debtor} > ${batch.creditor} ${batch.sequence}`;
      const held = charges.flatMap((charge) => [
        ...(charge.sequence === batch.sequence &&
        charge.driverProvider === batch.debtor &&
        charge.operatorProvider === batch.creditor
          ? [charge.chargeMicro]
          : []),
        ...(charge.creditSequence === batch.sequence &&
        charge.operatorProvider === batch.debtor &&
        charge.driverProvider === batch.creditor
          ? [charge.creditMicro]
          : []),
      ]);
      const total = held.reduce((sum, micro) => sum + micro, 0);
      if (held.length !== batch.count || total !== batch.totalMicro)
        breaches.push(
          `${name}: ${batch.totalMicro} for ${batch.count} charges and credits, its CDRs are ${total}`,
        );
      if (batch.payoutMicro + batch.feeMicro !== batch.totalMicro)
        breaches.push(
          `${name}: payouts ${batch.payoutMicro} and fee ${batch.feeMicro} are not ${batch.totalMicro}`,
        );
    }
  }
  return breaches;
};

/** 6. Bad input of any kind gets a clear refusal with its reason and changes nothing. */
export const badInputIsRefused: PromiseCheck = ({ world }) =>
  world.badInputs.flatMap(({ name, expected, refusal, before, after }) => {
    const breaches: Breach[] = [];
    if (refusal === undefined) breaches.push(`${name} was taken`);
    else if (!expected.includes(refusal))
      breaches.push(`${name}: ${refusal}, expected ${expected.join(' or ')}`);
    if (before !== after) breaches.push(`${name} changed something`);
    return breaches;
  });

export const promiseChecks: Readonly<Record<string, PromiseCheck>> = {
  everyWhIsInOneRecord,
  nobodyPaysMoreThanSigned,
  noContactorClosesUnauthorized,
  nothingIsLost,
  moneyAddsUp,
  badInputIsRefused,
};

/** An onlooker who remembers what was read before. */
export interface Onlooker {
  look(): Promise<Sight>;
  /** Every promise, checked now; the breaches led by the promise's name. */
  check(): Promise<readonly Breach[]>;
}

export function onlooker(world: World): Onlooker {
  const readers = world.stations.map((station) => [station, journalReader(station)] as const);
  let read: (Pick<Sight, 'books' | 'chain'> & { readonly touches: string }) | undefined;
  const look = async (): Promise<Sight> => {
    // Books and chain change by what providers do; where they did nothing, they are as they were.
    const touches = world.providers.map((provider) => provider.touches()).join();
    if (read?.touches !== touches) {
      const [chain, ...books] = await Promise.all([readChain(world), ...world.providers.map(readBooks)]);
      read = { touches, chain, books };
    }
    const { books, chain } = read;
    return { world, books, chain, journals: new Map(readers.map(([station, facts]) => [station, facts()])) };
  };
  return {
    look,
    async check() {
      const sight = await look();
      const breaches: Breach[] = [];
      for (const [name, check] of Object.entries(promiseChecks))
        for (const breach of await check(sight)) breaches.push(`${name}: ${breach}`);
      return breaches;
    },
  };
}

async function readChain({ chain, providers }: World): Promise<Sight['chain']> {
  const [supplyMicro, ...positions] = await Promise.all([
    readSupply(chain),
    ...providers.map(({ providerId }) => readPosition(chain, encodeMemberId(providerId))),
  ]);
  const positionsMicro = positions.reduce((sum, { positionMicro }) => sum + positionMicro, 0n);
  return { supplyMicro, positionsMicro };
}

function factsOf(journals: Sight['journals'], station: SimulatedStation): JournalFacts {
  const facts = journals.get(station);
  if (facts === undefined) throw new Error(`${station.name} was not read`);
  return facts;
}
