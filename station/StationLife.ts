import type { Provision } from './Provision.ts';
import { openStation, type Station, type StationParts } from './Station.ts';
import type { StationOptions } from './StationOptions.ts';
import { sqliteJournalStore } from './sqliteJournalStore.ts';

/** The controller's life on one data folder: it may lose power and come back, as the whole process may. */
export interface StationLife {
  /** Undefined while there is no power. */
  station(): Station | undefined;
  begin(): Promise<void>;
  tick(): Promise<void>;
  /** Gone without a word. */
  drop(): void;
  end(): Promise<void>;
}

/** A life whose journal lies in `dataDir`. `begin` throws what openStation throws, and can be called again. */
export function stationLife(
  dataDir: string,
  parts: Omit<StationParts, 'store'>,
  provision: Provision,
  options: Partial<StationOptions>,
): StationLife {
  let opened: { readonly station: Station; readonly drop: () => void } | undefined;
  const open = async () => {
    const store = sqliteJournalStore(dataDir);
    try {
      return { station: await openStation({ ...parts, store }, provision, options), drop: store.close };
    } catch (error) {
      store.close();
      throw error;
    }
  };
  return {
    station: () => opened?.station,
    async begin() {
      opened ??= await open();
    },
    async tick() {
      try {
        await opened?.station.tick();
      } catch {
        // The controller has logged it and opened the contactor; the next tick tries again.
      }
    },
    drop() {
      opened?.drop();
      opened = undefined;
    },
    async end() {
      const last = opened;
      opened = undefined;
      await last?.station.close();
    },
  };
}
