import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SharedPower } from '@p2p-power/planning/Lease';
import { bytes32, testKey } from '@p2p-power/protocol/testing/world';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifier } from '../testing/stationWorld.ts';
import type { SiteMember } from './SiteConfig.ts';
import { openSiteMessage, parseSiteContent, type SiteContent, signSiteMessage } from './SiteMessage.ts';
import { siteFile } from './siteStore.ts';

const watts = fc.nat(50_000);
const power = fc.tuple(watts, watts, watts, watts) satisfies fc.Arbitrary<SharedPower>;
const content: fc.Arbitrary<SiteContent> = fc.record(
  {
    keepsW: power,
    claim: fc.record({
      wantedW: fc.nat(22_000),
      leastW: fc.nat(4_140),
      phases: fc.uniqueArray(fc.constantFrom<1 | 2 | 3>(1, 2, 3), { minLength: 1 }),
      priority: fc.nat(3),
      arrivedAt: fc.nat(2_000_000_000),
    }),
    leases: fc.array(
      fc.record({ to: fc.constantFrom('a', 'b'), powerW: power, until: fc.nat(2_000_000_000) }),
      { maxLength: 5 },
    ),
    notices: fc.array(
      fc.record({
        reader: fc.constantFrom('a', 'b'),
        order: fc.constantFrom<'none' | 'dimmed' | 'unknown'>('none', 'dimmed', 'unknown'),
        limitW: watts,
        until: fc.nat(2_000_000_000),
      }),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['keepsW', 'leases', 'notices'] },
);
const siteId = bytes32('site');
const key = testKey('a');
const site: readonly SiteMember[] = [
  { id: 'a', url: 'http://a', publicKey: key.publicKey, ownedW: [1, 1, 1] },
];

describe('a message between members', () => {
  test('says what was said, to the letter', async () => {
    await fc.assert(
      fc.asyncProperty(content, fc.nat(), fc.nat(), async (said, number, sentAt) => {
        const message = await signSiteMessage(siteId, { memberId: 'a', number, sentAt }, said, key);
        const opened = await openSiteMessage(JSON.parse(JSON.stringify(message)), siteId, site, verifier);
        expect(opened).toMatchObject({ ok: true, value: { head: { number, sentAt }, content: said } });
      }),
      { numRuns: 30 },
    );
  });

  test('of another site, or changed by a letter, is refused', async () => {
    const head = { memberId: 'a', number: 1, sentAt: 1 };
    const said: SiteContent = { keepsW: [1, 2, 3, 4], leases: [], notices: [] };
    const message = await signSiteMessage(siteId, head, said, key);
    const refusal = async (json: unknown, id = siteId) => {
      const opened = await openSiteMessage(json, id, site, verifier);
      return opened.ok ? 'opened' : opened.refusal;
    };
    expect(await refusal(message)).toBe('opened');
    expect(await refusal(message, bytes32('another'))).toBe('bad-signature');
    const later = { ...message.head, value: { ...message.head.value, number: 2 } };
    expect(await refusal({ ...message, head: later })).toBe('bad-signature');
    expect(await refusal({ ...message, contentJson: message.contentJson.replace('1', '9') })).toBe(
      'content-mismatch',
    );
    const odd = await signSiteMessage(siteId, head, { keepsW: [1, 2] } as unknown as SiteContent, key);
    expect(await refusal(odd)).toBe('bad-content');
  });

  test('is refused by name whatever it is, never by an exception', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.string(), async (json, contentJson) => {
        expect((await openSiteMessage(json, siteId, site, verifier)).ok).toBe(false);
        parseSiteContent(contentJson);
        parseSiteContent(JSON.stringify(json));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what a member must not forget', () => {
  test('is read as it was kept, and a torn or foreign file is forgotten', () => {
    const folder = mkdtempSync(join(tmpdir(), 'site-'));
    const path = join(folder, 'site.json');
    const store = siteFile(path, { id: 'a' });
    const nothing = { lent: [], number: 0 };
    expect(store.read()).toEqual(nothing);
    const lease = { from: 'a', to: 'b', powerW: [1, 2, 3, 4] as SharedPower, until: 9 };
    store.keep({ lent: [lease, { ...lease, from: 'b' }], number: 7 });
    expect(store.read()).toEqual({ lent: [lease], number: 7 });
    for (const torn of ['', '{"lent":[', '[]', '{"lent":7,"number":1}']) {
      writeFileSync(path, torn);
      expect(store.read()).toEqual(nothing);
    }
    rmSync(folder, { recursive: true });
  });
});
