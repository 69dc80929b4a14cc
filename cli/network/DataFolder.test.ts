import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder, writeFileWhole } from './DataFolder.ts';

let parent: string;
let path: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'p2p-power-folder-'));
  path = join(parent, 'network');
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const open = (portBase?: number) =>
  openDataFolder({
    path,
    command: 'up',
    defaultPortBase: 7400,
    providerIds: ['DEAAA', 'DEBBB'],
    ...(portBase !== undefined && { portBase }),
  });

test('a new folder gets a network id and tokens, and keeps them', () => {
  const first = open();
  expect(first).toMatchObject({ isNew: true, network: { portBase: 7400 } });
  expect(first.network.staffTokens.DEAAA).not.toBe(first.network.staffTokens.DEBBB);
  first.release();
  writeFileWhole(join(path, 'deployment.json'), '{}');
  const second = open();
  expect(second).toMatchObject({ isNew: false, network: first.network });
  second.release();
  const same = open(7400);
  expect(same.network).toEqual(first.network);
  same.release();
});

test('a network that was founded stays on its ports', () => {
  open(8000).release();
  open(9000).release();
  writeFileWhole(join(path, 'deployment.json'), '{}');
  expect(() => open(9100)).toThrow('lives on the ports from 9000 on and cannot move');
  const again = open();
  expect(again.network.portBase).toBe(9000);
  again.release();
});

test('secrets are for the owner only', () => {
  open().release();
  expect(statSync(join(path, 'network.json')).mode & 0o077).toBe(0);
  expect(statSync(path).mode & 0o066).toBe(0);
});

test('a folder in use is complained about, with the process that has it', () => {
  const held = open();
  expect(() => open()).toThrow(`process ${process.pid} (up) is using`);
  held.release();
  open().release();
});

test("somebody else's folder is left alone", () => {
  writeFileWhole(join(path, 'letter.txt'), 'dear');
  expect(() => open()).toThrow('holds other things (letter.txt)');
  expect(readFileSync(join(path, 'letter.txt'), 'utf8')).toBe('dear');
});

test.each([
  ['{"version":', 'it is not JSON'],
  ['{"version":7}', 'it is of version 7'],
  ['{"version":1,"networkId":"0x12"}', 'its networkId is not 32 bytes'],
  [`{"version":1,"networkId":"0x${'0'.repeat(64)}"}`, 'its portBase or staffTokens is missing'],
])('a half-written state is complained about and the folder let go: %s', (text, why) => {
  open().release();
  const file = join(path, 'network.json');
  writeFileSync(file, text);
  expect(() => open()).toThrow(why);
  expect(readFileSync(file, 'utf8')).toBe(text);
  rmSync(file);
  expect(() => open()).not.toThrow();
});
