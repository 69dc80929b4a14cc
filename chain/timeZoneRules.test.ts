import { localTime } from '@p2p-power/tariff/localTime';
import { expect, test } from 'vitest';
import { timeZoneRules } from './timeZoneRules.ts';

const lastSunday = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month, 0));
  return Date.UTC(year, month - 1, last.getUTCDate() - last.getUTCDay(), 1) / 1000;
};

/** Local time less UTC in seconds by the rule, as the contract computes it. */
function offsetByRule(
  { standardOffsetS, daylightSaving }: (typeof timeZoneRules)[number],
  at: number,
): number {
  const year = new Date(at * 1000).getUTCFullYear();
  const isSummer = at >= lastSunday(year, 3) && at < lastSunday(year, 10);
  return standardOffsetS + (daylightSaving === 'european-union' && isSummer ? 3_600 : 0);
}

test.each(timeZoneRules)(
  'the clocks of $zone do what the runtime says, on every day that clocks jump',
  (rule) => {
    for (let year = 2020; year <= 2040; year += 1)
      for (const jump of [lastSunday(year, 3), lastSunday(year, 10), Date.UTC(year, 1, 29) / 1000])
        for (const at of [jump - 1, jump, jump + 86_400]) {
          const { dayOfWeek, secondOfDay } = localTime(rule.zone, at);
          const local = at + offsetByRule(rule, at);
          expect(secondOfDay, `${rule.zone} at ${at}`).toBe(local % 86_400);
          expect(dayOfWeek).toBe(((Math.floor(local / 86_400) + 3) % 7) + 1);
        }
  },
);

test('each zone stands there once, and fits a word', () => {
  const zones = timeZoneRules.map(({ zone }) => zone);
  expect(new Set(zones).size).toBe(zones.length);
  expect(zones.every((zone) => /^[\x20-\x7e]{1,32}$/.test(zone))).toBe(true);
});
