import type { SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { Authorization, withoutWishes } from '@p2p-power/protocol/Authorization';
import { DriverCertificate, type SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import type { Conditions, LinkAnswer, LinkRequest } from '@p2p-power/protocol/LocalLink';
import { Offer } from '@p2p-power/protocol/Offer';
import { checkOfferedPrices } from '@p2p-power/protocol/OfferedPrices';
import type { ProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { Segment } from '@p2p-power/protocol/Segment';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { StopRequest } from '@p2p-power/protocol/StopRequest';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { networkId } from '@p2p-power/protocol/testing/world';
import { LinkFault, type Network } from './Network.ts';
import { type SeededKey, seededKey } from './SeededKey.ts';
import type { SeededRandom } from './SeededRandom.ts';
import type { SimulatedProvider } from './SimulatedProvider.ts';
import type { SimulatedStation } from './SimulatedStation.ts';
import type { ClockView, VirtualClock } from './VirtualClock.ts';

/** What the driver wishes; the rest is as the station offers. */
export type Wish = Partial<
  Pick<
    Authorization,
    | 'maxEnergyWh'
    | 'maxAmountMicro'
    | 'mode'
    | 'startAt'
    | 'leaveAt'
    | 'maxPowerW'
    | 'signedAt'
    | 'mayDischarge'
    | 'reserveWh'
    | 'targetWh'
  >
>;

/** A charge that the driver began, as the phone remembers it. */
export interface Charge {
  readonly station: SimulatedStation;
  readonly authorizationId: Hex;
  readonly authorization: Authorization;
  readonly request: LinkRequest & { readonly type: 'authorize' };
  /** What the phone showed and the driver said yes to. */
  readonly shown: Pick<Conditions, 'tariff' | 'prices' | 'offer'>;
  receipt?: Evidence;
}

/** Sealed records in the phone of somebody who came by, and what a provider said to them. */
interface Carried {
  readonly station: SimulatedStation;
  readonly segments: Segment[];
  readonly acknowledgements: SignedAcknowledgement[];
}

/** A driver with a phone: asks the provider for certificates, unlocks, keeps receipts, and carries others' records. */
export interface Phone {
  readonly name: string;
  readonly key: SeededKey;
  readonly provider: SimulatedProvider;
  readonly clock: ClockView;
  certificate(): SignedDriverCertificate | undefined;
  readonly charges: readonly Charge[];
  /** The charge that has neither receipt nor end. */
  current(): Charge | undefined;
  setSkew(skewS: number): void;
  skewS(): number;
  renew(): Promise<string>;
  revoke(): Promise<string>;
  /** Says hello, signs what is offered and sends it, again where no answer comes; answers what came of it. */
  unlock(station: SimulatedStation, wish?: Wish): Promise<string>;
  /** What the phone would sign on an offer. */
  authorize(
    conditions: Conditions,
    wish?: Wish,
    changes?: Partial<Authorization>,
    signer?: SeededKey,
  ): Promise<LinkRequest & { readonly type: 'authorize' }>;
  stop(): Promise<string>;
  fetchReceipt(charge: Charge): Promise<string>;
  /** Gives the charge up: it never began, or ended without a record. */
  forget(charge: Charge): void;
  /** Takes sealed records along. */
  collect(station: SimulatedStation): Promise<string>;
  /** Hands what it carries to a provider, in part and in any order. */
  handIn(to: SimulatedProvider): Promise<string>;
  /** Brings acknowledgements and a trust list back to a station. */
  deliver(station: SimulatedStation): Promise<string>;
}

/** Sends a message over the local link; throws LinkFault where no answer comes. */
export async function askStation(
  network: Network,
  from: string,
  station: SimulatedStation,
  message: unknown,
): Promise<LinkAnswer> {
  const answer = await network.carry(from, station.name, () => station.ask(message));
  if (answer === undefined) throw new LinkFault(`${station.name} is silent`);
  return answer;
}

export function openPhone(
  options: { readonly name: string; readonly provider: SimulatedProvider },
  around: { readonly clock: VirtualClock; readonly random: SeededRandom; readonly network: Network },
): Phone {
  const { name, provider } = options;
  const { random, network } = around;
  const key = seededKey(`driver ${name}`);
  let skewS = 0;
  const clock = around.clock.skewed(() => skewS);
  let certificate: SignedDriverCertificate | undefined;
  let current: Charge | undefined;
  const charges: Charge[] = [];
  const carried: Carried[] = [];
  const trustLists = new Map<string, TrustList>();
  const provisions = new Map<SimulatedStation, ProvisionUpdate>();

  const ask = (station: SimulatedStation, message: LinkRequest) =>
    askStation(network, name, station, message);
  const call = (to: SimulatedProvider, method: string, path: string, body?: unknown) =>
    network.carry(name, to.providerId, () =>
      to.call(method, path, { as: name, ...(body !== undefined && { body }) }),
    );
  /** A fault of the way is an outcome like any other. */
  const trying = async (act: () => Promise<string>): Promise<string> => {
    try {
      return await act();
    } catch (error) {
      if (error instanceof LinkFault) return error.message;
      throw error;
    }
  };

  const phone: Phone = {
    name,
    key,
    provider,
    clock,
    certificate: () => certificate,
    charges,
    current: () => current,
    setSkew(wrongS) {
      skewS = wrongS;
    },
    skewS: () => skewS,
    renew: () =>
      trying(async () => {
        const { status, body } = await call(provider, 'POST', '/me/certificates', {
          publicKey: key.publicKey,
        });
        if (status !== 200) return `no certificate: ${body.refusal}`;
        const parsed = DriverCertificate.parseSigned(body);
        if (!parsed.ok) throw new Error(`a malformed certificate: ${parsed.detail}`);
        certificate = parsed.value;
        return 'certified';
      }),
    revoke: () =>
      trying(async () => {
        if (certificate === undefined) return 'has no certificate';
        const id = DriverCertificate.id(networkId, certificate.value);
        const { status } = await call(provider, 'DELETE', `/me/certificates/${id}`);
        return status === 204 ? 'revoked' : `answered ${status}`;
      }),
    async authorize(conditions, wish = {}, changes = {}, signer = key) {
      if (certificate === undefined) throw new Error(`${name} has no certificate`);
      const value: Authorization = {
        driverCertificateId: DriverCertificate.id(networkId, certificate.value),
        stationCertificateId: StationCertificate.id(networkId, conditions.stationCertificate.value),
        offerId: Offer.id(networkId, conditions.offer.value),
        signedAt: clock.nowS(),
        nonce: fromBytes(random.bytes(32)),
        maxEnergyWh: 40_000,
        maxAmountMicro: 30_000_000,
        ...withoutWishes,
        ...wish,
        ...changes,
      };
      const authorization = await Authorization.sign(networkId, value, signer);
      return { type: 'authorize', driverCertificate: certificate, authorization };
    },
    unlock: (station, wish) =>
      trying(async () => {
        if (certificate === undefined) return 'has no certificate';
        const conditions = await ask(station, { type: 'hello', version: 1 });
        if (conditions.type === 'refused') return `no conditions: ${conditions.refusal}`;
        if (conditions.type !== 'conditions') return `no conditions: ${conditions.type}`;
        const { offer, tariff, prices } = conditions;
        const promised = checkOfferedPrices(networkId, offer.value, tariff, prices);
        if (!promised.ok) throw new Error(`${station.name} shows what it does not offer: ${promised.detail}`);
        const request = await phone.authorize(conditions, wish);
        const { value } = request.authorization;
        const charge: Charge = {
          station,
          authorizationId: Authorization.id(networkId, value),
          authorization: value,
          request,
          shown: { offer, tariff, ...(prices && { prices }) },
        };
        // Signed is signed: from here on the phone asks for this charge until it knows.
        charges.push(charge);
        current = charge;
        let outcome = 'no answer';
        for (let attempt = 0; attempt < 3; attempt += 1) {
          outcome = await trying(async () => {
            const answer = await ask(station, request);
            if (answer.type === 'refused') {
              if (answer.refusal !== 'authorization-replayed') phone.forget(charge);
              return `refused: ${answer.refusal}`;
            }
            return answer.type;
          });
          if (outcome === 'started' || outcome.startsWith('refused')) return outcome;
        }
        return outcome;
      }),
    stop: () =>
      trying(async () => {
        if (current === undefined) return 'nothing to stop';
        const { authorizationId, station } = current;
        const value = { authorizationId, signedAt: clock.nowS() };
        const request = await StopRequest.sign(networkId, value, key);
        const answer = await ask(station, { type: 'stop', request });
        return answer.type === 'refused' ? `refused: ${answer.refusal}` : 'stopped';
      }),
    fetchReceipt: (charge) =>
      trying(async () => {
        const { authorizationId, station } = charge;
        const answer = await ask(station, { type: 'receipt', authorizationId });
        if (answer.type === 'receipt') {
          charge.receipt = answer.evidence;
          if (current === charge) current = undefined;
          return 'receipt';
        }
        if (answer.type !== 'refused') return answer.type;
        if (answer.refusal === 'no-charge' || answer.refusal === 'session-unknown') phone.forget(charge);
        return `refused: ${answer.refusal}`;
      }),
    forget(charge) {
      if (current === charge) current = undefined;
    },
    collect: (station) =>
      trying(async () => {
        const answer = await ask(station, { type: 'collect' });
        if (answer.type !== 'sealed') return answer.type;
        if (answer.segments.length > 0)
          carried.push({ station, segments: [...answer.segments], acknowledgements: [] });
        return `took ${answer.segments.length} segments`;
      }),
    handIn: (to) =>
      trying(async () => {
        await trying(async () => {
          const list = await call(to, 'GET', '/trust-list');
          if (list.status === 200) trustLists.set(to.providerId, list.body as TrustList);
          return '';
        });
        const load = random.shuffle(carried.flatMap(({ segments }) => segments));
        const part = random.chance(30) ? load.slice(0, Math.ceil(load.length / 2)) : load;
        if (part.length === 0) return 'carries nothing';
        const { status, body } = await call(to, 'POST', '/hand-in', {
          segments: part.slice(0, 50),
          provisions: true,
        });
        if (status !== 200) return `answered ${status}`;
        let count = 0;
        for (const result of body.results as HandInAnswer[]) {
          if (result.acknowledgement === undefined) continue;
          count += 1;
          const bundle = carried.find(({ segments }) =>
            segments.some(({ header }) => header.segmentId === result.segmentId),
          );
          bundle?.acknowledgements.push(result.acknowledgement);
          if (bundle !== undefined && result.provision !== undefined)
            provisions.set(bundle.station, result.provision);
        }
        return `${count} of ${part.length} segments acknowledged`;
      }),
    deliver: (station) =>
      trying(async () => {
        const bundles = carried.filter((bundle) => bundle.station === station);
        const acknowledgements = bundles.flatMap((bundle) => bundle.acknowledgements).slice(0, 64);
        const trustList = trustLists.get(station.providerId);
        const provision = provisions.get(station);
        const answer = await ask(station, {
          type: 'deliver',
          acknowledgements,
          ...(trustList && { trustList }),
          ...(provision && { provision }),
        });
        if (answer.type !== 'taken') return answer.type;
        // It may deliver again: what a courier has brought it forgets only now and then.
        if (random.chance(60)) for (const bundle of bundles) carried.splice(carried.indexOf(bundle), 1);
        const left = answer.provisionRefusal === undefined ? '' : `, provision ${answer.provisionRefusal}`;
        return `${answer.acknowledged} records acknowledged${left}`;
      }),
  };
  return phone;
}

interface HandInAnswer {
  readonly segmentId: Hex;
  readonly acknowledgement?: SignedAcknowledgement;
  readonly provision?: ProvisionUpdate;
}
