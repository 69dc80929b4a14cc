import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { batchRefusals } from './Batch.ts';
import { evidenceRefusals } from './EvidenceRefusal.ts';
import { segmentRefusals } from './Segment.ts';

const page = readFileSync(new URL('../docs/refusals.md', import.meta.url), 'utf8');
const section = (title: string) => page.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
const rows = (text: string) => [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, name]) => name);

test('the page of refusals tells every refusal of evidence, in order of precedence', () => {
  expect(rows(section('Evidence')).slice(0, evidenceRefusals.length)).toEqual(evidenceRefusals);
  expect(new Set(evidenceRefusals).size).toBe(evidenceRefusals.length);
});

test('and every refusal of segments and batches', () => {
  expect(rows(section('Segments'))).toEqual(segmentRefusals);
  const named = [...section('Batches').matchAll(/`([a-z-]+)`/g)].map(([, name]) => name);
  expect(named.slice(0, batchRefusals.length)).toEqual(batchRefusals);
});
