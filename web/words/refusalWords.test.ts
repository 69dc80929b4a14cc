import { evidenceRefusals } from '@p2p-power/protocol/EvidenceRefusal';
import { refusalWords as stationWords } from '@p2p-power/station/refusalWords';
import { expect, test } from 'vitest';
import { knownRefusals, refusalInWords } from './refusalWords.ts';

test('whatever a station refuses, the driver reads it in their language', () => {
  expect(Object.keys(stationWords).filter((name) => !knownRefusals.includes(name))).toEqual([]);
});

test('whatever evidence is refused for, the driver reads it in their language', () => {
  expect(evidenceRefusals.filter((name) => !knownRefusals.includes(name))).toEqual([]);
});

test('a refusal without words of ours has those that came with it, or at least its name', () => {
  expect(refusalInWords('session-running', 'Busy.', 'de')).toBe('Hier läuft schon eine andere Ladung.');
  expect(refusalInWords('something-new', 'In its own words.', 'de')).toBe('In its own words.');
  expect(refusalInWords('something-new', '', 'en')).toBe('something-new');
});

test('each says something else in each language', () => {
  for (const name of knownRefusals)
    expect(refusalInWords(name, '', 'de')).not.toBe(refusalInWords(name, '', 'en'));
});
