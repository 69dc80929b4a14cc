import type { Hex } from '@p2p-power/protocol/Hex';
import {
  openSignal,
  type Signal,
  type SignalContent,
  type SignalHead,
  type SignalRefusal,
} from '@p2p-power/protocol/Signal';
import type { Verifier } from '@p2p-power/protocol/Signer';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { Clock, JournalStore } from './Ports.ts';
import type { Provision } from './Provision.ts';

export type SignalKind = SignalContent['kind'];

/** A genuine signal, read. */
export interface HeldSignal<Kind extends SignalKind = SignalKind> {
  readonly id: Hex;
  readonly head: SignalHead;
  readonly content: Extract<SignalContent, { readonly kind: Kind }>;
  readonly signal: Signal;
}

/** Why a signal is not taken: it is not genuine, not for this point, or not newer than the one at hand. */
export type TakeSignalRefusal =
  | SignalRefusal
  | 'signal-from-future'
  | 'signal-of-another-area'
  | 'signal-in-another-currency'
  | 'not-newer';

/** The newest genuine signal of each kind, whoever brought it. */
export interface SignalStore {
  newest<Kind extends SignalKind>(kind: Kind): HeldSignal<Kind> | undefined;
  /** All that are at hand, as they came. */
  all(): readonly Signal[];
  heads(): readonly SignalHead[];
  /** Durable when it returns. */
  take(json: unknown): Promise<Result<HeldSignal, TakeSignalRefusal>>;
}

const kinds: readonly SignalKind[] = ['price', 'carbon', 'grid'];
const keptName = (kind: SignalKind) => `signal-${kind}`;
/** Clocks may differ by so much, s: a signal from further ahead would keep out all that come after it. */
const clockSkewS = 120;

/**
 * The newer of what the provision brought and what was kept before; what of it is not genuine is left out. A price
 * signal must be of the area and in the currency of the provision; the areas of the other kinds are those of the
 * signals that came with the provision, where it has any.
 */
export async function openSignalStore(
  provision: Provision,
  parts: { readonly store: JournalStore; readonly clock: Clock; readonly verifier: Verifier },
  issuerKeys: () => readonly Hex[],
): Promise<SignalStore> {
  const { store, clock, verifier } = parts;
  const { networkId, dynamic, currency } = provision;
  const issuerId = provision.certificate.value.providerId;
  const held = new Map<SignalKind, HeldSignal>();
  const areas = new Map<SignalKind, string>();
  if (dynamic !== undefined) areas.set('price', dynamic.area);

  const open = async (json: unknown): Promise<Result<HeldSignal, TakeSignalRefusal>> => {
    const opened = await openSignal(json, { networkId, issuerId, issuerKeys: issuerKeys() }, verifier);
    if (!opened.ok) return opened;
    const { id, head, content } = opened.value;
    if (head.issuedAt > clock.nowS() + clockSkewS)
      return refuse('signal-from-future', `issued at ${head.issuedAt}, now ${clock.nowS()}`);
    const area = areas.get(head.kind) ?? head.area;
    if (head.area !== area)
      return refuse('signal-of-another-area', `${head.kind} of ${head.area}; here it is ${area}`);
    if (content.kind === 'price' && content.currency !== currency)
      return refuse('signal-in-another-currency', `${content.currency}; here it is ${currency}`);
    const newest = held.get(head.kind);
    if (newest !== undefined && head.issuedAt <= newest.head.issuedAt)
      return refuse('not-newer', `the ${head.kind} signal at hand is of ${newest.head.issuedAt}`);
    const { head: signedHead, contentJson } = json as Signal;
    return accept({ id, head, content, signal: { head: signedHead, contentJson } });
  };

  for (const json of provision.signals ?? []) {
    const opened = await open(json);
    if (!opened.ok) continue;
    held.set(opened.value.head.kind, opened.value);
    areas.set(opened.value.head.kind, opened.value.head.area);
  }
  for (const kind of kinds) {
    const text = store.kept(keptName(kind));
    const again = text === undefined ? undefined : await open(JSON.parse(text));
    if (again?.ok) held.set(kind, again.value);
  }

  return {
    newest: <Kind extends SignalKind>(kind: Kind) => held.get(kind) as HeldSignal<Kind> | undefined,
    all: () => [...held.values()].map(({ signal }) => signal),
    heads: () => [...held.values()].map(({ head }) => head),
    async take(json) {
      const opened = await open(json);
      if (!opened.ok) return opened;
      const { head, signal } = opened.value;
      store.keep(keptName(head.kind), JSON.stringify(signal));
      held.set(head.kind, opened.value);
      return opened;
    },
  };
}
