import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { checkClaimProof } from '@p2p-power/chain/audit/checkClaimProof';
import { readChannel } from '@p2p-power/chain/Clearing';
import { proposeAction } from '@p2p-power/chain/Consortium';
import { clearingAbi } from '@p2p-power/chain/generated/Clearing';
import { encodeMemberId } from '@p2p-power/chain/MemberId';
import { foundTestNetwork } from '@p2p-power/chain/testing/foundTestNetwork';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { payoutTree } from '@p2p-power/protocol/MerkleTree';
import { sha256 } from '@p2p-power/protocol/sha256';
import { networkId, steadyReadings } from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { payoutsUpTo } from '../clearing/BatchBook.ts';
import { followChain } from '../clearing/followChain.ts';
import { deliverEvidence } from '../peers/deliverEvidence.ts';
import { type ChainWorld, openChainWorld } from '../testing/chainWorld.ts';
import { bertsAccount } from '../testing/moneyWorld.ts';
import type { TestProvider } from '../testing/testProvider.ts';
import type { AuditFinding } from './AuditFinding.ts';
import { readState, subjectOf } from './AuditState.ts';
import { auditPrivacy } from './auditPrivacy.ts';
import { openBooks } from './openBooks.ts';
import { type AuditReport, runAudit } from './runAudit.ts';

/** Two providers with two settled batches in one direction, one in the other, and a claim. */
let world: ChainWorld;
let folder: string;
const charges: Evidence[] = [];

async function settle(provider: TestProvider): Promise<void> {
  await provider.call('POST', '/admin/periods/close', {
    as: 'staff',
    body: { periodEnd: world.clock.nowS() },
  });
}

beforeAll(async () => {
  world = await openChainWorld();
  folder = mkdtempSync(join(tmpdir(), 'p2p-power-audit-'));
  const bring = async (...evidence: Evidence[]) => {
    charges.push(...evidence);
    await world.b.call('POST', '/hand-in', { body: { segments: [await world.seal(evidence)] } });
    await deliverEvidence(world.b.context);
  };
  await bring(await world.charge('one'), await world.charge('two'), await world.charge('three'));
  await settle(world.b);
  const givesBack = { readings: steadyReadings(1_780_272_061, 3_600, 2_000, 9_000) };
  await bring(await world.charge('four'), await world.charge('five', givesBack));
  world.clock.advance(86_400);
  await settle(world.b);
  await settle(world.a);
  for (const one of ['a', 'b'] as const) await followChain(world[one].context, world.chains[one]);
  // Bert takes what the second batch owes him as well.
  const account = bertsAccount;
  const payouts = await payoutsUpTo(world.b.database.db, channelAToB(), 2);
  const index = payouts.findIndex((payout) => payout.account === account);
  const tree = payoutTree(channelAToB(), payouts);
  const claimed = await world.chains.b.claim({
    debtor: 'DEAAA',
    creditor: 'DEBBB',
    account,
    cumulativeMicro: BigInt(payouts[index]?.cumulativeMicro ?? 0),
    proof: tree.proof(index),
  });
  expect(claimed).toMatchObject({ ok: true });
  for (const one of ['a', 'b'] as const) await followChain(world[one].context, world.chains[one]);
});

const channelAToB = () => world.chains.b.channelId('DEAAA', 'DEBBB');
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

let stateFile: string;
let run = 0;
beforeEach(() => {
  stateFile = join(folder, `state ${++run}`);
});

async function audit(
  which: 'a' | 'b' | null,
  options: { readonly signatures?: boolean; readonly stateFile?: string } = {},
): Promise<AuditReport> {
  const { client } = world.network;
  const done = await runAudit({
    client,
    ...(which !== null && {
      books: await openBooks(client, world[which].database.db, {
        providerId: which === 'a' ? 'DEAAA' : 'DEBBB',
        signatures: options.signatures ?? false,
      }),
    }),
    ...(options.stateFile !== undefined && { stateFile: options.stateFile }),
  });
  if (!done.ok) throw new Error(done.detail);
  return done.value;
}

