import { zeroHash } from '@p2p-power/protocol/Hex';
import type { OfferedPrices } from '@p2p-power/protocol/OfferedPrices';
import type { EvidenceFacts } from '@p2p-power/protocol/verifyEvidence';
import { energyPriceAt } from '@p2p-power/tariff/EnergyPrices';
import { explain } from '@p2p-power/tariff/explain';
import type { Page } from '../Page.ts';
import { printAmount, printEnergy, printHash, printTime } from '../printUnits.ts';
import type { Verdict } from './checkReceipt.ts';
import type { TrustedKeys } from './TrustedKeys.ts';

/** The verdict for people: what is proven, what is said, what it cost and why. */
export function printVerdict(page: Page, verdict: Verdict, keys: TrustedKeys | undefined): void {
  if (verdict.verdict === 'refused') {
    page.check(false, `This receipt does not hold: ${verdict.refusal}`);
    page.line(`  ${verdict.detail}`);
    return;
  }
  const { facts } = verdict;
  if (verdict.verdict === 'verified')
    page.check(true, `This receipt is genuine, by the keys of ${keys?.source ?? 'the network'}.`);
  else page.warn('This receipt agrees with itself, but who issued its certificates is not known here.');
  printProof(page, facts, verdict.verdict === 'verified');
  if (verdict.verdict === 'unproven') {
    page.section('What could not be checked');
    for (const what of verdict.unchecked) page.warn(what);
    page.line("Name the providers' keys with --keys FILE, or a data folder of p2p-power up with --data.");
  }
  page.section('What was charged');
  printFacts(page, facts);
  if (facts.prices !== undefined) {
    page.section('What had been promised for energy');
    printPrices(page, facts, facts.prices);
  }
  page.section('What it cost, and why');
  printPrice(page, facts);
}

function printProof(page: Page, facts: EvidenceFacts, issuersKnown: boolean): void {
  page.section('What was checked');
  if (issuersKnown) {
    page.check(
      true,
      `${facts.driverProviderId} certified the driver's key, ${facts.stationProviderId} the station's`,
    );
  }
  page.check(true, 'the station signed the offer, the driver agreed to exactly that offer');
  page.check(true, 'the certificates were valid then, and their bounds were kept');
  page.check(true, 'the station signed the charge detail record under that agreement');
  page.check(
    true,
    `the meter's own signature holds (${facts.meter.curve}), and its registers are those of the record`,
  );
  if (facts.prices !== undefined)
    page.check(
      true,
      'the prices by quarter-hour are those the driver agreed to, none above the tariff’s own',
    );
  page.check(true, 'the tariff, applied to the readings, gives the amount');
  page.line(
    'Whether a certificate was taken back before, or the record used twice, only the providers’ lists can say.',
  );
}

/** The signed facts of one charge. */
export function printFacts(page: Page, facts: EvidenceFacts): void {
  page.fact('charging point', facts.evseId);
  page.fact('contract', facts.emaid);
  page.fact('agreed', printTime(facts.authorizedAt));
  page.fact('from', printTime(facts.startedAt));
  page.fact('until', `${printTime(facts.endedAt)} (${facts.endReason})`);
  page.fact('energy', printEnergy(facts.importedWh));
  if (facts.exportedWh > 0) page.fact('given back', printEnergy(facts.exportedWh));
  page.fact('charge', printAmount(facts.chargeMicro, facts.currency));
  if (facts.creditMicro > 0) page.fact('credit', printAmount(facts.creditMicro, facts.currency));
  page.fact(
    'meter',
    `${facts.meter.meterSerial || 'without serial'}, ${facts.meter.curve}, ${facts.meter.pagination}`,
  );
  page.fact('record', `${printHash(facts.cdrId)}, entry ${facts.journalNumber} of the station's journal`);
  page.fact('authorization', printHash(facts.authorizationId));
}

/** The promised prices of the time of the charge, before tax; neighbours of one price as one. */
function printPrices(
  page: Page,
  { startedAt, endedAt, currency }: EvidenceFacts,
  prices: OfferedPrices,
): void {
  const perKwh = (priceMicro: number) => `${printAmount(priceMicro, currency)}/kWh`;
  const rows: string[][] = [];
  for (let at = startedAt; at < endedAt; ) {
    const { priceMicro, until } = energyPriceAt(prices, at);
    const to = Math.min(until, endedAt);
    rows.push([printTime(at), printTime(to), perKwh(priceMicro)]);
    at = to;
  }
  page.table(rows, [2]);
  page.fact('at all other times', perKwh(prices.otherwiseMicro));
  page.fact('by the signal', prices.signalId === zeroHash ? 'none' : printHash(prices.signalId));
}

/** The price line by line, and how the sum came about. */
export function printPrice(page: Page, facts: EvidenceFacts): void {
  const { price, currency, chargeMicro, timeZone } = facts;
  const rows = explain(price, 'en', timeZone).map(({ text, amountMicro }) =>
    amountMicro === undefined ? [`  ${text}`] : [text, printAmount(amountMicro, currency)],
  );
  page.table(rows, [1]);
  page.fact('before tax', printAmount(price.exclVatMicro, currency));
  page.fact('tax', printAmount(price.vatMicro, currency));
  page.fact('price', printAmount(price.inclVatMicro, currency));
  if (chargeMicro < price.inclVatMicro)
    page.fact('charged', `${printAmount(chargeMicro, currency)}: the driver had agreed to no more`);
}
