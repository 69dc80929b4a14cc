import { expect, test } from 'vitest';
import { openProgress } from './Progress.ts';

function told(isTTY: boolean, steps: readonly (readonly [ms: number, part: number])[]): readonly string[] {
  const written: string[] = [];
  let nowMs = 0;
  const stream = { isTTY, write: (text: string) => written.push(text) };
  const progress = openProgress(stream, 'simulating', () => nowMs);
  for (const [ms, part] of steps) {
    nowMs = ms;
    progress.tell(part);
  }
  progress.end();
  return written;
}

test('what is done within two seconds is not talked about', () => {
  for (const isTTY of [true, false])
    expect(
      told(isTTY, [
        [500, 0.3],
        [1_900, 0.99],
        [2_100, 1],
      ]),
    ).toEqual([]);
});

test('a terminal shows one line, written anew, and clears it', () => {
  expect(
    told(true, [
      [2_500, 0.25],
      [2_600, 0.26],
      [5_000, 0.5],
    ]),
  ).toEqual([
    '\r\u001b[2Ksimulating: 25 %, about 8 s left',
    '\r\u001b[2Ksimulating: 50 %, about 5 s left',
    '\r\u001b[2K',
  ]);
});

test('a file gets a line for each tenth', () => {
  expect(
    told(false, [
      [2_500, 0.25],
      [2_900, 0.29],
      [3_000, 0.3],
      [9_000, 0.9],
    ]),
  ).toEqual([
    'simulating: 25 %, about 8 s left\n',
    'simulating: 30 %, about 7 s left\n',
    'simulating: 90 %, about 1 s left\n',
  ]);
});
