import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testKey } from '@p2p-power/protocol/testing/world';
import { describe, expect, test } from 'vitest';
import { parseStationConfig } from '../StationConfig.ts';
import { siteId } from './SiteConfig.ts';

const member = (id: string, changes: object = {}) => ({
  id,
  url: `http://192.168.7.10:8130`,
  publicKey: testKey(id).publicKey,
  ownedW: [2_400, 2_400, 2_400],
  ...changes,
});
const site = (changes: object = {}) => ({
  me: 'left',
  fuseW: [7_360, 7_360, 7_360],
  members: [member('left'), member('middle'), member('right')],
  ...changes,
});
const parse = (changes: object = {}) =>
  parseStationConfig({
    evseId: 'DEBBBEGARAGE1',
    listen: { port: 0 },
    dataDir: 'data',
    simulated: {},
    site: site(changes),
  });
const read = (changes: object = {}) => {
  const parsed = parse(changes);
  if (!parsed.ok || parsed.value.site === undefined) throw new Error('refused');
  return parsed.value.site;
};

describe('the configuration of a site', () => {
  test('takes what is needed and has the rest by itself', () => {
    expect(read()).toMatchObject({
      me: 'left',
      phases: [1, 2, 3],
      priority: 0,
      fairness: 'equal',
      leaseS: 60,
      clockSkewS: 5,
      reactionS: 10,
      roundS: 3,
      dimmedBy: [],
    });
    expect(read({ dimmedBy: ['middle', 'left'] }).dimmedBy).toEqual(['middle', 'left']);
  });

  test.each([
    [{ me: 'nobody' }, 'unknown-member', 'site.members: none has the id nobody'],
    [{ fuseW: [7_360, 7_199, 7_360] }, 'parts-above-fuse', 'on L2 add up to 7200 W, the fuse bears 7199 W'],
    [{ members: [member('left'), member('left')] }, 'member-twice', '[1] has the id or the key of left'],
    [
      { members: [member('left'), member('right', { publicKey: testKey('left').publicKey })] },
      'member-twice',
      'left',
    ],
    [{ members: [member('left', { publicKey: '0x12' })] }, 'not-a-public-key', 'site.members[0].publicKey'],
    [{ members: [] }, 'empty-list', 'site.members'],
    [{ members: [member('left', { url: 'ftp://x' })] }, 'invalid-text', 'site.members[0].url'],
    [{ members: [member('left', { ownedW: [1, 2] })] }, 'empty-list', 'site.members[0].ownedW'],
    [{ members: [member('left', { ownedW: [1, 2, -3] })] }, 'negative', 'site.members[0].ownedW[2]'],
    [{ phases: [1, 1] }, 'unknown-value', 'site.phases'],
    [{ phases: [4] }, 'out-of-range', 'site.phases[0]'],
    [{ priority: 4 }, 'out-of-range', 'site.priority'],
    [{ fairness: 'mine' }, 'unknown-value', 'site.fairness'],
    [{ leaseS: 41 }, 'lease-too-short', 'at least 42'],
    [{ dimmedBy: ['nobody'] }, 'unknown-member', 'dimmedBy names nobody'],
    [{ dimmedBy: ['left', 'left'] }, 'member-twice', 'dimmedBy names left twice'],
    [{ dimmedBy: 'left' }, 'not-a-list', 'site.dimmedBy'],
    [{ reactionS: 5 }, 'out-of-range', 'site.reactionS'],
    [{ fuse: 5 }, 'unsupported-field', 'fuse is not known'],
  ])('is refused where it makes no sense: %j', (changes, refusal, words) => {
    expect(parse(changes)).toMatchObject({ ok: false, refusal, detail: expect.stringContaining(words) });
  });

  test('names a site by what all must agree on', () => {
    const id = siteId(read());
    for (const same of [{ me: 'right' }, { priority: 2 }, { phases: [2] }, { roundS: 4 }])
      expect(siteId(read(same))).toBe(id);
    const others = [
      { fuseW: [7_361, 7_360, 7_360] },
      { fairness: 'first-come' },
      { leaseS: 61 },
      { clockSkewS: 6 },
      { reactionS: 11 },
      { dimmedBy: ['left'] },
      { members: [member('left'), member('right')] },
      { members: [member('left', { ownedW: [1, 1, 1] }), member('middle'), member('right')] },
    ];
    expect(new Set([id, ...others.map((changes) => siteId(read(changes)))]).size).toBe(others.length + 1);
  });

  test('is in the guide as it is read', () => {
    const guide = readFileSync(join(import.meta.dirname, '../../docs/sites.md'), 'utf8');
    const example = /```json\n([\s\S]+?)```/.exec(guide)?.[1] ?? '';
    let count = 0;
    const withKeys = example.replaceAll('"0x…"', () => {
      count += 1;
      return `"${testKey(`point ${count}`).publicKey}"`;
    });
    const parsed = parseStationConfig(JSON.parse(withKeys));
    expect(parsed).toMatchObject({ ok: true, value: { site: { me: 'left', fairness: 'equal' } } });
    expect(count).toBe(3);
  });
});
