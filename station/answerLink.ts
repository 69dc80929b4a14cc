import { Authorization, type SignedAuthorization } from '@p2p-power/protocol/Authorization';
import type { SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { LinkAnswer, LinkRequest, SessionStatus } from '@p2p-power/protocol/LocalLink';
import type { ProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import { parseLinkRequest } from '@p2p-power/protocol/parseLinkMessage';
import { type SignedStopRequest, StopRequest } from '@p2p-power/protocol/StopRequest';
import { clockToleranceS } from '@p2p-power/protocol/verifyEvidence';
import type { StationRefusal } from './AuthorizationRefusal.ts';
import { checkAuthorization } from './checkAuthorization.ts';
import { takeSignals } from './readSignals.ts';
import { type Language, refusalWords } from './refusalWords.ts';
import { energyTakenWh, type SessionEntries } from './Session.ts';
import { plannedFrom, plannedPowerW } from './SessionPlanner.ts';
import type { StationRooms } from './Station.ts';
import { sessionAmountMicro } from './sessionAmount.ts';
import { type TakeProvisionRefusal, takeProvision } from './takeProvision.ts';

const refused = (refusal: StationRefusal, language: Language = 'en'): LinkAnswer => ({
  type: 'refused',
  refusal,
  words: refusalWords[refusal][language],
});

/**
 * Answers one message of the local link, whatever it is (text or JSON) and whichever way it came.
 * Needs no state of the link: a transport hands over what it received and sends back what this
 * answers. Throws only where the station itself fails.
 */
export async function answerLink(rooms: StationRooms, message: unknown): Promise<LinkAnswer> {
  const parsed = parseLinkRequest(message);
  if (!parsed.ok) return refused(parsed.refusal);
  const request = parsed.value;
  switch (request.type) {
    case 'hello':
      return conditions(rooms);
    case 'authorize':
      return authorize(rooms, request.driverCertificate, request.authorization);
    case 'status':
      return status(rooms, request.authorizationId);
    case 'stop':
      return stop(rooms, request.request);
    case 'receipt':
      return receipt(rooms, request.authorizationId);
    case 'collect':
      return { type: 'sealed', segments: await rooms.outbox.segments(rooms.options.maxSegments) };
    case 'deliver':
      return deliver(rooms, request);
  }
}

async function conditions(rooms: StationRooms): Promise<LinkAnswer> {
  const { provision, parts } = rooms;
  const made = await rooms.offers.make();
  if (!made.ok) return refused(made.refusal);
  const { offer, tariff, prices } = made.value;
  const signals = rooms.signals.all();
  return {
    type: 'conditions',
    version: 1,
    networkId: provision.networkId,
    stationCertificate: provision.certificate,
    offer,
    tariff,
    ...(prices && { prices }),
    ...(signals.length > 0 && { signals }),
    pilot: parts.pilot.state(),
    occupied: rooms.controller.session() !== undefined,
    stationTime: parts.clock.nowS(),
    trustListIssuedAt: rooms.trust.current().issuedAt,
    unacknowledged: rooms.outbox.pending(),
  };
}

async function authorize(
  rooms: StationRooms,
  driverCertificate: SignedDriverCertificate,
  authorization: SignedAuthorization,
): Promise<LinkAnswer> {
  const { provision, options, parts, controller, journal } = rooms;
  const authorizationId = Authorization.id(provision.networkId, authorization.value);
  return rooms.inTurn(async () => {
    const started: LinkAnswer = { type: 'started', authorizationId };
    if (controller.session()?.authorizationId === authorizationId) return started;
    const takesEnergy = await canTakeEnergy(rooms);
    const checked = await checkAuthorization(
      { driverCertificate, authorization, authorizationId },
      {
        now: parts.clock.nowS(),
        provision,
        stationCertificateId: rooms.stationCertificateId,
        trust: rooms.trust.current(),
        trustMaxAgeS: options.trustMaxAgeS,
        findOffer: rooms.offers.find,
        takesEnergy,
        isUsed: (id) => journal.store.find('authorized', id) !== undefined,
        isSessionRunning: controller.session() !== undefined,
        isOutOfOrder: controller.outOfOrder() !== undefined || isFaulty(parts.pilot.state()),
        isJournalFull: journal.store.bytes() > options.maxJournalBytes,
        verifier: parts.verifier,
      },
    );
    if (!checked.ok) {
      rooms.counters.refusals += 1;
      parts.log.info({ refusal: checked.refusal, detail: checked.detail }, 'authorization refused');
      return refused(checked.refusal);
    }
    rooms.offers.use(checked.value.authorization.value.offerId);
    try {
      await controller.authorize(authorizationId, checked.value);
    } catch {
      // The controller has logged it and opened the contactor.
      if (controller.session()?.authorizationId !== authorizationId) return refused('station-out-of-order');
    }
    rooms.counters.authorizations += 1;
    return started;
  });
}

/** Whether energy can be taken from the car at the plug, or from one that may come. */
async function canTakeEnergy({ parts }: StationRooms): Promise<boolean> {
  const { battery, pilot } = parts;
  if (battery === undefined) return false;
  if (pilot.state() === 'A') return true;
  try {
    return ((await battery.read())?.maxDischargeW ?? 0) > 0;
  } catch {
    return false;
  }
}

const isFaulty = (pilot: string) => pilot === 'E' || pilot === 'F';

async function stop(rooms: StationRooms, request: SignedStopRequest): Promise<LinkAnswer> {
  const { authorizationId, signedAt } = request.value;
  return rooms.inTurn(async () => {
    const session = rooms.controller.session();
    if (session?.authorizationId !== authorizationId) return status(rooms, authorizationId);
    const { publicKey } = session.agreement.driverCertificate.value;
    const { networkId } = rooms.provision;
    if (!(await StopRequest.verify(networkId, request, publicKey, rooms.parts.verifier)))
      return refused('bad-stop-signature');
    if (Math.abs(signedAt - rooms.parts.clock.nowS()) > clockToleranceS) return refused('stop-too-old');
    await rooms.controller.stop();
    return status(rooms, authorizationId);
  });
}

/** What the link carries of a plan, at most. */
const [mostPlanned, mostWords] = [1_500, 500];

const shownStates = {
  'waiting-for-car': 'waiting-for-car',
  charging: 'charging',
  'giving-back': 'charging',
  paused: 'paused',
  parking: 'parking',
  ending: 'parking',
} as const;

const notes = {
  'waiting-for-car': 'Please plug in the car.',
  charging: 'Charging.',
  'giving-back': 'The car gives energy back.',
  paused: 'Waiting for the time you wished.',
  parking: 'The car takes no more; it may leave.',
  ending: 'The receipt is being signed.',
} as const;

function status(rooms: StationRooms, authorizationId: Hex): LinkAnswer {
  const view = rooms.controller.view();
  if (view?.session.authorizationId !== authorizationId) return statusOfEnded(rooms, authorizationId);
  const { session, importWh, exportWh, at } = view;
  const last = session.readings.at(-1);
  const readings =
    last === undefined || at <= last.at
      ? session.readings
      : [...session.readings, { at, importWh, exportWh, state: last.state }];
  const { agreement, plan, phase } = session;
  const { maxAmountMicro } = agreement.authorization.value;
  const isLimited =
    phase === 'paused' &&
    plan !== undefined &&
    plannedPowerW(agreement, plan, at, energyTakenWh(session, importWh)) > 0;
  const answer: SessionStatus = {
    type: 'session',
    authorizationId,
    state: shownStates[session.phase],
    powerW: session.phase === 'charging' || session.phase === 'giving-back' ? view.powerW : 0,
    energyWh: energyTakenWh(session, importWh),
    amountMicro: Math.min(sessionAmountMicro(session.agreement, readings), maxAmountMicro),
    startedAt: session.readings[0]?.at ?? session.authorizedAt,
    at,
    note: isLimited ? 'The grid allows no power now.' : notes[session.phase],
    ...(session.plan && {
      plan: plannedFrom(session.plan, at).slice(0, mostPlanned),
      planReason: session.plan.plan.reason.slice(0, mostWords),
    }),
  };
  return answer;
}

function statusOfEnded({ journal }: StationRooms, authorizationId: Hex): LinkAnswer {
  const ended = journal.find('ended', authorizationId);
  const none = { type: 'session', authorizationId, state: 'ended', powerW: 0 } as const;
  if (ended !== undefined) {
    const { value } = (JSON.parse(ended.body) as Evidence).cdr;
    return {
      ...none,
      energyWh: value.importedWh,
      amountMicro: value.chargeMicro,
      startedAt: value.startedAt,
      at: value.endedAt,
      note: value.endReason,
    };
  }
  const cancelled = journal.find('cancelled', authorizationId);
  if (cancelled === undefined) return refused('session-unknown');
  const { reason } = JSON.parse(cancelled.body) as SessionEntries['cancelled'];
  const { at } = cancelled;
  return { ...none, energyWh: 0, amountMicro: 0, startedAt: at, at, note: reason };
}

function receipt({ journal, controller }: StationRooms, authorizationId: Hex): LinkAnswer {
  const ended = journal.find('ended', authorizationId);
  if (ended !== undefined) return { type: 'receipt', evidence: JSON.parse(ended.body) as Evidence };
  if (controller.session()?.authorizationId === authorizationId) return refused('session-not-ended');
  return refused(
    journal.store.find('cancelled', authorizationId) === undefined ? 'session-unknown' : 'no-charge',
  );
}

async function deliver(
  rooms: StationRooms,
  { acknowledgements, trustList, provision }: Extract<LinkRequest, { type: 'deliver' }>,
): Promise<LinkAnswer> {
  // The trust list first: it may name the key that signed the acknowledgements.
  if (trustList !== undefined) await rooms.trust.take(trustList);
  const acknowledged = await rooms.outbox.acknowledge(acknowledgements);
  const refusal = provision && (await takeBrought(rooms, provision));
  return {
    type: 'taken',
    acknowledged,
    trustListIssuedAt: rooms.trust.current().issuedAt,
    ...(refusal && { provisionRefusal: refusal }),
  };
}

/** Answers the refusal, or undefined where the provision was taken. */
async function takeBrought(
  { parts, trust, signals }: StationRooms,
  update: ProvisionUpdate,
): Promise<TakeProvisionRefusal | undefined> {
  const { provisions, signer, verifier, log } = parts;
  if (provisions === undefined) return 'provision-not-kept';
  const taken = await takeProvision(update, provisions, { signer, verifier, issuerKeys: trust.issuerKeys() });
  if (!taken.ok) {
    log.info({ refusal: taken.refusal, detail: taken.detail }, 'provision not taken');
    return taken.refusal;
  }
  await trust.take(taken.value.trustList);
  const refusals = await takeSignals(signals, taken.value.signals ?? []);
  if (refusals.length > 0) log.warn({ refusals }, 'signals refused');
  return undefined;
}
