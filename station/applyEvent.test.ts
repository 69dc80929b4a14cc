import type { PilotState } from '@p2p-power/protocol/LocalLink';
import { buildEvidence, bytes32, dawn } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  applyEvent,
  type Observation,
  type SessionRules,
  type StationEvent,
  type StationState,
} from './applyEvent.ts';
import type { EntryDraft } from './Journal.ts';
import { type Agreement, foldSession, type Session } from './Session.ts';

const rules: SessionRules = { waitForCarS: 600, notDrawingS: 30, maxOutageS: 1_800 };
const id = bytes32('authorization');
let agreement: Agreement;
beforeAll(async () => {
  const { driverCertificate, stationCertificate, offer, tariff, authorization } = await buildEvidence();
  agreement = { driverCertificate, stationCertificate, offer, tariff, authorization };
});

const seen = (changes: Partial<Observation> & { readonly importWh?: number } = {}): Observation => ({
  now: dawn,
  registers: { importWh: changes.importWh ?? 1_000, exportWh: 0 },
  pilot: 'C',
  plannedW: 11_000,
  lookAheadWh: 4,
  lookAheadS: 1,
  ...changes,
});

/** The state after events, one after the other, and all entries on the way. */
function play(...events: readonly StationEvent[]) {
  let state: StationState = {};
  const entries: (EntryDraft & { readonly at: number })[] = [];
  let outputs = { closed: false, offeredW: 0, drawnW: 0 };
  for (const event of events) {
    const step = applyEvent(state, event, rules);
    ({ state } = step);
    outputs = { ...step.outputs };
    for (const entry of step.entries) entries.push({ ...entry, at: event.seen.now });
  }
  return { state, entries, outputs, kinds: entries.map(({ kind }) => kind) };
}

const authorized = (changes: Parameters<typeof seen>[0] = {}, isPlugged = true): StationEvent => {
  const observation = seen(changes);
  const { now, registers } = observation;
  return {
    type: 'authorized',
    authorizationId: id,
    agreement,
    seen: observation,
    ...(isPlugged && { begun: { at: now, ...registers } }),
  };
};
const ticked = (changes: Parameters<typeof seen>[0] = {}): StationEvent => ({
  type: 'ticked',
  seen: seen(changes),
});

