import { DriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { TrustList } from '@p2p-power/protocol/TrustList';
import { webCryptoVerifier } from '@p2p-power/protocol/webCryptoSigner';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { ageOf, dropCertificate, heldCertificate, renewCertificate } from '../account/HeldCertificate.ts';
import {
  type AccountSession,
  beginSignIn,
  dropSession,
  finishSignIn,
  freshSession,
  isSignInReturn,
  keptSession,
} from '../account/SignIn.ts';
import { type ChargeRecord, isOpen, listCharges, saveCharge } from '../charge/ChargeRecord.ts';
import { type Link, webSocketLink } from '../charge/Link.ts';
import { courierStanding, handInAll, serveStation } from '../courier/courier.ts';
import { type Network, parseNetwork, trustOf } from '../network/Network.ts';
import { providerApi, requestCertificate } from '../network/ProviderApi.ts';
import { readSettings, type Settings } from '../settings/Settings.ts';
import { openIndexedDbStore } from '../store/indexedDbStore.ts';
import { observable } from '../store/Observable.ts';
import { memoryStore } from '../store/Store.ts';
import type { Account, AppConfig, AppServices } from './AppServices.ts';

/** Makes the app's services over the browser: its database, its network, its keys, its clock. */
export async function openServices(config: AppConfig): Promise<AppServices> {
  const store = await openIndexedDbStore('p2p-power').catch(memoryStore);
  const baseUrl = config.provider ?? location.origin;
  const now = () => Math.floor(Date.now() / 1000);
  const { subtle } = crypto;
  const verifier = webCryptoVerifier(subtle);

  const keptNetwork = parseNetwork(await store.get('network'));
  const network = observable<Network | undefined>(keptNetwork.ok ? keptNetwork.value : undefined);
  const settings = observable(readSettings(await store.get('settings')));
  const session = await keptSession(store);
  const certificate = await heldCertificate(store);
  const account = observable<Account>({
    ...(session !== undefined && { session }),
    ...(certificate !== undefined && { certificate }),
  });
  const charges = observable(await listCharges(store));
  const courier = observable(await courierStanding(store));
  const isOnline = observable(navigator.onLine);

  const setAccount = (change: Partial<Record<keyof Account, unknown>>) => {
    const next = Object.entries({ ...account.get(), ...change }).filter(([, value]) => value !== undefined);
    account.set(Object.fromEntries(next) as Account);
  };

  let refreshing: Promise<Result<AccountSession, string>> | undefined;
  const accessToken = async (): Promise<Result<string, string>> => {
    const { session: held } = account.get();
    const issuer = network.get()?.oidc;
    if (held === undefined || issuer === undefined) return refuse('not-signed-in', 'nobody is signed in');
    refreshing ??= freshSession(store, held, issuer, now()).finally(() => {
      refreshing = undefined;
    });
    const fresh = await refreshing;
    if (fresh.ok) {
      if (fresh.value !== held) setAccount({ session: fresh.value });
      return accept(fresh.value.accessToken);
    }
    if (fresh.refusal === 'not-signed-in') setAccount({ session: undefined });
    return fresh;
  };
  const api = providerApi({ baseUrl, accessToken });

  /** Where a member of the network takes records; undefined where nobody said. */
  const addressOf = (providerId: string): string | undefined => {
    const known = network.get();
    if (providerId === known?.providerId) return baseUrl;
    return known?.members.find((member) => member.providerId === providerId)?.url?.replace(/\/+$/, '');
  };

  const refreshNetwork = async () => {
    const answer = await api.network();
    isOnline.set(answer.ok || (answer.refusal !== 'provider-unreachable' && navigator.onLine));
    if (!answer.ok) return;
    network.set(answer.value);
    await store.put('network', answer.value);
    for (const { providerId } of answer.value.members) {
      const url = addressOf(providerId);
      const trustList = url === undefined ? undefined : await api.trustList(url);
      if (trustList?.ok) await store.put(`trust-list/${providerId}`, trustList.value);
    }
  };

  const keysInUse = (): Hex[] =>
    charges
      .get()
      .filter(isOpen)
      .map(({ driverCertificate }) => driverCertificate.value.publicKey);

  const refreshCertificate = async () => {
    const { session: signedIn, certificate: held } = account.get();
    const known = network.get();
    if (signedIn === undefined || known === undefined) return;
    if (held !== undefined && ageOf(held.value, now()) === 'good') return;
    const renewed = await renewCertificate(
      {
        store,
        subtle,
        verifier,
        now: now(),
        trust: trustOf(known),
        requestCertificate: (publicKey) => requestCertificate(api, publicKey),
      },
      keysInUse(),
    );
    if (renewed.ok) setAccount({ certificate: renewed.value, refusal: undefined });
    else if (held === undefined || ageOf(held.value, now()) === 'expired')
      setAccount({ refusal: { refusal: renewed.refusal, detail: renewed.detail } });
  };

  // One after the other, so that no record is handed in, or counted, twice.
  let handingIn: Promise<void> = Promise.resolve();
  const handIn = () => {
    handingIn = handingIn
      .catch(() => undefined)
      .then(async () => {
        await handInAll(store, {
          handIn: (providerId, segments) => api.handIn(addressOf(providerId) ?? baseUrl, segments),
        });
        courier.set(await courierStanding(store));
      });
    return handingIn;
  };

  let running: Promise<void> | undefined;
  const refresh = () => {
    running ??= (async () => {
      await refreshNetwork();
      await refreshCertificate();
      await handIn();
    })().finally(() => {
      running = undefined;
    });
    return running;
  };

  const links = new Map<string, Link>();
  const redirectUri = () => new URL('./', location.href).href;

  if (isSignInReturn(location.href)) {
    if (network.get() === undefined) await refreshNetwork();
    const finished = await finishSignIn(store, location.href, now());
    history.replaceState(null, '', `${redirectUri()}#/me`);
    if (finished.ok) {
      const isOther = session !== undefined && session.subject !== finished.value.subject;
      if (isOther) await dropCertificate(store, keysInUse());
      setAccount({ session: finished.value, refusal: undefined, ...(isOther && { certificate: undefined }) });
    } else setAccount({ refusal: { refusal: finished.refusal, detail: finished.detail } });
  }

  return {
    config,
    store,
    api,
    verifier,
    subtle,
    now,
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    linkTo(url) {
      const link = links.get(url) ?? webSocketLink(url);
      links.set(url, link);
      return link;
    },
    settings,
    network,
    account,
    charges,
    lost: observable<ReadonlySet<Hex>>(new Set()),
    courier,
    isOnline,
    saveSettings(next: Settings) {
      settings.set(next);
      void store.put('settings', next);
    },
    async saveCharge(record: ChargeRecord) {
      await saveCharge(store, record);
      charges.set(await listCharges(store));
    },
    async removeCharge(authorizationId) {
      await store.remove(`charge/${authorizationId}`);
      charges.set(await listCharges(store));
    },
    async signIn() {
      // Keys and receipts are to outlive a full disk.
      await navigator.storage?.persist?.().catch(() => false);
      if (network.get() === undefined) await refreshNetwork();
      const issuer = network.get()?.oidc;
      const address =
        issuer === undefined
          ? refuse('provider-unreachable', '')
          : await beginSignIn(store, issuer, redirectUri());
      if (address.ok) location.assign(address.value);
      else setAccount({ refusal: { refusal: address.refusal, detail: address.detail } });
    },
    async signOut() {
      const { certificate: held } = account.get();
      const known = network.get();
      // Taken back at the provider where it can be reached; else it runs out by itself.
      if (held !== undefined && known !== undefined && keysInUse().length === 0)
        await api.asDriver('DELETE', `/me/certificates/${DriverCertificate.id(known.networkId, held.value)}`);
      await dropSession(store);
      await store.remove('bill/charges');
      await dropCertificate(store, keysInUse());
      account.set({});
    },
    refresh,
    async carryFor(link, providerId, station) {
      const trustList = (await store.get(`trust-list/${providerId}`)) as TrustList | undefined;
      await serveStation(store, link, station, trustList);
      courier.set(await courierStanding(store));
      if (isOnline.get()) await handIn();
    },
  };
}
