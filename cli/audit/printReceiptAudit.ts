import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Page } from '../Page.ts';
import { printAmount, printHash, printTime } from '../printUnits.ts';
import type { AuditedSettlement, ReceiptAudit, SettlementFault } from './auditReceipt.ts';

/** Whether nothing that was claimed about the charge is false. */
export const isSound = (audit: ReceiptAudit): boolean =>
  audit.settlements.every(({ faults }) => faults.length === 0);

const words: Readonly<Record<SettlementFault, string>> = {
  'proof-of-another-charge': 'the proof is of another charge than this receipt',
  'amount-not-of-receipt': 'the amount is not the one that the station signed',
  'providers-not-of-receipt': 'debtor and creditor are not the providers of this receipt',
  'batch-not-on-chain': 'the chain has no batch of this number in this channel',
  'root-not-on-chain': 'the chain keeps another root under this number: the charge is not in that batch',
  'batch-hash-not-on-chain': 'the chain settled another batch under this number',
};

/** Where one charge was settled, for people. */
export function printReceiptAudit(page: Page, audit: ReceiptAudit, evidence: Evidence): void {
  const { currency } = evidence.offer.value;
  page.section('The charge');
  page.fact('record', audit.cdrId);
  page.fact('authorization', audit.authorizationId);
  page.fact('charge', printAmount(evidence.cdr.value.chargeMicro, currency));
  if (evidence.cdr.value.creditMicro > 0)
    page.fact('credit', printAmount(evidence.cdr.value.creditMicro, currency));
  const [driverProvider, operatorProvider] = [
    evidence.driverCertificate.value.providerId,
    evidence.stationCertificate.value.providerId,
  ];
  if (driverProvider === operatorProvider)
    page.line(`Driver and operator are both of ${driverProvider}: such a charge never comes to the chain.`);
  for (const settled of audit.settlements) printSettlement(page, settled, currency);
  if (audit.settlements.length === 0) {
    page.line();
    page.warn('No settlement is known: the period may not be closed yet, or was not settled.');
  }
  page.section('Without the debtor’s signature');
  if (audit.forced.length === 0) page.line('Nothing was collected by the evidence itself.');
  for (const { direction, status } of audit.forced)
    page.fact(
      `forced ${direction}`,
      { raised: 'raised, in its objection window', paid: 'paid', void: 'void: an objection held', none: '' }[
        status
      ],
    );
}

function printSettlement(page: Page, settled: AuditedSettlement, currency: string): void {
  const { settlement, faults } = settled;
  page.section(`Where the ${settlement.side} was settled`);
  page.fact('from', settlement.debtor);
  page.fact('to', settlement.creditor);
  page.fact('batch', `${settlement.sequence} of channel ${printHash(settlement.channelId)}`);
  page.fact('batch hash', settlement.batchHash);
  if (settled.blockNumber !== null) page.fact('block', String(settled.blockNumber));
  if (settled.txHash !== null) page.fact('tx', settled.txHash);
  if (settled.settledAt !== null) page.fact('settled', printTime(settled.settledAt));
  page.fact('amount', printAmount(settlement.amountMicro, currency));
  if (settlement.feeMicro !== null) {
    page.fact('fee', `${printAmount(settlement.feeMicro, currency)} (as the provider says)`);
    page.fact('for the payee', printAmount(settlement.amountMicro - settlement.feeMicro, currency));
  }
  if (settlement.payee !== null) page.fact('payee', settlement.payee);
  if (settled.claimedMicro !== null)
    page.fact(
      'claimed so far',
      `${printAmount(settled.claimedMicro, currency)}, of this charge and all others of the channel`,
    );
  page.line();
  page.check(
    true,
    `the path of ${settlement.proof.length} hashes leads from the charge to ${printHash(settlement.cdrRoot)}`,
  );
  if (faults.length === 0) page.check(true, 'the chain keeps that root under this number, for good');
  for (const fault of faults) page.check(false, `${fault}: ${words[fault]}`);
}
