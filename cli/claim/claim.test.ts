import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accountSigner } from '@p2p-power/chain/accountSigner';
import type { Hex } from '@p2p-power/protocol/Hex';
import { day, steadyReadings } from '@p2p-power/protocol/testing/world';
import { disputeOnce } from '@p2p-power/provider/disputes/disputesJob';
import { anchorHandIns } from '@p2p-power/provider/disputes/handInAnchors';
import { deliverEvidence } from '@p2p-power/provider/peers/deliverEvidence';
import { accountKeyOf, type DisputeWorld, openDisputeWorld } from '@p2p-power/provider/testing/disputeWorld';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCommand } from '../e2e/runCommand.ts';

let world: DisputeWorld;
let folder: string;
const bertsKey = accountKeyOf('Bert');
const bert = accountSigner(bertsKey).address.toLowerCase() as Hex;

beforeAll(async () => {
  world = await openDisputeWorld({ operatorAccount: bert });
  await world.b.database.db
    .updateTable('operator')
    .set({ account_kept: false, issuer: 'https://identity.example', subject: 'bert' })
    .execute();
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-claim-'));
  writeFileSync(join(folder, 'deployment.json'), JSON.stringify(world.deployment));
  writeFileSync(join(folder, 'bert.hex'), bertsKey, { mode: 0o600 });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function claim(...args: string[]) {
  const command = runCommand([
    'claim',
    ...args,
    ...['--deployment', join(folder, 'deployment.json'), '--rpc', world.anvil.rpcUrl],
  ]);
  const code = await command.ended(60_000);
  return { code, output: command.output() };
}

test('an operator, no member, collects a charge alone: bond, window, record, payment', async () => {
  // A first charge is settled as always, so that Bert has tokens to leave as a bond.
  const settled = await world.charge('settled', { readings: steadyReadings(1_780_272_061, 3_600, 30_000) });
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([settled])] } });
  await deliverEvidence(world.b.context);
  await world.b.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
  const { claimPayouts } = await import('@p2p-power/provider/operators/claimPayouts');
  await claimPayouts(world.b.context, world.chains.b, bert);
  const before = await world.chains.b.balanceMicro(bert);
  expect(before).toBeGreaterThan(5_000_000n);

  world.wire = () => Promise.reject(new TypeError('away'));
  const evidence = await world.charge('his own');
  await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal([evidence])] } });
  await anchorHandIns(world.b.context, world.chains.b);
  const [row] = await world.b.database.db
    .selectFrom('charge')
    .select('cdr_id')
    .where('state', '=', 'waiting')
    .execute();
  const answer = await world.b.call('GET', `/operator/charges/${row?.cdr_id}/evidence`, { as: 'bert' });
  expect(answer).toMatchObject({ status: 200, body: { cdrId: row?.cdr_id, claim: null } });
  const file = join(folder, 'charge.json');
  writeFileSync(file, JSON.stringify(answer.body));
  // The deadline of a week has passed: what counts is that it was handed in before.
  world.clock.advance(8 * day);

  expect(await claim('show', '--evidence', file)).toMatchObject({ code: 0 });
  const key = ['--key', join(folder, 'bert.hex')];
  expect(await claim('pay', '--evidence', file, ...key)).toMatchObject({ code: 1 });
  const raised = await claim('raise', '--evidence', file, ...key, '--json');
  expect(raised.output).toContain('"status": "raised"');
  expect(JSON.parse(raised.output)).toMatchObject({
    status: 'raised',
    bondMicro: 5_000_000,
    payee: expect.stringMatching(new RegExp(bert, 'i')),
  });
  expect((await claim('raise', '--evidence', file, ...key)).code).toBe(0);
  expect(await world.chains.b.balanceMicro(bert)).toBe(before - 5_000_000n);

  await disputeOnce(world.a.context);
  const demanded = await claim('show', '--evidence', file);
  expect(demanded.output).toContain('once the meter’s record is shown');
  expect((await claim('record', '--evidence', file, ...key)).code).toBe(0);
  const early = await claim('pay', '--evidence', file, ...key);
  expect(early).toMatchObject({ code: 1, output: expect.stringContaining('not-payable-yet') });
  world.clock.advance(3 * day + 60);
  const paid = await claim('pay', '--evidence', file, ...key);
  expect(paid).toMatchObject({ code: 0, output: expect.stringContaining('stands') });
  expect(paid.output).toMatch(/stands +paid/);
  const { chargeMicro, importedWh } = evidence.cdr.value;
  const fee = Math.floor((chargeMicro * 150) / 10_000) + importedWh * 10;
  expect(await world.chains.b.balanceMicro(bert)).toBe(before + BigInt(chargeMicro - fee));
  // His provider books it, though it did nothing.
  await disputeOnce(world.b.context);
  const { body } = await world.b.call('GET', '/admin/ledger', { as: 'staff' });
  expect(body.totalMicro).toBe(0);
  expect(body.accounts).toContainEqual({ kind: 'operator-earned', owner: bert, balanceMicro: 0 });
}, 90_000);

test('what is no evidence, and a key that is not there, are said in one sentence', async () => {
  writeFileSync(join(folder, 'other.json'), '{}');
  const other = await claim('show', '--evidence', join(folder, 'other.json'));
  expect(other).toMatchObject({ code: 2, output: expect.stringContaining('holds no evidence of a charge') });
  const missing = await claim('show', '--evidence', join(folder, 'missing.json'));
  expect(missing.output).toContain('cannot be read');
});
