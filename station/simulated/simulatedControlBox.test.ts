import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readOrder, simulatedControlBox } from './simulatedControlBox.ts';

test('a simulated control box keeps its order over a restart, and is silent where its file is torn', () => {
  const folder = mkdtempSync(join(tmpdir(), 'box-'));
  const path = join(folder, 'controlBox.json');
  expect(simulatedControlBox(path).dimmedToW()).toBeNull();
  simulatedControlBox(path).set(12_000);
  expect(simulatedControlBox(path).dimmedToW()).toBe(12_000);
  const box = simulatedControlBox(path);
  box.set('silent');
  expect(box.dimmedToW()).toBeUndefined();
  box.set('none');
  expect(box.dimmedToW()).toBeNull();
  writeFileSync(path, '{"order":');
  expect(simulatedControlBox(path).dimmedToW()).toBeUndefined();
  rmSync(folder, { recursive: true });
});

test('an order is a power or one of two words, whatever is sent', () => {
  expect([0, 4_200, 'none', 'silent'].map(readOrder)).toEqual([0, 4_200, 'none', 'silent']);
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      const order = readOrder(json);
      expect(order === undefined || order === json).toBe(true);
      if (typeof order === 'number') expect(Number.isInteger(order) && order >= 0).toBe(true);
    }),
  );
});
