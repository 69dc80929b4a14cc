import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatEvseId, isSameEvse, parseEvseId, printEvseId } from './EvseId.ts';

test.each([
  ['DE*ICE*E45B*78C', 'DEICEE45B78C', 'DE*ICE*E45B78C'],
  ['deicee45b78c', 'DEICEE45B78C', 'DE*ICE*E45B78C'],
  ['AT*SMA*EAT0303196*001AC', 'ATSMAEAT0303196001AC', 'AT*SMA*EAT0303196001AC'],
  ['FRA23E1', 'FRA23E1', 'FR*A23*E1'],
  [`DE*ABC*E${'1'.repeat(31)}`, `DEABCE${'1'.repeat(31)}`, `DE*ABC*E${'1'.repeat(31)}`],
])('%s is %s', (text, formatted, printed) => {
  const parsed = parseEvseId(text);
  if (!parsed.ok) throw new Error(parsed.detail);
  expect(formatEvseId(parsed.value)).toBe(formatted);
  expect(printEvseId(parsed.value)).toBe(printed);
  expect(isSameEvse(text, printed)).toBe(true);
});

test.each([
  '',
  'DE*ICE*P45',
  'DE*ICE*S45',
  '+49*810*000*438',
  'DE*ICE*E',
  'DE*ICE*E*',
  `DEABCE${'1'.repeat(32)}`,
  'D1ABCE1',
  'DE-ICE-E45',
  'DE**ICE*E1',
  null,
  5,
  ['DEICEE45B78C'],
])('%j is none', (text) => {
  expect(parseEvseId(text)).toMatchObject({ ok: false, refusal: 'not-an-evse-id' });
});

test('different outlets are different, and what is no EVSE-ID equals nothing', () => {
  expect(isSameEvse('DE*ICE*E45', 'DE*ICE*E46')).toBe(false);
  expect(isSameEvse('x', 'x')).toBe(false);
});

test('what is printed is read as the same, wherever separators stand', () => {
  const char = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*');
  const outlet = fc.array(char, { minLength: 1, maxLength: 31 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(outlet, (rest) => {
      const parsed = parseEvseId(`DE*ABC*E${rest}`);
      fc.pre(parsed.ok);
      if (parsed.ok) expect(parseEvseId(printEvseId(parsed.value))).toEqual(parsed);
    }),
  );
  fc.assert(fc.property(fc.anything(), (text) => void parseEvseId(text)));
});
