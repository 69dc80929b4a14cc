import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Anvil, startAnvil } from '@p2p-power/chain/Anvil';
import { readMembers } from '@p2p-power/chain/Consortium';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { readCurrentAgreement } from '@p2p-power/chain/Peering';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agreeOnPeering, foundConsortium } from './foundNetwork.ts';
import { type NetworkPlan, type PlannedProvider, planNetwork } from './NetworkPlan.ts';

const networkId = `0x${'5'.repeat(64)}` as const;
let folder: string;
let anvil: Anvil;
let plan: NetworkPlan;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-found-'));
  anvil = await startAnvil({ blockDelayMs: 5 });
  const planned = planNetwork(folder, 9000);
  plan = { ...planned, chain: { ...planned.chain, rpcUrl: anvil.rpcUrl } };
});
afterEach(async () => {
  await anvil.stop();
  rmSync(folder, { recursive: true, force: true });
});

const nowS = () => Math.floor(Date.now() / 1000);

test('a consortium is founded once and agrees once', async () => {
  const [one, other] = plan.providers as [PlannedProvider, PlannedProvider];
  const first = await foundConsortium(plan, networkId);
  await agreeOnPeering(first, one, other, nowS());
  const again = await foundConsortium(plan, networkId);
  await agreeOnPeering(again, one, other, nowS());
  expect(again.deployment).toEqual(first.deployment);
  expect(first.deployment.networkId).toBe(networkId);

  const members = await readMembers(again);
  expect(members.map(({ partyId, url }) => [partyId, url])).toEqual([
    ['DEAAA', 'http://127.0.0.1:9010'],
    ['DEBBB', 'http://127.0.0.1:9020'],
  ]);
  const pair = [encodeMemberId('DEAAA'), encodeMemberId('DEBBB')] as const;
  const agreement = await readCurrentAgreement(again, ...pair, nowS());
  expect(agreement).toMatchObject({ version: 1, terms: { currency: 'EUR', feeShareBp: 200 } });
});

test('a deployment that this chain does not hold, or that is torn, is complained about', async () => {
  await foundConsortium(plan, networkId);
  const file = plan.chain.deploymentFile;
  const kept = readFileSync(file, 'utf8');
  const other = await startAnvil({ blockDelayMs: 5 });
  const elsewhere = { ...plan, chain: { ...plan.chain, rpcUrl: other.rpcUrl } };
  await expect(foundConsortium(elsewhere, networkId)).rejects.toThrow('does not hold the contracts');
  await other.stop();
  writeFileSync(file, kept.slice(0, 40));
  await expect(foundConsortium(plan, networkId)).rejects.toThrow(`${file} cannot be used: it is not JSON`);
  writeFileSync(file, '{}');
  await expect(foundConsortium(plan, networkId)).rejects.toThrow(`${file} cannot be used`);
});
