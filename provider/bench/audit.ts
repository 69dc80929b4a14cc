import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectChain } from '@p2p-power/chain/ChainClient';
import { foundTestNetwork, type TestNetwork } from '@p2p-power/chain/testing/foundTestNetwork';
import { Authorization } from '@p2p-power/protocol/Authorization';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Hex } from '@p2p-power/protocol/Hex';
import { nativeKey } from '@p2p-power/protocol/testing/nativeKey';
import {
  buildEvidence,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  type TestDriver,
  type TestStation,
} from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { openBooks } from '../audit/openBooks.ts';
import { runAudit } from '../audit/runAudit.ts';
import { batchOf } from '../clearing/BatchBook.ts';
import { buildNextBatch } from '../clearing/buildNextBatch.ts';
import type { ClearingChain } from '../clearing/ClearingChain.ts';
import { followChain } from '../clearing/followChain.ts';
import { openClearingChain } from '../clearing/openClearingChain.ts';
import { startEmbeddedPostgres } from '../database/EmbeddedPostgres.ts';
import { insertCharges, type PlacedCharge } from '../intake/insertCharges.ts';
import type { Provider } from '../openProvider.ts';
import { openBenchProvider } from './benchProvider.ts';

/** What an audit came to. */
export interface AuditFigures {
  readonly charges: number;
  readonly batches: number;
  readonly seconds: number;
  readonly chargesPerS: number;
  /** What a million charges would take at this rate, seconds. */
  readonly secondsPerMillion: number;
  /** Processor time of this process for each charge; PostgreSQL's and the chain's own come on top. */
  readonly cpuMsPerCharge: number;
  /** How far memory grew from the first quarter of the charges to the end, MB: an audit's does not grow with them. */
  readonly memoryGrowthMb: number;
}

export interface AuditBenchOptions {
  readonly charges?: number;
  readonly chargesPerBatch?: number;
  readonly signatures?: boolean;
}

/**
 * Measures how many charges a second an audit checks, in one process: a provider's books with that many
 * charges under genuine evidence in a PostgreSQL of its own, settled in batches on a real chain, audited
 * from the first block. Throws where the audit finds anything.
 */
export async function measureAudit(options: AuditBenchOptions = {}): Promise<AuditFigures> {
  const { charges = 50_000, chargesPerBatch = 10_000, signatures = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-bench-'));
  chmodSync(folder, 0o755);
  const network = await foundTestNetwork({ networkId });
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), forgetful: true });
  try {
    const world = await openWorld(postgres.url, folder, network);
    try {
      for (let from = 0; from < charges; from += chargesPerBatch)
        await settle(world, from, Math.min(from + chargesPerBatch, charges));
      await sql`analyze`.execute(world.provider.context.db);
      const client = connectChain({ rpcUrl: network.anvil.rpcUrl, deployment: network.deployment });
      const books = await openBooks(client, world.provider.context.db, { providerId: 'DEBBB', signatures });
      const memory: number[] = [];
      const cpuBefore = process.cpuUsage();
      const audited = await runAudit({
        client,
        books,
        stateFile: join(folder, 'audit.state'),
        onProgress: (progress) => {
          if (progress.charges >= charges / 4) memory.push(process.memoryUsage().rss);
        },
      });
      const cpu = process.cpuUsage(cpuBefore);
      if (!audited.ok || audited.value.findingCount > 0 || audited.value.charges !== charges)
        throw new Error(`the audit found ${JSON.stringify(audited).slice(0, 2_000)}`);
      const { seconds, ownBatches } = audited.value;
      return {
        charges,
        batches: ownBatches,
        seconds,
        chargesPerS: Math.round(charges / seconds),
        secondsPerMillion: Math.round((seconds / charges) * 1_000_000),
        cpuMsPerCharge: Math.round((cpu.user + cpu.system) / charges) / 1_000,
        memoryGrowthMb: Math.round(((memory.at(-1) ?? 0) - (memory[0] ?? 0)) / 1_048_576),
      };
    } finally {
      await world.provider.close();
    }
  } finally {
    await postgres.stop();
    await network.anvil.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface World {
  readonly provider: Provider;
  readonly chains: { readonly a: ClearingChain; readonly b: ClearingChain };
  readonly drivers: readonly TestDriver[];
  readonly stations: readonly TestStation[];
}

async function openWorld(databaseUrl: string, folder: string, network: TestNetwork): Promise<World> {
  const [a, b] = [makeProvider('DEAAA', nativeKey()), makeProvider('DEBBB', nativeKey())];
  const chainOf = (providerId: string) =>
    openClearingChain(
      connectChain({ rpcUrl: network.anvil.rpcUrl, deployment: network.deployment, pollMs: 10 }),
      // As `testAccount` of the chain room has it.
      {
        providerId,
        accountKey: `0x${createHash('sha256').update(`test account ${providerId}`).digest('hex')}`,
      },
    );
  const chains = { a: chainOf('DEAAA'), b: chainOf('DEBBB') };
  const provider = await openBenchProvider(
    { databaseUrl, folder },
    { certificateSigner: b.key, chain: chains.b, nowS: dawn + 30 * 86_400, checkThreads: 0 },
  );
  for (const [member, chain] of [
    [a, chains.a],
    [b, chains.b],
  ] as const) {
    const keys = JSON.stringify([{ publicKey: member.key.publicKey, addedAt: 0, retiredAt: 0 }]);
    const row = { url: '', account: chain.account, keys, read_at: '0' };
    await provider.context.db
      .insertInto('member')
      .values({ provider_id: member.providerId, name: member.providerId, ...row })
      .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(row))
      .execute();
  }
  const drivers: TestDriver[] = [];
  for (let index = 0; index < 100; index++)
    drivers.push(await makeDriver(a, `driver ${index}`, { notAfter: dawn + 400 * 86_400 }, nativeKey()));
  const stations: TestStation[] = [];
  for (let index = 0; index < 100; index++)
    stations.push(await makeStation(b, `station ${index}`, {}, { key: nativeKey(), meterKey: nativeKey() }));
  return { provider, chains, drivers, stations };
}

