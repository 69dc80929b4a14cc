import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBalance, readPosition, readSupply } from '@p2p-power/chain/ChargeToken';
import { readChannel } from '@p2p-power/chain/Clearing';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { BatchAnswer, LedgerAnswer } from '@p2p-power/provider/client/ProviderClient';
import { openJournal } from '@p2p-power/station/Journal';
import type { JournalEntry } from '@p2p-power/station/Ports';
import { sqliteJournalStore } from '@p2p-power/station/sqliteJournalStore';
import { insist } from '../insist.ts';
import { printAmount, printEnergy } from '../printUnits.ts';
import { lookForPeople } from './lookForPeople.ts';
import type { Receipt } from './Phone.ts';
import { type Booked, readBooked } from './refuseForgeries.ts';
import { type Stage, staffOf } from './Stage.ts';

/** Chapter 7: the six promises, each looked up where the truth lies: journal, meter, ledgers, chain. */
export async function checkPromises(
  stage: Stage,
  story: {
    readonly receipt: Receipt;
    readonly batch: BatchAnswer;
    readonly operatorAccount: Hex;
    readonly operatorPaidMicro: bigint;
    readonly bookedBeforeForgeries: Booked;
  },
): Promise<void> {
  const { page, anna, cem } = stage;
  const { facts } = story.receipt;
  page.section('7  Every promise');
  const journal = await readGarageJournal(stage);
  const concluded = journal.filter(({ kind }) => kind === 'ended');
  const meter = JSON.parse(readFileSync(join(stage.garage.folder, 'meter.json'), 'utf8')) as {
    importWh: number;
  };
  const begun = journal.find(({ kind }) => kind === 'begun');
  const firstWh = (JSON.parse(begun?.body ?? '{}') as { reading: { importWh: number } }).reading.importWh;
  const ledgers = {
    driver: insist(await staffOf(stage, anna.network.providerId).ledger(), 'GET /admin/ledger'),
    operator: insist(await staffOf(stage, cem.network.providerId).ledger(), 'GET /admin/ledger'),
  };
  const owed = balanceOf(ledgers.driver, 'driver');

  page.line('1  Every Wh is in exactly one record, billed once and credited once.');
  page.check(
    concluded.length === 1 && BigInt(meter.importWh - firstWh) === BigInt(facts.importedWh),
    `the meter gave ${printEnergy(meter.importWh - firstWh)}, the one record holds ${printEnergy(facts.importedWh)}`,
  );
  page.check(
    owed === BigInt(facts.chargeMicro),
    `${anna.network.name} bills ${printAmount(owed, 'EUR')}, which is the charge`,
  );

  const credited = insist(await stage.bert.operatorCharges(), 'GET /operator/charges').charges;
  page.check(
    credited.length === 1 && credited[0]?.cdrId === facts.cdrId && credited[0].state === 'settled',
    `${cem.network.name} credits Bert with it once`,
  );

  page.line('2  No driver pays more than the offer they signed allows.');
  const most = story.receipt.evidence.authorization.value.maxAmountMicro;
  page.check(
    facts.chargeMicro <= facts.price.inclVatMicro && facts.chargeMicro <= most,
    `${printAmount(facts.chargeMicro, 'EUR')} is the offer's price, and not above ${printAmount(most, 'EUR')}`,
  );

  page.line('3  No contactor closes without an authorization on disk.');
  const numberOf = (kind: string) => journal.find((entry) => entry.kind === kind)?.number ?? 0;
  page.check(
    numberOf('authorized') > 0 && numberOf('authorized') < numberOf('begun'),
    `in the journal the authorization is entry ${numberOf('authorized')}, the meter's begin entry ${numberOf('begun')}`,
  );

  page.line('4  Nothing is lost by a power cut, days offline, or a message that comes twice.');
  const { unacknowledged } = insist(
    await anna.meet(stage.garage.linkUrl, stage.garage.evseId),
    'the station',
  ).conditions;
  page.check(
    unacknowledged === 0,
    `the journal's ${journal.length} entries are one unbroken chain, and no record waits in it`,
  );

  page.line('5  Everything adds up.');
  await checkSums(stage, story);
  for (const [who, ledger] of [
    [anna.network.name, ledgers.driver],
    [cem.network.name, ledgers.operator],
  ] as const)
    page.check(ledger.totalMicro === 0, `the ${ledger.entries} entries of ${who}'s ledger come to zero`);

  page.line('6  Bad input is refused by name, changes nothing and stops nobody else.');
  page.check(
    JSON.stringify(await readBooked(stage)) === JSON.stringify(story.bookedBeforeForgeries),
    'the forgeries were booked nowhere, and the station goes on making offers',
  );

  page.line('And the chain names nobody.');
  await lookForPeople(stage, story.receipt);
}

/** Positions, supply, holders, batch, payouts and fee, all as the chain has them. */
async function checkSums(
  stage: Stage,
  story: {
    readonly receipt: Receipt;
    readonly batch: BatchAnswer;
    readonly operatorAccount: Hex;
    readonly operatorPaidMicro: bigint;
  },
): Promise<void> {
  const { page, network, anna, cem } = stage;
  const client = network.chainClient;
  const [debtor, creditor] = [encodeMemberId(story.batch.debtor), encodeMemberId(story.batch.creditor)];
  const positions = await Promise.all(
    network.plan.providers.map(async ({ providerId }) => {
      const { positionMicro } = await readPosition(client, encodeMemberId(providerId));
      return { providerId, positionMicro };
    }),
  );
  const supply = await readSupply(client);
  const sum = positions.reduce((total, { positionMicro }) => total + positionMicro, 0n);
  page.check(
    sum === supply,
    `positions ${positions.map(({ providerId, positionMicro }) => `${providerId} ${printAmount(positionMicro, 'EUR')}`).join(', ')} are the supply ${printAmount(supply, 'EUR')}`,
  );
  const { potMicro } = await readChannel(client, debtor, creditor);
  const held = await readBalance(client, story.operatorAccount);
  const total = BigInt(story.batch.totalMicro);
  page.check(
    total === BigInt(story.receipt.facts.chargeMicro),
    `the batch's total ${printAmount(total, 'EUR')} is the sum of its records`,
  );
  page.check(
    story.operatorPaidMicro + BigInt(story.batch.feeMicro) === total,
    `Bert's ${printAmount(story.operatorPaidMicro, 'EUR')} and the fee ${printAmount(BigInt(story.batch.feeMicro), 'EUR')} are that total`,
  );
  page.fact('left in the pot', printAmount(potMicro, 'EUR'));
  page.fact('tokens Bert holds', printAmount(held, 'EUR'));
  page.fact('owed between', `${anna.network.name} and ${cem.network.name}: ${printAmount(supply, 'EUR')}`);
}

function balanceOf(ledger: LedgerAnswer, kind: string): bigint {
  return ledger.accounts
    .filter((account) => account.kind === kind)
    .reduce((sum, { balanceMicro }) => sum + BigInt(balanceMicro), 0n);
}

/** Every entry of the garage's journal, checked as one chain; the station is off while it is read. */
async function readGarageJournal({ network, garage }: Stage): Promise<readonly JournalEntry[]> {
  const station = network.stations.get(garage.evseId);
  await station?.cut();
  const store = sqliteJournalStore(garage.folder);
  try {
    openJournal(store).verifyWhole();
    return store.read(1, 10_000);
  } finally {
    store.close();
    await station?.restore();
  }
}