describe('the machine', () => {
  test('rests without a session, whatever it sees', () => {
    for (const pilot of ['A', 'B', 'C', 'E', 'F'] as const)
      expect(play(ticked({ pilot }))).toMatchObject({ kinds: [], outputs: { closed: false, offeredW: 0 } });
  });

  test('offers power first, and closes once the car asks', () => {
    expect(play(authorized({ pilot: 'B' })).outputs).toEqual({
      closed: false,
      offeredW: 11_000,
      drawnW: 0,
    });
    expect(play(authorized({ pilot: 'B' }), ticked({ now: dawn + 1 })).outputs).toEqual({
      closed: true,
      offeredW: 11_000,
      drawnW: 0,
    });
  });

  test('notes a reading at each quarter-hour, once', () => {
    const { kinds, entries } = play(
      authorized({ now: dawn + 890 }),
      ticked({ now: dawn + 899 }),
      ticked({ now: dawn + 900, importWh: 1_030 }),
      ticked({ now: dawn + 901, importWh: 1_030 }),
      ticked({ now: dawn + 1_799, importWh: 1_030 }),
      ticked({ now: dawn + 1_802, importWh: 1_030 }),
    );
    expect(kinds).toEqual(['authorized', 'begun', 'reading', 'reading']);
    expect(entries[2]?.body).toEqual({
      reading: { at: dawn + 900, importWh: 1_030, exportWh: 0, state: 'charging' },
      phase: 'charging',
    });
  });

  test('a car that takes nothing for half a minute is parking, and charges again when it asks', () => {
    const idle = [0, 10, 20, 29].map((after) => ticked({ now: dawn + 1 + after, pilot: 'B' }));
    expect(play(authorized(), ...idle)).toMatchObject({
      kinds: ['authorized', 'begun'],
      outputs: { closed: false },
    });
    const parked = [...idle, ticked({ now: dawn + 31, pilot: 'B' })];
    expect(play(authorized(), ...parked).state.session?.phase).toBe('parking');
    // A pause in between starts the half minute again.
    const again = [...idle, ticked({ now: dawn + 30 }), ticked({ now: dawn + 31, pilot: 'B' })];
    expect(play(authorized(), ...again).state.session?.phase).toBe('charging');
    expect(play(authorized(), ...parked, ticked({ now: dawn + 40 }))).toMatchObject({
      state: { session: { phase: 'charging' } },
      outputs: { closed: true },
    });
  });

  test('ends for the first reason of several', () => {
    const reasonOf = (changes: Parameters<typeof seen>[0]) =>
      play(authorized(), ticked({ now: dawn + 60, ...changes })).state.session?.ending?.endReason;
    expect(reasonOf({ pilot: 'A', importWh: 999_999 })).toBe('cable-removed');
    expect(reasonOf({ pilot: 'F', importWh: 999_999 })).toBe('fault');
    expect(reasonOf({ importWh: 1_000 + 60_000 })).toBe('energy-reached');
    expect(reasonOf({ importWh: 1_000 + 59_997 })).toBe('energy-reached');
    expect(reasonOf({ importWh: 1_000 + 59_990 })).toBeUndefined();
  });

  test('once ending nothing but the CDR comes, and the contactor stays open', () => {
    const stopped = [authorized(), { type: 'stop-requested', seen: seen({ now: dawn + 60 }) }] as const;
    const { kinds, outputs } = play(
      ...stopped,
      ticked({ now: dawn + 61 }),
      { type: 'stop-requested', seen: seen({ now: dawn + 62 }) },
      { type: 'reopened', seen: seen({ now: dawn + 99_999 }) },
    );
    expect(kinds).toEqual(['authorized', 'begun', 'ending']);
    expect(outputs).toEqual({ closed: false, offeredW: 0, drawnW: 0 });
    expect(play(...stopped, { type: 'concluded', evidence: {}, seen: { now: dawn + 61 } }).state).toEqual({});
  });

  test('after an outage the time without power is parking, before and after is charging', () => {
    const { entries, outputs } = play(authorized(), ticked({ now: dawn + 60 }), {
      type: 'reopened',
      seen: seen({ now: dawn + 360, importWh: 1_200 }),
      aliveAt: dawn + 65,
    });
    expect(entries.slice(2).map(({ body }) => (body as { reading: object }).reading)).toEqual([
      { at: dawn + 65, importWh: 1_200, exportWh: 0, state: 'parking' },
      { at: dawn + 360, importWh: 1_200, exportWh: 0, state: 'charging' },
    ]);
    expect(outputs.closed).toBe(false);
  });

  test.each([
    ['too long', { now: dawn + 60 + 1_801 }],
    ['car gone', { now: dawn + 70, pilot: 'A' as const }],
    ['bound reached', { now: dawn + 70, importWh: 61_001 }],
  ])('an outage that ends the session, %s: dated at the last sign of life', (_, changes) => {
    const { state } = play(authorized(), { type: 'reopened', seen: seen(changes), aliveAt: dawn + 60 });
    expect(state.session?.ending).toEqual({ endReason: 'power-cut', at: dawn + 60 });
  });

  test('a clock that fell behind in the outage does not turn the readings back', () => {
    const { state } = play(authorized({ now: dawn + 500 }), {
      type: 'reopened',
      seen: seen({ now: dawn - 90_000, pilot: 'A' }),
      aliveAt: dawn + 600,
    });
    expect(state.session?.ending?.at).toBe(dawn + 501);
  });

  test('is our bug, and stops, where a second session begins or none is there to conclude', () => {
    expect(() => play(authorized(), authorized())).toThrow('second session');
    expect(() => play({ type: 'concluded', evidence: {}, seen: { now: dawn } })).toThrow('no session');
  });
});

describe('whatever it sees', () => {
  const pilot = fc.constantFrom<PilotState>('A', 'B', 'C', 'C', 'C', 'E', 'F');
  const change = fc.record({
    after: fc.integer({ min: 0, max: 1_000 }),
    takenWh: fc.integer({ min: 0, max: 3_000 }),
    pilot,
    plannedW: fc.constantFrom(0, 1_380, 11_000),
    what: fc.constantFrom('ticked', 'ticked', 'ticked', 'reopened', 'stop-requested' as const),
  });

  test('the journal alone gives the same session, readings rise, and closed means charging', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.boolean(), (changes, isPlugged) => {
        let [now, importWh] = [dawn, 1_000];
        let state: StationState = {};
        let folded: Session | undefined;
        const follow = (event: StationEvent) => {
          const step = applyEvent(state, event, rules);
          ({ state } = step);
          for (const entry of step.entries) folded = foldSession(folded, { ...entry, at: event.seen.now });
          expect(folded).toEqual(state.session);
          const { readings = [], phase } = state.session ?? {};
          for (const [index, reading] of readings.entries())
            expect(reading.at).toBeGreaterThan(readings[index - 1]?.at ?? 0);
          if (step.outputs.closed) {
            expect(phase).toBe('charging');
            expect(readings.length).toBeGreaterThan(0);
            expect('pilot' in event.seen && event.seen.pilot).toBe('C');
          }
        };
        follow(authorized({ pilot: isPlugged ? 'B' : 'A' }, isPlugged));
        for (const { after, takenWh, what, ...rest } of changes) {
          now += after;
          importWh += state.session?.readings.length ? takenWh : 0;
          const observation = seen({ ...rest, now, importWh });
          const isWaiting = state.session?.phase === 'waiting-for-car' && /[BC]/.test(rest.pilot);
          const begun = isWaiting && what === 'ticked' && { begun: { at: now, importWh, exportWh: 0 } };
          follow({ type: what as 'ticked', seen: observation, ...begun });
        }
      }),
      { numRuns: 300 },
    );
  });
});
