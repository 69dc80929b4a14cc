import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { type Segment, sealSegment } from '@p2p-power/protocol/Segment';
import { nativeKey } from '@p2p-power/protocol/testing/nativeKey';
import {
  buildEvidence,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  type TestDriver,
} from '@p2p-power/protocol/testing/world';
import { sql } from 'kysely';
import { startEmbeddedPostgres } from '../database/EmbeddedPostgres.ts';
import type { Provider } from '../openProvider.ts';
import { openBenchProvider } from './benchProvider.ts';

/** What an intake came to. Bytes are of one CDR's evidence as JSON. */
export interface IntakeFigures {
  readonly cdrs: number;
  readonly seconds: number;
  readonly cdrsPerS: number;
  readonly evidenceBytes: number;
  readonly threads: number;
  /** Processor time of this process and its threads for each CDR; PostgreSQL's own comes on top. */
  readonly cpuMsPerCdr: number;
}

export interface IntakeOptions {
  readonly cdrs?: number;
  readonly segmentSize?: number;
  /** Segments of one request. */
  readonly segmentsPerRequest?: number;
  /** Requests under way at once. */
  readonly concurrency?: number;
  readonly threads?: number;
  /** Of the drivers, how many in a hundred are the provider's own: their charges are booked at once, the others' wait in the outbox. */
  readonly ownPercent?: number;
}

/**
 * Measures how many CDRs a second a provider takes in, end to end: sealed segments to `POST /hand-in`
 * through the app, opened, each CDR verified in full, written durably into a PostgreSQL of its own
 * (fsync on), booked or queued, acknowledged. Evidence is made beforehand; the first part warms up.
 */
