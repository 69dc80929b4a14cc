import { evidenceRefusals } from '@p2p-power/protocol/EvidenceRefusal';
import { chargeRefusals } from '@p2p-power/provider/intake/judgeCharges';
import { expect, test } from 'vitest';
import { knownRefusals } from './refusalWords.ts';
import { refusedOperatorCharge } from './refusedOperatorCharge.ts';

/** Whatever a driver's provider can answer to a charge that it is handed. */
const names = [...new Set<string>([...evidenceRefusals, ...chargeRefusals])];

test.each(['de', 'en'] as const)(
  'in %s an operator reads why each refused charge is not paid',
  (language) => {
    expect(names.filter((name) => refusedOperatorCharge(name, '', language) === name)).toEqual([]);
  },
);

test('nothing of it speaks to the driver', () => {
  const toDriver = /\b(?:Sie|Ihr\w*|bitte|you|your|please)\b/i;
  const told = names.flatMap((name) =>
    (['de', 'en'] as const).map((language) => `${name}: ${refusedOperatorCharge(name, '', language)}`),
  );
  expect(told.filter((words) => toDriver.test(words))).toEqual([]);
});

test('what is unknown has the words that came with it, or its name', () => {
  expect(knownRefusals).not.toContain('something-new');
  expect(refusedOperatorCharge('something-new', 'In its own words.', 'de')).toBe('In its own words.');
  expect(refusedOperatorCharge('something-new', '', 'en')).toBe('something-new');
});
