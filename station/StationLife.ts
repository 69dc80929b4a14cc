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
  /** The provision to open with from now on; a station that runs changes over when no session does. */
  renew(provision: Provision): void;
  /** Gone without a word. */
  drop(): void;
  end(): Promise<void>;
}

/** A life whose journal lies in `dataDir`. `begin` throws what openStation throws, and can be called again. */
export function stationLife(
  dataDir: string,
  parts: Omit<StationParts, 'store'>,
  firstProvision: Provision,
  optionsFor: (provision: Provision) => Partial<StationOptions>,
): StationLife {
  let provision = firstProvision;
  let isStale = false;
  let opened: { readonly station: Station; readonly drop: () => void } | undefined;
  const open = async () => {
    const store = sqliteJournalStore(dataDir);
    try {
      const station = await openStation({ ...parts, store }, provision, optionsFor(provision));
      isStale = false;
      return { station, drop: store.close };
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
      if (!isStale || opened === undefined || opened.station.status().session !== undefined) return;
      await opened.station.close();
      opened = undefined;
      opened = await open();
    },
    renew(next) {
      provision = next;
      isStale = true;
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
