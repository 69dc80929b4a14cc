import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rooms } from './architecture.ts';

const root = import.meta.dirname;

/** Where code refuses by a name written there: as a result, a problem document, or while reading JSON. */
const refusalPattern =
  /\b(?:refuse|problem)\(\s*'([a-z][a-z-]*)'|\breportAt\([^,()]+(?:\([^()]*\))?,\s*'([a-z][a-z-]*)'/g;

/** Every name by which the rooms' programs refuse; the story of the demo and what serves tests aside. */
function namesInCode(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name: room } of rooms)
    for (const path of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!/\.tsx?$/.test(path) || /\.test\.tsx?$/.test(path)) continue;
      if (/(^|\/)(node_modules|dist|out|testing|bench|e2e|story|\..*)\//.test(path)) continue;
      const text = readFileSync(join(root, room, path), 'utf8');
      for (const [, result, reported] of text.matchAll(refusalPattern)) names.add(result ?? reported ?? '');
    }
  return names;
}

test('docs/refusals.md explains every name by which something is refused', () => {
  const text = readFileSync(join(root, 'docs/refusals.md'), 'utf8');
  const names = namesInCode();
  expect(names.size).toBeGreaterThan(150);
  expect([...names].filter((name) => !text.includes(`\`${name}\``)).toSorted()).toEqual([]);
});
