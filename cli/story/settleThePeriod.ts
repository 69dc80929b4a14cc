import type { Hex } from '@p2p-power/protocol/Hex';
import type { BatchAnswer } from '@p2p-power/provider/client/ProviderClient';
import { insist } from '../insist.ts';
import { printAmount, printEnergy, printHash } from '../printUnits.ts';
import type { Receipt } from './Phone.ts';
import { type Stage, staffOf, waitFor } from './Stage.ts';

/** Chapter 3: the period closes between the two providers, with one transaction. */
export async function settleThePeriod(stage: Stage, receipt: Receipt): Promise<BatchAnswer> {
  const { page, network, anna, cem } = stage;
  const [debtor, creditor] = [anna.network, cem.network];
  page.section('3  The period closes');
  page.line(
    `${creditor.name} proposes the batch, ${debtor.name} compares it with its own books and signs too.`,
  );
  const staff = staffOf(stage, creditor.providerId);
  const periodEnd = Math.max(Math.floor(Date.now() / 1000), receipt.facts.endedAt + 1);
  insist(await staff.closePeriod({ periodEnd, peer: debtor.providerId }), 'POST /admin/periods/close');
  const told = await waitFor(
    'settling on the chain',
    () => staff.batches(),
    ({ batches }) => batches.some(({ state }) => state === 'settled'),
  );
  const batch = told.batches.find(({ state }) => state === 'settled');
  if (batch?.txHash == null) throw new Error('the settled batch names no transaction');
  page.fact('batch', `number ${batch.sequence} from ${batch.debtor} to ${batch.creditor}`);
  page.fact('charges', `${batch.count}, ${printEnergy(batch.energyWh)}`);
  page.fact('total', printAmount(BigInt(batch.totalMicro), 'EUR'));
  page.fact('fee', `${printAmount(BigInt(batch.feeMicro), 'EUR')}, kept by ${creditor.name}`);
  page.fact('roots', `charges ${printHash(batch.cdrRoot)}, payouts ${printHash(batch.payoutsRoot)}`);
  const mined = await network.chainClient.rpc.getTransactionReceipt({ hash: batch.txHash as Hex });
  page.fact('transaction', `${printHash(batch.txHash)} in block ${mined.blockNumber}`);
  page.fact('gas', `${mined.gasUsed} for ${batch.count} charge${batch.count === 1 ? '' : 's'}`);
  page.check(
    mined.status === 'success' && told.batches.filter(({ txHash }) => txHash === batch.txHash).length === 1,
    'one transaction settles the period',
  );
  return batch;
}
