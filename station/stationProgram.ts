import crypto from 'node:crypto';
import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { fromBytes } from '@p2p-power/protocol/Hex';
import type { LinkAnswer } from '@p2p-power/protocol/LocalLink';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { pino } from 'pino';
import { checkProvision } from './checkProvision.ts';
import { keepProvision, openProvision, renewProvision, tellStanding } from './enrol.ts';
import type { Hardware, OpenHardware } from './Hardware.ts';
import { handInLoop } from './handInLoop.ts';
import { httpBackend } from './httpBackend.ts';
import type { Clock, Log } from './Ports.ts';
import { provisionRefresh } from './provisionRefresh.ts';
import { refusalWords } from './refusalWords.ts';
import { repeat } from './repeat.ts';
import type { StationParts } from './Station.ts';
import type { StationConfig } from './StationConfig.ts';
import { openStationKeys } from './StationKeys.ts';
import { type StationLife, stationLife } from './StationLife.ts';
import { defaultStationOptions, type StationOptions } from './StationOptions.ts';
import { signalRefresh } from './signalRefresh.ts';
import { signRequest } from './signRequest.ts';
import { openSimulatedHardware } from './simulated/openSimulatedHardware.ts';
import { openStationSite } from './site/openStationSite.ts';
import { standingTeller } from './standingTeller.ts';
import { closeServer, listen, type StationSite, serveStation } from './stationHttp.ts';
import type { ProvisionKeeper } from './takeProvision.ts';
import { webSocketLink } from './webSocketLink.ts';

/** A station program that runs. */
export interface RunningStation {
  /** Where it serves HTTP, e.g. `http://127.0.0.1:8130`. */
  readonly url: string;
  /** The local link for phones. */
  readonly linkUrl: string;
  /** Contactor open, journal closed, port free. A running session is taken up at the next start. */
  close(): Promise<void>;
}

const systemClock: Clock = {
  nowS: () => Math.floor(Date.now() / 1000),
  monotonicMs: () => performance.now(),
};

/**
 * Runs one charging point by its configuration: keys and journal in `dataDir`, enrolment at the first
 * start, the link, status and metrics over HTTP, hand-in while online. Throws NotEnrolled, JournalFault
 * or an Error that says what to do, and then leaves nothing running.
 */