export async function measureIntake(options: IntakeOptions = {}): Promise<IntakeFigures> {
  const {
    cdrs = 8_000,
    segmentSize = 100,
    segmentsPerRequest = 4,
    concurrency = 3,
    ownPercent = 50,
  } = options;
  const threads = options.threads ?? Math.min(2, availableParallelism());
  const folder = mkdtempSync(join(tmpdir(), 'p2p-power-bench-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  try {
    const world = await makeWorld(ownPercent);
    const provider = await openIntake(postgres.url, folder, threads, world);
    try {
      const warmUp = Math.ceil(cdrs / 4);
      const segments = await makeSegments(world, provider, cdrs + warmUp, segmentSize);
      const requests = chunk(segments.sealed, segmentsPerRequest).map((some) =>
        JSON.stringify({ segments: some }),
      );
      const warmRequests = Math.ceil(warmUp / segmentSize / segmentsPerRequest);
      await send(provider, requests.slice(0, warmRequests), concurrency);
      await sql`checkpoint`.execute(provider.context.db);
      const measured = requests.slice(warmRequests);
      const cpuBefore = process.cpuUsage();
      const began = performance.now();
      const accepted = await send(provider, measured, concurrency);
      const seconds = (performance.now() - began) / 1000;
      const cpu = process.cpuUsage(cpuBefore);
      const kept = await sql<{ n: string }>`select count(*) as n from charge`.execute(provider.context.db);
      if (Number(kept.rows[0]?.n) !== cdrs + warmUp) throw new Error(`${kept.rows[0]?.n} charges are kept`);
      return {
        cdrs: accepted,
        seconds,
        cdrsPerS: Math.round(accepted / seconds),
        evidenceBytes: segments.evidenceBytes,
        threads,
        cpuMsPerCdr: Math.round((cpu.user + cpu.system) / accepted) / 1000,
      };
    } finally {
      await provider.close();
    }
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function makeWorld(ownPercent: number) {
  const me = makeProvider('DEBBB', nativeKey());
  const peer = makeProvider('DEAAA', nativeKey());
  const drivers: { readonly driver: TestDriver; readonly isOwn: boolean }[] = [];
  for (let index = 0; index < 100; index++) {
    const isOwn = index < ownPercent;
    const driver = await makeDriver(isOwn ? me : peer, `driver ${index}`, {}, nativeKey());
    drivers.push({ driver, isOwn });
  }
  const stations = [];
  for (let index = 0; index < 20; index++)
    stations.push(await makeStation(me, `station ${index}`, {}, { key: nativeKey(), meterKey: nativeKey() }));
  return { me, peer, drivers, stations };
}

type World = Awaited<ReturnType<typeof makeWorld>>;

async function openIntake(
  databaseUrl: string,
  folder: string,
  threads: number,
  world: World,
): Promise<Provider> {
  const provider = await openBenchProvider(
    { databaseUrl, folder },
    { certificateSigner: world.me.key, nowS: dawn + 7_200, checkThreads: threads },
  );
  const { db } = provider.context;
  await db
    .insertInto('member')
    .values(
      [world.me, world.peer].map(({ providerId, key }) => ({
        provider_id: providerId,
        name: providerId,
        url: '',
        account: null,
        keys: JSON.stringify([{ publicKey: key.publicKey, addedAt: 0, retiredAt: 0 }]),
        read_at: '0',
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  for (const [index, { driver, isOwn }] of world.drivers.entries()) {
    if (!isOwn) continue;
    const driver_id = `driver ${index}`;
    const unknown = { name: null, email: null, closed_at: null };
    await db
      .insertInto('driver')
      .values({ driver_id, issuer: 'bench', subject: driver_id, created_at: '0', ...unknown })
      .execute();
    await db
      .insertInto('driver_certificate')
      .values({
        certificate_id: driver.certificateId,
        driver_id,
        emaid: driver.certificate.value.emaid.text,
        public_key: driver.certificate.value.publicKey,
        not_before: String(driver.certificate.value.notBefore),
        not_after: String(driver.certificate.value.notAfter),
        issued_at: '0',
        revoked_at: null,
        signed: '',
      })
      .execute();
  }
  return provider;
}

async function makeSegments(world: World, provider: Provider, count: number, segmentSize: number) {
  const sealed: Segment[] = [];
  let evidenceBytes = 0;
  for (let from = 0; from < count; from += segmentSize) {
    const station = world.stations[(from / segmentSize) % world.stations.length];
    const evidence: Evidence[] = [];
    for (let index = from; index < Math.min(count, from + segmentSize); index++) {
      const driver = world.drivers[(index * 37) % world.drivers.length]?.driver;
      if (driver === undefined || station === undefined) throw new Error('an empty world');
      evidence.push(
        await buildEvidence({
          driverProvider: world.peer,
          stationProvider: world.me,
          driver,
          station,
          nonce: `bench ${index}`,
          cdr: { journalNumber: index },
        }),
      );
    }
    evidenceBytes ||= JSON.stringify(evidence[0]).length;
    const { publicKey } = provider.context.courierKey;
    sealed.push(
      await sealSegment(evidence, {
        networkId,
        providerId: world.me.providerId,
        recipientPublicKey: publicKey,
      }),
    );
  }
  return { sealed, evidenceBytes };
}

/** Sends requests, so many at once; answers how many CDRs were accepted, and throws where one was not. */
async function send(provider: Provider, bodies: readonly string[], concurrency: number): Promise<number> {
  let next = 0;
  let accepted = 0;
  const lane = async () => {
    for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) {
      const response = await provider.app.fetch(
        new Request('https://b.example/hand-in', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        }),
      );
      if (response.status !== 200) throw new Error(await response.text());
      const { results } = (await response.json()) as {
        results: { acknowledgement?: unknown; outcomes: { outcome: string; refusal?: string }[] }[];
      };
      for (const result of results) {
        const bad = result.outcomes.find((outcome) => outcome.outcome !== 'accepted');
        if (result.acknowledgement === undefined || bad !== undefined)
          throw new Error(`not accepted: ${JSON.stringify(bad)}`);
        accepted += result.outcomes.length;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return accepted;
}

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  const chunks: Item[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

if (import.meta.main) {
  const [cdrs, segmentsPerRequest, concurrency, threads, ownPercent] = process.argv.slice(2).map(Number);
  console.log(
    await measureIntake({
      ...(cdrs && { cdrs }),
      ...(segmentsPerRequest && { segmentsPerRequest }),
      ...(concurrency && { concurrency }),
      ...(threads !== undefined && { threads }),
      ...(ownPercent !== undefined && { ownPercent }),
    }),
  );
}
