import type { SignedDriverCertificate } from '@p2p-power/protocol/DriverCertificate';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { createContext, use, useEffect, useMemo, useState } from 'react';
import type { AccountSession } from '../account/SignIn.ts';
import type { ChargeRecord } from '../charge/ChargeRecord.ts';
import type { Link } from '../charge/Link.ts';
import type { CourierStanding, ServedStation } from '../courier/courier.ts';
import type { Network } from '../network/Network.ts';
import type { ProviderApi } from '../network/ProviderApi.ts';
import type { Settings } from '../settings/Settings.ts';
import { type Observable, useObservable } from '../store/Observable.ts';
import type { Store } from '../store/Store.ts';
import { de, type Words } from '../words/de.ts';
import { en } from '../words/en.ts';
import { type Language, languageOf } from '../words/Language.ts';

/** How the account stands: who is signed in, if anyone, and the certificate in hand. */
export interface Account {
  readonly session?: AccountSession;
  readonly certificate?: SignedDriverCertificate;
  /** Why the last attempt to sign in or to get a certificate did not work. */
  readonly refusal?: { readonly refusal: string; readonly detail: string };
}

/** What an operator of the app may set in `app-config.json`. */
export interface AppConfig {
  /** Address of another provider than the one that serves the app, without a slash at its end. */
  readonly provider?: string;
  /** Raster tiles `https://…/{z}/{x}/{y}.png`, or a MapLibre style ending in `.json`. */
  readonly tiles?: string;
  readonly tilesAttribution?: string;
}

/** All that the pages work with; made once where the app starts. */
export interface AppServices {
  readonly config: AppConfig;
  readonly store: Store;
  readonly api: ProviderApi;
  readonly verifier: Verifier;
  readonly subtle: SubtleCrypto;
  /** Epoch seconds. */
  now(): number;
  randomBytes(length: number): Uint8Array;
  linkTo(url: string): Link;
  readonly settings: Observable<Settings>;
  readonly network: Observable<Network | undefined>;
  readonly account: Observable<Account>;
  readonly charges: Observable<readonly ChargeRecord[]>;
  /** Open charges whose station cannot be reached right now. */
  readonly lost: Observable<ReadonlySet<Hex>>;
  readonly courier: Observable<CourierStanding>;
  readonly isOnline: Observable<boolean>;
  saveSettings(settings: Settings): void;
  saveCharge(record: ChargeRecord): Promise<void>;
  removeCharge(authorizationId: Hex): Promise<void>;
  signIn(): Promise<void>;
  signOut(): Promise<void>;
  /** Fetches what may have changed at the provider, renews what is due, hands in what waits. */
  refresh(): Promise<void>;
  /** Serves the station at the other end as a courier, then hands in if there is internet. */
  carryFor(link: Link, providerId: string, station: ServedStation): Promise<void>;
}

export const ServicesContext = createContext<AppServices | undefined>(undefined);

export function useServices(): AppServices {
  const services = use(ServicesContext);
  if (services === undefined) throw new Error('the app’s services are missing');
  return services;
}

/** The words in the driver's language, and the language itself. */
export function useWords(): { readonly words: Words; readonly language: Language } {
  const { language: chosen } = useObservable(useServices().settings);
  return useMemo(() => {
    const language = chosen === 'automatic' ? languageOf(navigator.languages) : chosen;
    return { words: language === 'de' ? de : en, language };
  }, [chosen]);
}

/** The present time in epoch seconds, renewed every `everyMs`. */
export function useNow(everyMs = 1_000): number {
  const { now } = useServices();
  const [at, setAt] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), everyMs);
    return () => clearInterval(timer);
  }, [now, everyMs]);
  return at;
}
