import type { Hex } from '@p2p-power/protocol/Hex';
import type { LinkAnswer, PilotState } from '@p2p-power/protocol/LocalLink';
import type { SignalHead } from '@p2p-power/protocol/Signal';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { tariffId } from '@p2p-power/protocol/tariffId';
import type { Result } from '@p2p-power/tariff/Result';
import { answerLink } from './answerLink.ts';
import { type Controller, openController, type SessionView } from './Controller.ts';
import { checkProvision } from './checkProvision.ts';
import { exclusive } from './exclusive.ts';
import { handInOnce } from './HandIn.ts';
import { type Journal, openJournal } from './Journal.ts';
import { JournalFault } from './JournalFault.ts';
import { type CurrentPrice, type OfferBook, openOfferBook } from './OfferBook.ts';
import { type Outbox, openOutbox } from './Outbox.ts';
import type {
  Backend,
  Battery,
  Clock,
  Contactor,
  JournalStore,
  Log,
  Meter,
  Pilot,
  Random,
  SitePort,
} from './Ports.ts';
import type { Provision } from './Provision.ts';
import { limitAt, outlookOf, takeSignals } from './readSignals.ts';
import { openSignalStore, type SignalStore } from './SignalStore.ts';
import { defaultStationOptions, type StationOptions } from './StationOptions.ts';
import { openTrustStore, type TakeTrustListRefusal, type Trust, type TrustStore } from './TrustStore.ts';
import type { ProvisionKeeper } from './takeProvision.ts';

/** The world as a station meets it. */
export interface StationParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: JournalStore;
  readonly meter: Meter;
  readonly contactor: Contactor;
  readonly pilot: Pilot;
  /** Absent: nothing is taken from a car. */
  readonly battery?: Battery;
  /** Absent: the point shares its connection with no other. */
  readonly site?: SitePort;
  /** The station's key. */
  readonly signer: Signer;
  readonly verifier: Verifier;
  /** Absent: nothing is logged. */
  readonly log?: Log;
  /** Absent: provisions that couriers bring are not taken. */
  readonly provisions?: ProvisionKeeper;
}

/** What the station did since it was opened. */
export interface Counters {
  authorizations: number;
  refusals: number;
  handedIn: number;
}

type LoggedParts = StationParts & { readonly log: Log };

/** The insides, for the files of this room. */
export interface StationRooms {
  readonly parts: LoggedParts;
  readonly provision: Provision;
  readonly options: StationOptions;
  readonly stationCertificateId: Hex;
  readonly journal: Journal;
  readonly trust: TrustStore;
  readonly signals: SignalStore;
  readonly offers: OfferBook;
  readonly outbox: Outbox;
  readonly controller: Controller;
  readonly counters: Counters;
  readonly inTurn: <Value>(task: () => Promise<Value>) => Promise<Value>;
}

/** A charging point that runs. */
export interface Station {
  readonly stationCertificateId: Hex;
  /** Answers one message of the local link (protocol/LocalLink.ts), whatever it is. */
  answer(request: unknown): Promise<LinkAnswer>;
  /** Looks at the world and does what is due: to be called every `tickMs`. A fault is thrown, and tried again by the next. */
  tick(): Promise<void>;
  /** Hands in what waits and fetches a newer trust list; answers how many CDRs are newly acknowledged. Throws where there is no way. */
  handIn(backend: Backend): Promise<number>;
  takeTrustList(trustList: unknown): Promise<Result<Trust, TakeTrustListRefusal>>;
  /** Takes what is newer of the provider's signals; what is not genuine is logged. Throws where the store does. */
  takeSignals(signals: readonly unknown[]): Promise<void>;
  status(): StationStatus;
  /** Checks the whole journal; throws JournalFault. */
  verifyJournal(): void;
  /** Contactor open, store closed. A running session stays in the journal and is taken up when reopened. */
  close(): Promise<void>;
}

