import crypto from 'node:crypto';
import { join } from 'node:path';
import type { PhasePower } from '@p2p-power/planning/SitePlan';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import type { Signer } from '@p2p-power/protocol/Signer';
import type { Clock, Contactor, Log } from '../Ports.ts';
import { repeat } from '../repeat.ts';
import { openSite, type Site } from './Site.ts';
import type { SiteConfig } from './SiteConfig.ts';
import { sendToMember } from './siteHttp.ts';
import { siteFile } from './siteStore.ts';

/** A station's part in a site, with the loops that keep it going. */
export interface StationSite {
  readonly site: Site;
  begin(): void;
  end(): Promise<void>;
}

/** How often it is looked whether the controller still asks what it may offer, ms. */
const watchEveryMs = 500;

/** Opens a station's part in a site over HTTP, with `dataDir/site.json` as its memory. */
export function openStationSite(
  config: SiteConfig,
  dataDir: string,
  parts: {
    readonly clock: Clock;
    readonly log: Log;
    readonly signer: Signer;
    /** Absent: a member without a car. */
    readonly contactor?: Contactor;
    readonly isMetered: () => boolean;
    readonly buildingW?: () => PhasePower | undefined;
    readonly dimmedToW?: () => number | null | undefined;
  },
): StationSite {
  const { log, contactor } = parts;
  const timeoutMs = config.roundS * 1_000;
  const site = openSite(config, {
    ...parts,
    verifier: nodeCryptoVerifier(crypto),
    store: siteFile(join(dataDir, 'site.json'), { id: config.me }),
    send: (member, message) => sendToMember(member, message, timeoutMs),
  });
  const loops: { stop(): Promise<void> }[] = [];
  const round = async (): Promise<void> => {
    try {
      await site.round();
    } catch (error) {
      log.error({ fault: error instanceof Error ? error.message : String(error) }, 'nothing can be lent');
    }
  };
  /** A controller that hangs leaves on what it was granted last: then the contactor opens without it. */
  const watch = async (): Promise<void> => {
    if (contactor === undefined || !site.isOverdue() || !contactor.isClosed()) return;
    log.error({}, 'the controller has not asked for its limit: the contactor is opened');
    await contactor.open();
  };
  return {
    site,
    begin() {
      void round();
      loops.push(repeat(config.roundS * 1_000, round), repeat(watchEveryMs, watch));
    },
    async end() {
      for (const loop of loops.splice(0)) await loop.stop();
    },
  };
}