const names = (report: AuditReport) => [...new Set(report.findings.map(({ name }) => name))];

/** Audits B's books while they are tampered with, and puts them right again. */
async function auditTampered(tamper: string, mend: string): Promise<AuditReport> {
  const { db } = world.b.database;
  const run = (statements: string) =>
    db.transaction().execute(async (trx) => {
      // As somebody who may do anything with the database.
      await sql`set local session_replication_role = replica`.execute(trx);
      for (const statement of statements.split(';').filter((one) => one.trim() !== ''))
        await sql.raw(statement).execute(trx);
    });
  await run(tamper);
  try {
    return await audit('b');
  } finally {
    await run(mend);
  }
}

const cdrIdOf = async (index: number): Promise<string> => {
  const { rows } = await sql<{ cdr_id: string }>`
    select cdr_id from charge where charge_sequence = 1 order by cdr_id`.execute(world.b.database.db);
  return rows[index]?.cdr_id as string;
};

describe('clean books', () => {
  test('pass, of both providers, with and without signatures, and so does the chain alone', async () => {
    for (const which of ['a', 'b'] as const)
      for (const signatures of [false, true]) {
        const report = await audit(which, { signatures });
        expect(report.findings).toEqual([]);
        expect(report).toMatchObject({ batches: 3, ownBatches: 3, charges: 6, resumedAt: null });
      }
    const alone = await audit(null);
    expect(alone.findings).toEqual([]);
    expect(alone).toMatchObject({ batches: 3, ownBatches: 0, charges: 0 });
  });

  test('pass again at once from where the run before stopped', async () => {
    const first = await audit('b', { stateFile });
    const second = await audit('b', { stateFile });
    expect(second).toMatchObject({
      resumedAt: first.block,
      charges: 6,
      findingCount: 0,
      events: first.events,
    });
  });
});