export async function runStation(config: StationConfig): Promise<RunningStation> {
  const log: Log = pino({ level: config.logLevel, base: { evseId: config.evseId } });
  const clock = systemClock;
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step();
  };
  try {
    const keys = openStationKeys(config.dataDir);
    const simulated =
      config.simulated && openSimulatedHardware(clock, config.dataDir, keys.simulatedMeter, config.simulated);
    const hardware: Hardware = simulated ?? (await openDriver(config, clock, log));
    undo.push(() => hardware.close());
    if (hardware.dimmedToW !== undefined && config.site === undefined)
      throw new Error(
        'The driver reads orders of the grid operator (dimmedToW): configure a "site" with "dimmedBy"; one of a single member does.',
      );

    const server = createServer();
    let site: StationSite | undefined;
    serveStation(server, () => site, log);
    const port = await listen(server, config.listen);
    undo.push(() => closeServer(server));
    const host = config.listen.host.includes(':') ? `[${config.listen.host}]` : config.listen.host;
    const url = `http://${host}:${port}`;
    const linkUrl = config.linkUrl ?? `ws://${host}:${port}/link`;

    const enrolment = {
      evseId: config.evseId,
      publicKey: keys.station.signer.publicKey,
      meterPublicKey: hardware.meter.publicKey,
      hardwareModel: config.hardwareModel,
      linkUrl,
    };
    const provision = await openProvision(config.dataDir, enrolment, config.enrol);
    if (config.enrol !== undefined)
      log.warn(
        {},
        'enrolled: "enrol" is not needed any more; take it out, for its token opens all of the provider',
      );
    let newest = provision;
    const provisions: ProvisionKeeper = {
      newest: () => newest,
      async take(next) {
        await checkProvision(next, parts);
        keepProvision(config.dataDir, next);
        life.renew(next);
        newest = next;
        log.info({ tariff: next.tariff.id }, 'the provider has changed the provision');
      },
    };
    const sharing =
      config.site &&
      openStationSite(config.site, config.dataDir, {
        clock,
        log,
        signer: keys.station.signer,
        contactor: hardware.contactor,
        ...(hardware.buildingW && { buildingW: hardware.buildingW }),
        ...(hardware.dimmedToW && { dimmedToW: hardware.dimmedToW }),
        isMetered: () => life.station()?.status().outOfOrder === undefined,
      });
    const parts: Omit<StationParts, 'store'> & { readonly log: Log } = {
      provisions,
      clock,
      random: { bytes: (length) => new Uint8Array(crypto.randomBytes(length)) },
      meter: hardware.meter,
      contactor: hardware.contactor,
      pilot: hardware.pilot,
      ...(hardware.battery && { battery: hardware.battery }),
      signer: keys.station.signer,
      ...(sharing && { site: sharing.site }),
      verifier: nodeCryptoVerifier(crypto),
      log,
    };
    const life = stationLife(config.dataDir, parts, provision, ({ maxPowerW }) =>
      optionsOf(config, maxPowerW),
    );
    const { tickMs, refreshProvisionS, refreshSignalsS } = {
      ...defaultStationOptions,
      ...optionsOf(config, provision.maxPowerW),
    };
    await life.begin();
    undo.push(() => life.end());
    site = { life, linkUrl, simulated, sharing: sharing?.site };
    if (sharing !== undefined) {
      sharing.begin();
      undo.push(() => sharing.end());
    }

    const link = webSocketLink(server, (message) => answer(life, message), log);
    undo.push(() => link.close());
    const ticking = repeat(tickMs, life.tick);
    undo.push(() => ticking.stop());
    if (config.online && config.providerUrl !== undefined) {
      const stationCertificateId = StationCertificate.id(provision.networkId, provision.certificate.value);
      const backend = httpBackend(config.providerUrl, {
        stationCertificateId,
        sign: (request) =>
          signRequest(request, parts.signer, parts.clock.nowS(), fromBytes(parts.random.bytes(16))),
      });
      const loop = handInLoop({ ...parts, backend }, life.station);
      const handing = repeat(500, loop.turn);
      undo.push(() => handing.stop());
      const refreshSignals = signalRefresh({ log, backend }, life.station);
      const refreshing = repeat(refreshSignalsS * 1000, refreshSignals);
      undo.push(() => refreshing.stop());
      void refreshSignals();
    }
    const { providerUrl } = config;
    if (config.online && providerUrl !== undefined) {
      const refresh = provisionRefresh(
        { log, ask: () => renewProvision(enrolment, providerUrl, parts) },
        provisions,
        life.station,
      );
      const standing = standingTeller(
        {
          clock,
          log,
          tell: (standing) => tellStanding(config.evseId, standing, providerUrl, parts),
        },
        life.station,
      );
      const telling = repeat(1_000, standing);
      undo.push(() => telling.stop());
      const refreshing = repeat(refreshProvisionS * 1000, refresh);
      undo.push(() => refreshing.stop());
    }
    log.info({ url, linkUrl, simulated: simulated !== undefined, online: config.online }, 'station is open');
    return { url, linkUrl, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function answer(life: StationLife, message: unknown): Promise<LinkAnswer> {
  const station = life.station();
  if (station !== undefined) return station.answer(message);
  const refusal = 'station-out-of-order';
  return Promise.resolve({ type: 'refused', refusal, words: refusalWords[refusal].en });
}

/**
 * A simulated car that charges `speed` times as fast is looked at more often, and the most that can
 * flow meanwhile is as much more.
 */
function optionsOf(
  { simulated, online, options }: StationConfig,
  maxPowerW: number,
): Partial<StationOptions> {
  const speed = simulated?.speed ?? 1;
  return { tickMs: speed > 10 ? 50 : 250, worstPowerW: maxPowerW * speed, ...options, online };
}

async function openDriver({ driver }: StationConfig, clock: Clock, log: Log): Promise<Hardware> {
  if (driver === undefined) throw new Error('The configuration names no hardware: set simulated or driver.');
  const module: { openHardware?: OpenHardware } = await import(pathToFileURL(resolve(driver.module)).href);
  if (typeof module.openHardware !== 'function')
    throw new Error(`The driver ${driver.module} exports no openHardware; see station/drivers/blueprint.ts.`);
  return module.openHardware({ clock, log }, driver.settings);
}
