import { expect, test } from 'vitest';
import { curvePath } from './curvePath.ts';

test('a curve fills the box in time and leaves air at the top', () => {
  const { line, area } = curvePath(
    [
      { at: 100, powerW: 0 },
      { at: 150, powerW: 10_000 },
      { at: 200, powerW: 5_000 },
    ],
    300,
    108,
  );
  expect(line).toBe('M0 108L150 8L300 58');
  expect(area).toBe('M0 108L150 8L300 58L300 108L0 108Z');
});

test('no power, one sample or none are drawn without nonsense', () => {
  for (const samples of [
    [],
    [{ at: 5, powerW: 7 }],
    [
      { at: 5, powerW: 0 },
      { at: 5, powerW: 0 },
    ],
  ])
    expect(curvePath(samples, 10, 10).area).not.toMatch(/NaN|Infinity/);
});