describe('tampered books', () => {
  test('an amount that was changed in a row', async () => {
    const cdrId = await cdrIdOf(0);
    const report = await auditTampered(
      `update charge set charge_micro = charge_micro + 1 where cdr_id = '${cdrId}'`,
      `update charge set charge_micro = charge_micro - 1 where cdr_id = '${cdrId}'`,
    );
    expect(report.findings).toEqual([
      expect.objectContaining({
        name: 'charge-altered',
        cdrId,
        sequence: '1',
        debtor: 'DEAAA',
        detail: 'charge_micro is not what the evidence says',
      }),
    ]);
  });

  test('evidence that was swapped for that of another charge', async () => {
    const [one, other] = [await cdrIdOf(0), await cdrIdOf(1)];
    const { rows } = await sql<{ evidence: string }>`
      select evidence from charge where cdr_id = ${one}`.execute(world.b.database.db);
    const kept = rows[0]?.evidence.replaceAll("'", "''");
    const report = await auditTampered(
      `update charge set evidence = (select evidence from charge where cdr_id = '${other}') where cdr_id = '${one}'`,
      `update charge set evidence = '${kept}' where cdr_id = '${one}'`,
    );
    expect(report.findings[0]).toMatchObject({
      name: 'evidence-swapped',
      cdrId: one,
      expected: one,
      found: other,
    });
    expect(names(report)).toContain('cdr-root-differs');
  });

  test('evidence of which a part was changed, or that is no evidence at all', async () => {
    const cdrId = await cdrIdOf(0);
    const { rows } = await sql<{ evidence: string }>`
      select evidence from charge where cdr_id = ${cdrId}`.execute(world.b.database.db);
    const kept = rows[0]?.evidence ?? '';
    const put = (evidence: string) =>
      `update charge set evidence = '${evidence.replaceAll("'", "''").replaceAll(';', ',')}' where cdr_id = '${cdrId}'`;
    const changed = JSON.parse(kept) as Evidence;
    const first = changed.readings[0] as { importWh: number };
    first.importWh -= 1;
    const altered = await auditTampered(put(JSON.stringify(changed)), put(kept));
    expect(altered.findings).toEqual([
      expect.objectContaining({
        name: 'evidence-altered',
        cdrId,
        detail: 'the readings is not the one that was signed for',
      }),
    ]);
    const unreadable = await auditTampered(put('{'), put(kept));
    expect(unreadable.findings[0]).toMatchObject({ name: 'evidence-unreadable', cdrId });
    expect(names(unreadable)).toEqual(
      expect.arrayContaining(['count-differs', 'energy-differs', 'total-differs', 'payout-differs']),
    );
    expect((await audit('b')).findings).toEqual([]);
  });

  test('a batch that is missing, that is another, or that is not said to be settled', async () => {
    const missing = await auditTampered(
      `create table kept_batch as select * from batch where channel_id = '${channelAToB()}' and sequence = 1;
       delete from batch where channel_id = '${channelAToB()}' and sequence = 1`,
      'insert into batch select * from kept_batch; drop table kept_batch',
    );
    expect(missing.findings[0]).toMatchObject({
      name: 'batch-missing',
      sequence: '1',
      creditor: 'DEBBB',
      channelId: channelAToB(),
    });
    expect(names(missing)).toContain('charge-of-no-batch');
    const one = `where channel_id = '${channelAToB()}' and sequence = 1`;
    const another = await auditTampered(
      `update batch set fee_micro = fee_micro + 1 ${one}`,
      `update batch set fee_micro = fee_micro - 1 ${one}`,
    );
    expect(another.findings).toEqual([
      expect.objectContaining({
        name: 'batch-differs',
        detail: 'the column fee_micro is not what was settled',
      }),
    ]);
    const unsettled = await auditTampered(
      `update batch set state = 'submitted' ${one}`,
      `update batch set state = 'settled' ${one}`,
    );
    expect(names(unsettled)).toEqual(['batch-not-booked']);
  });

  test('a charge that was taken out of its batch, put into another, or given another fee', async () => {
    const cdrId = await cdrIdOf(0);
    const out = await auditTampered(
      `update charge set charge_sequence = null where cdr_id = '${cdrId}'`,
      `update charge set charge_sequence = 1 where cdr_id = '${cdrId}'`,
    );
    expect(names(out)).toEqual(
      expect.arrayContaining(['count-differs', 'energy-differs', 'total-differs', 'fee-differs']),
    );
    // One fault is said once: the batch after it is judged by the payouts that were settled.
    expect(out.findings.every(({ sequence }) => sequence === '1' || sequence === undefined)).toBe(true);
    const moved = await auditTampered(
      `update charge set charge_sequence = 2 where cdr_id = '${cdrId}'`,
      `update charge set charge_sequence = 1 where cdr_id = '${cdrId}'`,
    );
    expect(
      moved.findings.filter(({ name }) => name === 'count-differs').map(({ sequence }) => sequence),
    ).toEqual(['1', '2']);
    const fee = await auditTampered(
      `update charge set fee_micro = fee_micro - 1 where cdr_id = '${cdrId}'`,
      `update charge set fee_micro = fee_micro + 1 where cdr_id = '${cdrId}'`,
    );
    expect(fee.findings).toEqual([expect.objectContaining({ name: 'charge-fee-differs', cdrId })]);
  });

  test('a payout that was doubled', async () => {
    const where = `where channel_id = '${channelAToB()}' and sequence = 2 and account = '${bertsAccount}'`;
    const report = await auditTampered(
      `update batch_payout set gross_micro = gross_micro * 2, payout_micro = payout_micro * 2,
         cumulative_micro = cumulative_micro + payout_micro ${where}`,
      `update batch_payout set gross_micro = gross_micro / 2, payout_micro = payout_micro / 2,
         cumulative_micro = cumulative_micro - payout_micro / 2 ${where}`,
    );
    expect(report.findings).toEqual([
      expect.objectContaining({ name: 'payout-differs', account: bertsAccount, sequence: '2' }),
    ]);
  });

  test('the ledger: an entry that was changed, that is missing, and one for which there is no cause', async () => {
    const line = `ledger_line where entry_id = (select id from ledger_entry where kind = 'settlement'
      and reference = '${channelAToB()}:1')`;
    const changed = await auditTampered(
      `update ${line.replace(' where', ' set amount_micro = amount_micro * 2 where')}`,
      `update ${line.replace(' where', ' set amount_micro = amount_micro / 2 where')}`,
    );
    expect(names(changed)).toEqual(['entry-differs']);
    const missing = await auditTampered(
      `update ledger_entry set reference = reference || ' gone' where kind = 'claim'`,
      `update ledger_entry set reference = replace(reference, ' gone', '') where kind = 'claim'`,
    );
    expect(names(missing)).toEqual(['entry-missing']);
    const invented = await auditTampered(
      `insert into ledger_account (kind, owner) values ('bank', '') on conflict do nothing;
       insert into ledger_account (kind, owner) values ('chain-position', '') on conflict do nothing;
       insert into ledger_entry (kind, reference, booked_at) values ('redemption', 'never was', 1);
       insert into ledger_line select entry.id, account.id, case account.kind when 'bank' then -5 else 5 end
         from ledger_entry entry, ledger_account account
         where entry.reference = 'never was' and account.kind in ('bank', 'chain-position')`,
      `delete from ledger_line where entry_id = (select id from ledger_entry where reference = 'never was');
       delete from ledger_entry where reference = 'never was'`,
    );
    expect(names(invented)).toEqual(['entry-ahead-of-chain', 'position-differs']);
  });

  test('books that are ahead of the chain', async () => {
    const report = await auditTampered(
      `insert into batch select channel_id, 9, debtor, creditor, batch, '0x${'9'.repeat(64)}', total_micro, fee_micro, count,
         period_start, period_end, state, creditor_signature, debtor_signature, tx_hash, block_number, refusal,
         refusal_detail, attempts, next_attempt_at, built_at, agreement_id, fee_to
       from batch where channel_id = '${channelAToB()}' and sequence = 2`,
      `delete from batch where sequence = 9`,
    );
    expect(report.findings).toEqual([
      expect.objectContaining({ name: 'batch-ahead-of-chain', sequence: '9', debtor: 'DEAAA' }),
    ]);
  });
});

