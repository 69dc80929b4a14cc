import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { evidenceRefusals } from '@p2p-power/protocol/EvidenceRefusal';
import { chargeRefusals } from '@p2p-power/provider/intake/judgeCharges';
import { signalFaults } from '@p2p-power/provider/signals/SignalFault';
import { refusalWords as stationWords } from '@p2p-power/station/refusalWords';
import { describe, expect, test } from 'vitest';
import { knownRefusals, refusalInWords, refusedChargeInWords } from './refusalWords.ts';

const house = join(import.meta.dirname, '../..');
const refusalPattern =
  /\b(?:refuse|problem)\(\s*'([a-z][a-z-]*)'|\breportAt\([^,()]+(?:\([^()]*\))?,\s*'([a-z][a-z-]*)'/g;

/** Names by which what lies at a path, a file or all of a folder, refuses. */
function namesIn(path: string): readonly string[] {
  const files = /\.tsx?$/.test(path)
    ? [path]
    : readdirSync(join(house, path), { recursive: true, encoding: 'utf8' }).map((file) => `${path}/${file}`);
  const sources = files.filter(
    (file) => /\.tsx?$/.test(file) && !/\.test\.|\/(node_modules|dist|testing)\//.test(file),
  );
  expect(sources.length).toBeGreaterThan(0);
  return sources.flatMap((file) =>
    [...readFileSync(join(house, file), 'utf8').matchAll(refusalPattern)].map(
      ([, result, reported]) => result ?? reported ?? '',
    ),
  );
}

/** What people meet on the app's pages in words of the app, in the order of the lists below. */
describe('in their language people read whatever', () => {
  test.each<readonly [who: string, names: readonly string[]]>([
    ['a station refuses', Object.keys(stationWords)],
    ['evidence is refused for', evidenceRefusals],
    ['a provider says of a charge', chargeRefusals],
    ['is wrong with a signal', signalFaults],
    ['the app itself refuses', namesIn('web')],
    [
      'a provider refuses anybody',
      ['provider/http/authenticate.ts', 'provider/http/createApp.ts'].flatMap(namesIn),
    ],
    [
      'is refused of an operator’s money',
      [
        'provider/bank/BankAccount.ts',
        'provider/operators/operatorRoutes.ts',
        'provider/operators/payoutRoutes.ts',
        'provider/operators/redemptions.ts',
        'provider/operators/claimPayouts.ts',
      ].flatMap(namesIn),
    ],
    [
      'is refused of prices, frames, commissions and promotions',
      [
        'provider/prices',
        'provider/points/putTariff.ts',
        'tariff/Commission.ts',
        'tariff/DynamicTerms.ts',
        'tariff/PriceFrame.ts',
        'tariff/Promotion.ts',
        'tariff/Tariff.ts',
        'tariff/Tariff230.ts',
        'tariff/checkFrame.ts',
        'tariff/ocpiRestrictions.ts',
        'tariff/readJson.ts',
        'tariff/withFreeTime.ts',
      ].flatMap(namesIn),
    ],
    [
      'is refused of a driver',
      ['provider/people/issueDriverCertificate.ts', 'provider/people/revokeDriverCertificates.ts'].flatMap(
        namesIn,
      ),
    ],
    ['is refused of statements and bills', namesIn('provider/statements')],
  ])('%s', (_who, names) => {
    expect(names.length).toBeGreaterThan(0);
    expect([...new Set(names)].filter((name) => !knownRefusals.includes(name))).toEqual([]);
  });
});

test('a refusal without words of ours has those that came with it, or at least its name', () => {
  expect(refusalInWords('session-running', 'Busy.', 'de')).toBe('Hier läuft schon eine andere Ladung.');
  expect(refusalInWords('something-new', 'In its own words.', 'de')).toBe('In its own words.');
  expect(refusalInWords('something-new', '', 'en')).toBe('something-new');
});

test('each says something else in each language, as a sentence', () => {
  for (const name of knownRefusals) {
    const [german, english] = [refusalInWords(name, '', 'de'), refusalInWords(name, '', 'en')];
    expect(german).not.toBe(english);
    for (const words of [german, english]) expect(words).toMatch(/^\p{Lu}.*[.?]$/u);
  }
});

test('of a charge that is on no bill the driver reads what became of it, not what a station would ask for', () => {
  expect(refusedChargeInWords('authorization-replayed', '', 'de')).toBe(
    'Dieselbe Freigabe wurde zweimal abgerechnet. Sie zahlen sie nur einmal.',
  );
  expect(refusalInWords('authorization-replayed', '', 'de')).toContain('Bitte neu freischalten.');
  expect(refusedChargeInWords('wrong-currency', '', 'en')).toBe(
    'The providers have not recognised this charge.',
  );
  expect(refusedChargeInWords('charge-mismatch', '', 'en')).toBe(refusalInWords('charge-mismatch', '', 'en'));
  expect(refusedChargeInWords('something-new', 'In its own words.', 'de')).toBe('In its own words.');
});
