import { expect, test } from 'vitest';
import { runCommand } from './runCommand.ts';

test('the demo plays its story, every check holds, and it ends in time', async () => {
  const startedAt = performance.now();
  const demo = runCommand(['demo']);
  const code = await demo.ended(170_000);
  const output = demo.output();
  expect(output).not.toContain('✗');
  expect(output).toMatch(/All \d+ checks held/);
  expect(code).toBe(0);
  for (const chapter of [
    '1  Anna charges in the garage',
    '2  A stranger carries the record',
    '3  The period closes',
    '4  Bert is paid',
    "5  Anna's statement",
    '6  Forgeries',
    '7  Every promise',
  ])
    expect(output).toContain(chapter);
  expect(output).toMatch(
    /✓ of [\d,]{4,} spellings and hashes of people and points none stands in the [\d,]{7,} bytes/,
  );
  for (const refusal of ['bad-meter-signature', 'authorization-replayed', 'charge-over-bound'])
    expect(output).toContain(`refused as ${refusal}`);
  // Two minutes on two idle cores; the rest is room for a busy machine.
  expect(performance.now() - startedAt).toBeLessThan(170_000);
}, 180_000);