export interface StationStatus {
  readonly evseId: string;
  /** Id of the tariff by which offers are made now. */
  readonly tariffId: Hex;
  /** x‖y of the station's key. */
  readonly publicKey: Hex;
  /** The station's clock, epoch seconds. */
  readonly stationTime: number;
  readonly pilot: PilotState;
  readonly contactorClosed: boolean;
  readonly session: SessionView | undefined;
  readonly outOfOrder: string | undefined;
  /** CDRs not yet acknowledged. */
  readonly unacknowledged: number;
  readonly trustListIssuedAt: number;
  /** The signals at hand. */
  readonly signals: readonly Pick<SignalHead, 'kind' | 'area' | 'issuedAt'>[];
  /** The price signal at hand, by its id. */
  readonly priceSignalId: Hex | undefined;
  /** What a kWh of a dynamic point costs now, before tax; undefined where the tariff says all or nothing can be offered. */
  readonly price: CurrentPrice | undefined;
  /** The most that grid and site allow now, W; undefined: no limit. */
  readonly limitW: number | undefined;
  readonly journalEntries: number;
  readonly journalBytes: number;
  readonly counters: Readonly<Counters>;
}

const silent: Log = { info() {}, warn() {}, error() {} };

/**
 * Opens a station on its journal: checks the chain, opens the contactor, and takes up or closes the
 * session that ran before. Throws JournalFault where the journal must not be run on, and an Error
 * where provision, key and meter do not belong together.
 */
export async function openStation(
  givenParts: StationParts,
  provision: Provision,
  givenOptions: Partial<StationOptions> = {},
): Promise<Station> {
  const options: StationOptions = { ...defaultStationOptions, ...givenOptions };
  const parts: LoggedParts = { log: silent, ...givenParts };
  const { store, verifier } = parts;
  await checkProvision(provision, parts);
  const journal = openJournal(store);
  const inTurn = exclusive();
  const trust = await openTrustStore(provision, store, verifier);
  const signals = await openSignalStore(provision, parts, trust.issuerKeys);
  const controller = openController(
    {
      ...parts,
      journal,
      outlook: () => outlookOf(signals),
      limitW: (now, wantedW) => limitAt(signals, parts.site, now, wantedW),
    },
    {
      ...options,
      networkId: provision.networkId,
      evseId: provision.certificate.value.evseId.text,
      worstPowerW: options.worstPowerW || provision.maxPowerW,
    },
  );
  const outbox = openOutbox({ ...parts, journal, inTurn, issuerKeys: trust.issuerKeys }, provision);
  const offering = {
    ...parts,
    priceSignal: () => signals.newest('price'),
    takesEnergy: parts.battery !== undefined,
  };
  const rooms: StationRooms = {
    parts,
    provision,
    options,
    stationCertificateId: StationCertificate.id(provision.networkId, provision.certificate.value),
    journal,
    trust,
    signals,
    offers: openOfferBook(offering, provision, { validS: options.offerValidS, capacity: options.maxOffers }),
    outbox,
    controller,
    counters: { authorizations: 0, refusals: 0, handedIn: 0 },
    inTurn,
  };
  try {
    await controller.reopen();
  } catch (error) {
    // Another fault than the journal's may pass: ticks try again.
    if (error instanceof JournalFault) throw error;
  }
  return {
    stationCertificateId: rooms.stationCertificateId,
    answer: (request) => answerLink(rooms, request),
    tick: () => inTurn(controller.tick),
    handIn: (backend) => handInOnce(rooms, backend),
    takeTrustList: trust.take,
    async takeSignals(list) {
      const refusals = await takeSignals(signals, list);
      if (refusals.length > 0) parts.log.warn({ refusals }, 'signals refused');
    },
    status: () => statusOf(rooms),
    verifyJournal: journal.verifyWhole,
    close: () =>
      inTurn(async () => {
        await controller.rest();
        store.close();
      }),
  };
}

function statusOf({
  parts,
  provision,
  signals,
  offers,
  controller,
  outbox,
  trust,
  journal,
  counters,
}: StationRooms): StationStatus {
  const stationTime = parts.clock.nowS();
  const limitW = limitAt(signals, parts.site, stationTime);
  return {
    evseId: provision.certificate.value.evseId.text,
    tariffId: tariffId(provision.networkId, provision.tariff),
    publicKey: parts.signer.publicKey,
    stationTime,
    pilot: parts.pilot.state(),
    contactorClosed: parts.contactor.isClosed(),
    session: controller.view(),
    outOfOrder: controller.outOfOrder(),
    unacknowledged: outbox.pending(),
    trustListIssuedAt: trust.current().issuedAt,
    signals: signals.heads(),
    priceSignalId: signals.newest('price')?.id,
    price: offers.priceNow(),
    limitW: Number.isFinite(limitW) ? limitW : undefined,
    journalEntries: journal.head().nextNumber - 1,
    journalBytes: journal.store.bytes(),
    counters: { ...counters },
  };
}
