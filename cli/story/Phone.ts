import type { SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { Authorization, type SignedAuthorization, withoutWishes } from '@p2p-power/protocol/Authorization';
import { DriverCertificate, type SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { fromBytes, type Hex } from '@p2p-power/protocol/Hex';
import type { LinkAnswer, SessionStatus } from '@p2p-power/protocol/LocalLink';
import type { ProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { Segment } from '@p2p-power/protocol/Segment';
import type { Signer, Verifier } from '@p2p-power/protocol/Signer';
import { StopRequest } from '@p2p-power/protocol/StopRequest';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { type EvidenceFacts, verifyEvidence } from '@p2p-power/protocol/verifyEvidence';
import { webCryptoSigner, webCryptoVerifier } from '@p2p-power/protocol/webCryptoSigner';
import { type ProviderClient, providerClient } from '@p2p-power/provider/client/ProviderClient';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { type CheckedConditions, checkConditions } from '@p2p-power/web/charge/checkConditions';
import { webSocketLink } from '@p2p-power/web/charge/Link';
import { type Network, parseNetwork, trustOf } from '@p2p-power/web/network/Network';
import { insist } from '../insist.ts';
import { signInTo } from './signIn.ts';

/** What the driver allows at most: energy in Wh, money in micro-units. */
interface Bounds {
  readonly maxEnergyWh: number;
  readonly maxAmountMicro: number;
}

/**
 * A driver's phone without a screen: what the app does, by the app's own link and checks. Its key is a
 * WebCrypto key that cannot be taken out. What a station or provider refuses comes back by its name.
 */
export interface Phone {
  readonly owner: string;
  readonly network: Network;
  /** Calls to the driver's provider, signed in. */
  readonly provider: ProviderClient;
  readonly certificate: SignedDriverCertificate;
  readonly certificateId: Hex;
  /** Asks a station for its conditions and checks them with the keys at hand; no internet needed. */
  meet(linkUrl: string, evseId: string): Promise<Result<CheckedConditions, string>>;
  /** Signs a yes to these conditions and gives it to the station. */
  agree(linkUrl: string, met: CheckedConditions, bounds: Bounds): Promise<Result<Hex, string>>;
  /** Signs a yes without giving it to anyone. */
  sign(met: CheckedConditions, bounds: Bounds): Promise<SignedAuthorization>;
  /** Gives a station an authorization that was signed before. */
  present(linkUrl: string, authorization: SignedAuthorization): Promise<Result<Hex, string>>;
  status(linkUrl: string, authorizationId: Hex): Promise<Result<SessionStatus, string>>;
  stop(linkUrl: string, authorizationId: Hex): Promise<Result<unknown, string>>;
  /** The receipt, checked by the phone itself. */
  receipt(linkUrl: string, authorizationId: Hex): Promise<Result<Receipt, string>>;
  /** Takes sealed records along that it cannot read. */
  collect(linkUrl: string): Promise<Result<readonly Segment[], string>>;
  /** Brings a station what its provider said. */
  deliver(
    linkUrl: string,
    acknowledgements: readonly SignedAcknowledgement[],
    brought?: { readonly trustList?: TrustList; readonly provision?: ProvisionUpdate },
  ): Promise<Result<{ readonly acknowledged: number; readonly provisionRefusal?: string }, string>>;
}

export interface Receipt {
  readonly evidence: Evidence;
  readonly facts: EvidenceFacts;
}

/** Signs the driver in with their provider and lets it certify a new key. Throws where that is refused. */
export async function openPhone(
  driver: { readonly name: string; readonly email: string; readonly password: string },
  providerUrl: string,
  nowS: () => number = () => Math.floor(Date.now() / 1000),
): Promise<Phone> {
  const info = insist(await providerClient({ baseUrl: providerUrl }).provider(), 'GET /provider');
  const network = insist(parseNetwork(info), 'GET /provider');
  const token = await signInTo(providerUrl, driver);
  const provider = providerClient({ baseUrl: providerUrl, token: () => token });
  const subtle = globalThis.crypto.subtle;
  const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);
  const signer = await webCryptoSigner(subtle, pair);
  const certificate = insist(await provider.requestCertificate(signer.publicKey), 'POST /me/certificates');
  const verifier = webCryptoVerifier(subtle);
  return phoneWith({ owner: driver.name, network, provider, signer, verifier, certificate, nowS });
}

function phoneWith(parts: {
  readonly owner: string;
  readonly network: Network;
  readonly provider: ProviderClient;
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly certificate: SignedDriverCertificate;
  readonly nowS: () => number;
}): Phone {
  const { owner, network, provider, signer, verifier, certificate, nowS } = parts;
  const { networkId } = network;
  const trust = trustOf(network);
  const certificateId = DriverCertificate.id(networkId, certificate.value);

  const sign = ({ stationCertificateId, offerId }: CheckedConditions, bounds: Bounds) =>
    Authorization.sign(
      networkId,
      {
        driverCertificateId: certificateId,
        stationCertificateId,
        offerId,
        signedAt: nowS(),
        nonce: fromBytes(globalThis.crypto.getRandomValues(new Uint8Array(32))),
        ...bounds,
        ...withoutWishes,
      },
      signer,
    );

  const present = async (linkUrl: string, authorization: SignedAuthorization) => {
    const request = { type: 'authorize', driverCertificate: certificate, authorization } as const;
    const started = await ask(linkUrl, request, 'started');
    return started.ok ? accept(started.value.authorizationId) : started;
  };

  return {
    owner,
    network,
    provider,
    certificate,
    certificateId,
    sign,
    present,
    async meet(linkUrl, evseId) {
      const met = await ask(linkUrl, { type: 'hello', version: 1 }, 'conditions');
      return met.ok ? checkConditions(met.value, trust, verifier, nowS(), evseId) : met;
    },
    async agree(linkUrl, met, bounds) {
      return present(linkUrl, await sign(met, bounds));
    },
    status: (linkUrl, authorizationId) => ask(linkUrl, { type: 'status', authorizationId }, 'session'),
    async stop(linkUrl, authorizationId) {
      const request = await StopRequest.sign(networkId, { authorizationId, signedAt: nowS() }, signer);
      return ask(linkUrl, { type: 'stop', request }, 'session');
    },
    async receipt(linkUrl, authorizationId) {
      const answer = await ask(linkUrl, { type: 'receipt', authorizationId }, 'receipt');
      if (!answer.ok) return answer;
      const { evidence } = answer.value;
      const checked = await verifyEvidence(evidence, trust, verifier);
      if (!checked.ok) return checked;
      if (checked.value.authorizationId !== authorizationId)
        return refuse('another-charge', 'the receipt is of another authorization');
      return accept({ evidence, facts: checked.value });
    },
    async collect(linkUrl) {
      const answer = await ask(linkUrl, { type: 'collect' }, 'sealed');
      return answer.ok ? accept(answer.value.segments) : answer;
    },
    deliver: (linkUrl, acknowledgements, brought = {}) =>
      ask(linkUrl, { type: 'deliver', acknowledgements, ...brought }, 'taken'),
  };
}

type GivenAnswer = Exclude<LinkAnswer, { readonly type: 'refused' }>;

/** One question over a link of its own, as of a phone that comes by and goes away. */
async function ask<Type extends GivenAnswer['type']>(
  linkUrl: string,
  request: Parameters<ReturnType<typeof webSocketLink>['ask']>[0],
  expected: Type,
): Promise<Result<Extract<GivenAnswer, { readonly type: Type }>, string>> {
  const link = webSocketLink(linkUrl);
  try {
    return await link.ask(request, expected);
  } finally {
    link.close();
  }
}