describe('another chain', () => {
  test('that has these contracts not, or others', async () => {
    const other = await foundTestNetwork({ networkId });
    try {
      const { client } = world.network;
      // Founded alike, the other one has the same addresses; this one is where nothing was ever deployed.
      const elsewhere = { ...client.deployment, clearing: `0x${'7'.repeat(40)}` as const };
      await expect(runAudit({ client: { ...other.client, deployment: elsewhere } })).rejects.toThrow(
        'there is no contract at',
      );
      const mixed = {
        ...client,
        deployment: { ...client.deployment, networkId: `0x${'7'.repeat(64)}` as const },
      };
      const report = await runAudit({ client: mixed });
      expect(report.ok && report.value.findings[0]).toMatchObject({
        name: 'deployment-differs',
        detail: 'networkId of the deployment is another',
      });
    } finally {
      await other.anvil.stop();
    }
  });

  test('on which the books have never been', async () => {
    const other = await foundTestNetwork({ networkId });
    try {
      const books = await openBooks(other.client, world.b.database.db, { providerId: 'DEBBB' });
      const done = await runAudit({ client: other.client, books });
      if (!done.ok) throw new Error(done.detail);
      expect(names(done.value)).toEqual([
        'books-of-another-chain',
        'batch-ahead-of-chain',
        'entry-ahead-of-chain',
        'position-differs',
      ]);
    } finally {
      await other.anvil.stop();
    }
  });

  test('a state of another audit is not gone on with', async () => {
    await audit('a', { stateFile });
    await expect(audit('b', { stateFile })).rejects.toThrow('it is of an audit of');
    writeFileSync(stateFile, 'torn');
    await expect(audit('b', { stateFile })).rejects.toThrow('does not begin as a state');
  });
});

