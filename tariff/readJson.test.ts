import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dateTime,
  decimal,
  items,
  type JsonRefusal,
  members,
  printDateTime,
  readJson,
  text,
  whole,
} from './readJson.ts';

type Field = Parameters<Parameters<typeof readJson<unknown, JsonRefusal>>[1]>[0];
const read = <Value>(json: unknown, reader: (field: Field) => Value) =>
  readJson<Value, JsonRefusal>(json, reader);

describe('readJson', () => {
  it('keeps the first refusal in the order of reading, with its path', () => {
    const json = { list: [{ count: 1 }, { count: -1 }], name: 7 };
    const result = read(json, (root) => {
      const { required } = members(root);
      return [
        items(required('list'), 1, 9).map((item) => whole(members(item).required('count'), 0, 9)),
        text(required('name'), /^./, 'a name'),
      ];
    });
    expect(result).toEqual({ ok: false, refusal: 'negative', detail: 'list[1].count: must not be negative' });
  });

  it('does not look up the prototype', () => {
    for (const name of ['toString', '__proto__', 'constructor']) {
      expect(read({}, (root) => members(root).required(name).value)).toMatchObject({
        refusal: 'missing-field',
      });
    }
  });
});

describe('decimal', () => {
  it('is exact for any decimal number of so many places', () => {
    const check = (micro: number) => {
      const notation = `${Math.floor(micro / 1e6)}.${String(micro % 1e6).padStart(6, '0')}`;
      expect(read(JSON.parse(notation), (root) => decimal(root, 6, 100_000))).toEqual({
        ok: true,
        value: micro,
      });
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: 100_000_000_000 }), check), { numRuns: 2_000 });
  });

  it('gives no negative zero', () => {
    expect(read(-0, (root) => decimal(root, 2, 9))).toEqual({ ok: true, value: 0 });
    expect(read(-0, (root) => whole(root, 0, 9))).toEqual({ ok: true, value: 0 });
  });
});

describe('dateTime', () => {
  it('reads back what printDateTime prints', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 253_402_300_799 }), (at) => {
        expect(read(printDateTime(at), dateTime)).toEqual({ ok: true, value: at });
      }),
    );
  });

  it('takes the notations of OCPI and no others', () => {
    const taken = [
      '2015-06-29T20:39:09Z',
      '2015-06-29T20:39:09',
      '2016-12-29T17:45:09.2Z',
      '2018-01-01T01:08:01.123',
    ];
    for (const time of taken) expect(read(time, dateTime).ok).toBe(true);
    const refused = [
      '2015-06-29T20:39:09+00:00',
      '2015-06-29 20:39:09Z',
      '2015-06-29T24:00:00Z',
      '2015-06-29T23:59:60Z',
      '2015-02-29T00:00:00Z',
      '1969-12-31T23:59:59Z',
      '0050-01-01T00:00:00Z',
      1_435_610_349,
    ];
    for (const time of refused)
      expect(read(time, dateTime)).toMatchObject({ ok: false, refusal: 'invalid-time' });
  });
});
