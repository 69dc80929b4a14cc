import crypto from 'node:crypto';
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStation } from '../Station.ts';
import { sqliteJournalStore } from '../sqliteJournalStore.ts';
import { makeStationWorld } from '../testing/stationWorld.ts';

/** Milliseconds; p50 and p99 of all rounds. */
export interface UnlockFigures {
  /** From the authorization's text received to the contactor closed, the durable journal entry between. */
  readonly unlock_ms_p50: number;
  readonly unlock_ms_p99: number;
  /** 4 KiB written and synced (fdatasync) in the same folder, one per round, in turn with the unlocks. */
  readonly disk_sync_ms_p50: number;
  readonly disk_sync_ms_p99: number;
  /** What an unlock takes beyond the disk's own sync. */
  readonly unlock_beyond_sync_ms_p99: number;
  readonly rounds: number;
}

/**
 * Measures real unlocks: a station on a real journal in a new folder under `parentFolder`, with the
 * simulated meter and contactor, each round a fresh offer and a fresh authorization with two P-256
 * signatures to check.
 */
export async function measureUnlock(
  options: { readonly rounds?: number; readonly parentFolder?: string } = {},
): Promise<UnlockFigures> {
  const { rounds = 500, parentFolder = tmpdir() } = options;
  const folder = mkdtempSync(join(parentFolder, 'unlock-'));
  const store = sqliteJournalStore(folder);
  const syncFile = openSync(join(folder, 'sync'), 'w');
  try {
    const world = await makeStationWorld();
    let closedAtMs = 0;
    const contactor = {
      ...world.point.contactor,
      close: async () => {
        await world.point.contactor.close();
        closedAtMs = performance.now();
      },
    };
    const station = await openStation({ ...world.parts, store, contactor }, world.provision);
    const unlockMs: number[] = [];
    const syncMs: number[] = [];
    const warmUp = Math.ceil(rounds / 10);
    for (let round = -warmUp; round < rounds; round += 1) {
      world.point.act('plug');
      const conditions = await station.answer({ type: 'hello', version: 1 });
      if (conditions.type !== 'conditions') throw new Error('no conditions');
      const message = JSON.stringify(await world.authorization({}, undefined, conditions));
      const block = crypto.randomBytes(4096);
      const beforeSyncMs = performance.now();
      writeSync(syncFile, block);
      fdatasyncSync(syncFile);
      const receivedAtMs = performance.now();
      const answer = await station.answer(message);
      if (answer.type !== 'started' || closedAtMs < receivedAtMs) throw new Error(JSON.stringify(answer));
      if (round >= 0) {
        syncMs.push(receivedAtMs - beforeSyncMs);
        unlockMs.push(closedAtMs - receivedAtMs);
      }
      world.point.act('unplug');
      world.clock.advanceMs(10_000);
      await station.tick();
    }
    const figures = {
      unlock_ms_p50: quantile(unlockMs, 0.5),
      unlock_ms_p99: quantile(unlockMs, 0.99),
      disk_sync_ms_p50: quantile(syncMs, 0.5),
      disk_sync_ms_p99: quantile(syncMs, 0.99),
    };
    const beyond = figures.unlock_ms_p99 - figures.disk_sync_ms_p99;
    return { ...figures, unlock_beyond_sync_ms_p99: Math.round(beyond * 1000) / 1000, rounds };
  } finally {
    closeSync(syncFile);
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value * 1000) / 1000;
}