/** Charges under genuine evidence, in the books, in a batch, and that on the chain. */
async function settle(
  { provider, chains, drivers, stations }: World,
  from: number,
  to: number,
): Promise<void> {
  const { context } = provider;
  for (let page = from; page < to; page += 1_000) {
    const rows: PlacedCharge[] = [];
    for (let index = page; index < Math.min(page + 1_000, to); index++)
      rows.push(
        await makeCharge(
          drivers[(index * 37) % drivers.length] as TestDriver,
          stations[index % stations.length] as TestStation,
          index,
        ),
      );
    await context.db.transaction().execute((trx) => insertCharges(trx, rows, dawn));
  }
  const [agreement] = await chains.b.agreementsBetween('DEBBB', 'DEAAA');
  if (agreement === undefined) throw new Error('there is no agreement');
  const agreed = { agreement, spans: [{ from: 0, to: Number.MAX_SAFE_INTEGER }] };
  // Each period ends a day after the one before; all charges ended in the first.
  const outcome = await buildNextBatch(context, chains.b, 'DEAAA', agreed, dawn + 86_400 + from + 1);
  if (outcome !== 'built') throw new Error(`no batch: ${outcome}`);
  const row = await context.db
    .selectFrom('batch')
    .selectAll()
    .where('state', '=', 'built')
    .executeTakeFirstOrThrow();
  const debtorSignature = await chains.a.signBatch(batchOf(row));
  await context.db
    .updateTable('batch')
    .set({ debtor_signature: debtorSignature, state: 'submitted' })
    .where('batch_hash', '=', row.batch_hash)
    .execute();
  const settled = await chains.b.settle({
    batch: batchOf(row),
    creditorSignature: row.creditor_signature,
    debtorSignature,
  });
  if (!settled.ok) throw new Error(`${settled.refusal}: ${settled.detail}`);
  await followChain(context, chains.b);
}

async function makeCharge(driver: TestDriver, station: TestStation, index: number): Promise<PlacedCharge> {
  const evidence = await buildEvidence({
    driver,
    station,
    nonce: `audit ${index}`,
    cdr: { journalNumber: index },
  });
  const cdr = evidence.cdr.value;
  return {
    cdrId: ChargeDetailRecord.id(networkId, cdr),
    authorizationId: Authorization.id(networkId, evidence.authorization.value),
    driverProvider: 'DEAAA',
    operatorProvider: 'DEBBB',
    driverCertificateId: driver.certificateId,
    driverIssuerKeyId: driver.certificate.value.issuerKeyId,
    stationIssuerKeyId: station.certificate.value.issuerKeyId,
    stationCertificateId: station.certificateId,
    emaid: driver.certificate.value.emaid.text,
    evseId: station.certificate.value.evseId.text,
    operatorAccount: station.certificate.value.operatorAccount,
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    authorizedAt: evidence.authorization.value.signedAt,
    startedAt: cdr.startedAt,
    endedAt: cdr.endedAt,
    importedWh: cdr.importedWh,
    exportedWh: cdr.exportedWh,
    chargeMicro: cdr.chargeMicro,
    creditMicro: cdr.creditMicro,
    journalNumber: cdr.journalNumber,
    journalPreviousHash: cdr.journalPreviousHash as Hex,
    evidence: JSON.stringify(evidence),
    driverId: null,
    state: 'accepted',
    commissionMicro: null,
    commissionBasis: null,
    operatorMicro: null,
  };
}

if (import.meta.main) {
  const [charges, chargesPerBatch, signatures] = process.argv.slice(2).map(Number);
  console.log(
    await measureAudit({
      ...(charges && { charges }),
      ...(chargesPerBatch && { chargesPerBatch }),
      ...(signatures !== undefined && { signatures: signatures === 1 }),
    }),
  );
}
