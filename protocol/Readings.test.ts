import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeReadings, maxReadings, parseReadings, type Reading, readingsHash } from './Readings.ts';

const readingsArbitrary = fc
  .array(
    fc.record({
      after: fc.integer({ min: 1, max: 900 }),
      imported: fc.nat(10_000),
      exported: fc.nat(500),
      isCharging: fc.boolean(),
    }),
    { minLength: 2, maxLength: 30 },
  )
  .map((steps) => {
    let [at, importWh, exportWh] = [1_780_000_000, 5, 7];
    return steps.map(({ after, imported, exported, isCharging }): Reading => {
      at += after;
      importWh += imported;
      exportWh += exported;
      return { at, importWh, exportWh, state: isCharging ? 'charging' : 'parking' };
    });
  });
const [first, second] = [
  { at: 100, importWh: 5, exportWh: 0, state: 'charging' },
  { at: 101, importWh: 5, exportWh: 0, state: 'parking' },
] as const;

test('readings are read as they were printed, four words each', () => {
  fc.assert(
    fc.property(readingsArbitrary, (readings) => {
      expect(parseReadings(JSON.parse(JSON.stringify(readings)))).toEqual({ ok: true, value: readings });
      expect(encodeReadings(readings)).toHaveLength(readings.length * 128);
    }),
  );
});

test('every change of a reading changes the hash', () => {
  fc.assert(
    fc.property(
      readingsArbitrary,
      fc.nat(),
      fc.constantFrom('at', 'importWh', 'exportWh', 'state'),
      (readings, index, field) => {
        const spoilt = readings.map((reading, at) =>
          at === index % readings.length
            ? {
                ...reading,
                [field]:
                  field === 'state'
                    ? reading.state === 'charging'
                      ? 'parking'
                      : 'charging'
                    : reading[field as 'at'] + 1,
              }
            : reading,
        );
        expect(readingsHash(spoilt)).not.toBe(readingsHash(readings));
        expect(readingsHash(readings.slice(1))).not.toBe(readingsHash(readings));
      },
    ),
  );
});

test.each([
  [null, 'not-readings'],
  [{}, 'not-readings'],
  [[], 'too-few-readings'],
  [[first], 'too-few-readings'],
  [Array.from({ length: maxReadings + 1 }, () => first), 'too-many-readings'],
  [[first, null], 'not-readings'],
  [[first, { ...second, more: 1 }], 'not-readings'],
  [[first, { ...second, at: 100.5 }], 'not-readings'],
  [[first, { ...second, importWh: -1 }], 'not-readings'],
  [[first, { ...second, exportWh: '0' }], 'not-readings'],
  [[first, { ...second, state: 'idle' }], 'not-readings'],
  [[first, { ...second, at: 100 }], 'readings-not-monotone'],
  [[first, { ...second, importWh: 4 }], 'readings-not-monotone'],
  [[{ ...first, exportWh: 1 }, second], 'readings-not-monotone'],
])('%.60j is refused: %s', (json, refusal) => {
  expect(parseReadings(json)).toMatchObject({ ok: false, refusal });
});

test('no JSON makes the parser throw', () => {
  fc.assert(fc.property(fc.jsonValue(), (json) => void parseReadings(json)));
});
