import type { Hex } from '@p2p-power/protocol/Hex';
import type { LinkAnswer, PilotState } from '@p2p-power/protocol/LocalLink';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { Result } from '@p2p-power/tariff/Result';
import { answerLink } from './answerLink.ts';
import { type Controller, openController, type SessionView } from './Controller.ts';
import { checkProvision } from './checkProvision.ts';
import { exclusive } from './exclusive.ts';
import { handInOnce } from './HandIn.ts';
import { type Journal, openJournal } from './Journal.ts';
import { JournalFault } from './JournalFault.ts';
import { type OfferBook, openOfferBook } from './OfferBook.ts';
import { type Outbox, openOutbox } from './Outbox.ts';
import type { Backend, Clock, Contactor, JournalStore, Log, Meter, Pilot, Random } from './Ports.ts';
import type { Provision } from './Provision.ts';
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
  status(): StationStatus;
  /** Checks the whole journal; throws JournalFault. */
  verifyJournal(): void;
  /** Contactor open, store closed. A running session stays in the journal and is taken up when reopened. */
  close(): Promise<void>;
}

export interface StationStatus {
  readonly evseId: string;
  readonly pilot: PilotState;
  readonly contactorClosed: boolean;
  readonly session: SessionView | undefined;
  readonly outOfOrder: string | undefined;
  /** CDRs not yet acknowledged. */
  readonly unacknowledged: number;
  readonly trustListIssuedAt: number;
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
  const controller = openController(
    { ...parts, journal },
    {
      ...options,
      networkId: provision.networkId,
      evseId: provision.certificate.value.evseId.text,
      worstPowerW: options.worstPowerW || provision.maxPowerW,
    },
  );
  const outbox = openOutbox({ ...parts, journal, inTurn, issuerKeys: trust.issuerKeys }, provision);
  const rooms: StationRooms = {
    parts,
    provision,
    options,
    stationCertificateId: StationCertificate.id(provision.networkId, provision.certificate.value),
    journal,
    trust,
    offers: openOfferBook(parts, provision, { validS: options.offerValidS, capacity: options.maxOffers }),
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
  controller,
  outbox,
  trust,
  journal,
  counters,
}: StationRooms): StationStatus {
  return {
    evseId: provision.certificate.value.evseId.text,
    pilot: parts.pilot.state(),
    contactorClosed: parts.contactor.isClosed(),
    session: controller.view(),
    outOfOrder: controller.outOfOrder(),
    unacknowledged: outbox.pending(),
    trustListIssuedAt: trust.current().issuedAt,
    journalEntries: journal.head().nextNumber - 1,
    journalBytes: journal.store.bytes(),
    counters: { ...counters },
  };
}
