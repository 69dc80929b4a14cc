import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findingNames, keptFindings, openFindingList } from './AuditFinding.ts';

test('docs/audit.md explains every finding', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'audit.md'), 'utf8');
  expect(findingNames.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test('findings are counted, and the first ones kept', () => {
  const list = openFindingList({ kept: [{ name: 'batch-missing', detail: 'before' }], count: 1 });
  for (let count = 0; count < keptFindings + 5; count += 1)
    list.add({ name: 'count-differs', detail: `${count}` });
  expect(list.count).toBe(keptFindings + 6);
  expect(list.kept).toHaveLength(keptFindings);
  expect(list.kept[0]).toMatchObject({ detail: 'before' });
});