describe('privacy', () => {
  const look = async (which: 'a' | 'b') => {
    const findings: AuditFinding[] = [];
    const looked = await auditPrivacy(
      world.network.client,
      { db: world[which].database.db, providerId: which === 'a' ? 'DEAAA' : 'DEBBB' },
      (finding) => findings.push(finding),
    );
    return { findings, ...looked };
  };

  test('nothing on the chain names a person or a point, and what is planted is found', async () => {
    for (const which of ['a', 'b'] as const) {
      const { findings, texts, bytes } = await look(which);
      expect(findings).toEqual([]);
      expect(texts).toBeGreaterThanOrEqual(3);
      // The code of the contracts alone is more.
      expect(bytes).toBeGreaterThan(100_000);
    }
    const { value } = world.anna.certificate;
    const { network } = world;
    const planted = await proposeAction(
      network.client,
      network.members[0].signer,
      { kind: 'set-issuance-limit', memberId: encodeMemberId('DEAAA'), limitMicro: 1n },
      sha256(new TextEncoder().encode(value.emaid.text)),
    );
    expect(planted.ok).toBe(true);
    const { findings } = await look('a');
    expect(findings).toContainEqual(
      expect.objectContaining({
        name: 'personal-data-on-chain',
        detail: expect.stringMatching(
          new RegExp(`^eMAID "${value.emaid.text}" stands in calldata at byte \\d+, sha256$`),
        ),
      }),
    );
    for (const one of ['a', 'b'] as const) await followChain(world[one].context, world.chains[one]);
  });
});

test('a claim whose proof leads elsewhere is told from one that leads to the root', async () => {
  const { client } = world.network;
  const logs = await client.rpc.getContractEvents({
    address: client.deployment.clearing,
    abi: clearingAbi,
    eventName: 'Claimed',
    fromBlock: 0n,
    strict: true,
  });
  const [event] = logs;
  if (event === undefined) throw new Error('nobody has claimed');
  const { payoutsRoot } = await readChannel(client, encodeMemberId('DEAAA'), encodeMemberId('DEBBB'));
  const claim = { txHash: event.transactionHash, channelId: channelAToB(), account: event.args.account };
  expect(await checkClaimProof(client, { ...claim, payoutsRoot })).toBe(true);
  expect(await checkClaimProof(client, { ...claim, payoutsRoot: `0x${'7'.repeat(64)}` })).toBe(false);
  expect(await checkClaimProof(client, { ...claim, account: client.deployment.clearing, payoutsRoot })).toBe(
    false,
  );
});

describe('an audit that ends in the middle', () => {
  const program = fileURLToPath(new URL('../testing/runKilledAudit.ts', import.meta.url));
  const runKilled = async (killAtCharges: number | null) => {
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(
      JSON.stringify({
        rpcUrl: world.network.anvil.rpcUrl,
        deployment: world.network.client.deployment,
        databaseUrl: world.b.database.url,
        providerId: 'DEBBB',
        stateFile,
        killAtCharges,
      }),
    );
    const said = await text(child.stdout);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return { signal: child.signalCode, report: said === '' ? null : JSON.parse(said) };
  };

  test('by SIGKILL goes on where it stopped and says the same', async () => {
    const killed = await runKilled(4);
    expect(killed).toMatchObject({ signal: 'SIGKILL', report: null });
    const kept = readState(stateFile, subjectOf(world.network.client.deployment, 'DEBBB'));
    if (kept?.ok !== true) throw new Error('no state was kept');
    // The first batch is done; the second, in which it died, is not.
    expect(kept.value.counts).toMatchObject({ charges: 3, ownBatches: 1 });
    const resumed = await runKilled(null);
    expect(resumed.report).toMatchObject({
      charges: 6,
      ownBatches: 3,
      findingCount: 0,
      resumedAt: kept.value.done?.blockNumber,
    });
  });
});
