import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proposeAction } from '@p2p-power/chain/Consortium';
import { testMember, testTerms } from '@p2p-power/chain/testing/foundTestNetwork';
import { openScriptedChain, type ScriptedChain } from '@p2p-power/chain/testing/openScriptedChain';
import type { Hex } from '@p2p-power/protocol/Hex';
import { dawn, networkId } from '@p2p-power/protocol/testing/world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runAudit } from './runAudit.ts';

let chain: ScriptedChain;
let folder: string;
const [a, b] = [testMember('DEAAA'), testMember('DEBBB')];

beforeEach(async () => {
  chain = await openScriptedChain({ networkId, members: [a, b], terms: testTerms, genesisAt: dawn - 86_400 });
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-reorganised-'));
});
afterEach(async () => {
  await chain.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function propose(salt: Hex): Promise<void> {
  const action = { kind: 'set-issuance-limit', memberId: b.memberId, limitMicro: 5n } as const;
  const proposed = await proposeAction(chain.connect(), a.signer, action, salt);
  if (!proposed.ok) throw new Error(proposed.detail);
}

test('a reorganisation between two runs is said by name, and what was read before it is void', async () => {
  const stateFile = join(folder, 'state');
  const run = async (fresh = false) => {
    const done = await runAudit({ client: chain.connect(), stateFile, fresh });
    if (!done.ok) throw new Error(done.detail);
    return done.value;
  };
  await run();
  await propose(`0x${'1'.repeat(64)}`);
  const before = await run();
  expect(before).toMatchObject({ findingCount: 0 });
  expect(await run()).toMatchObject({ findingCount: 0, resumedAt: before.block });

  await chain.revert();
  chain.setTime(dawn + 500);
  await propose(`0x${'2'.repeat(64)}`);
  await propose(`0x${'3'.repeat(64)}`);
  const after = await run();
  expect(after.findings).toEqual([
    expect.objectContaining({
      name: 'chain-reorganised',
      detail: expect.stringMatching(/what an earlier run read above block \d+ is not the chain’s any more/),
    }),
  ]);
  expect(after.events).toBe(before.events + 2);
  expect(await run(true)).toMatchObject({ findingCount: 0, events: after.events });
});
