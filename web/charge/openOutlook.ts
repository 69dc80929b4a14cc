import type { Outlook } from '@p2p-power/planning/sessionWish';
import { openSignal, type Signal, SignalHead } from '@p2p-power/protocol/Signal';
import type { Verifier } from '@p2p-power/protocol/Signer';
import type { EvidenceTrust } from '@p2p-power/protocol/verifyEvidence';
import { QUARTER_HOUR_S } from '@p2p-power/tariff/EnergyPrices';

/**
 * What the grid will be like by the signals that a station plans by: of each kind the one issued last, and only
 * what its own provider signed (`issuerId`). What is not genuine is left out, as the station itself would.
 */
export async function openOutlook(
  signals: readonly Signal[],
  issuerId: string,
  trust: EvidenceTrust,
  verifier: Verifier,
): Promise<Outlook> {
  let outlook: Outlook = {};
  const issuedAt = { carbon: 0, grid: 0 };
  for (const signal of signals) {
    const head = SignalHead.parseSigned(signal.head);
    const key = head.ok ? trust.certificateKey(issuerId, head.value.value.issuerKeyId) : undefined;
    if (key === undefined) continue;
    const expected = { networkId: trust.networkId, issuerId, issuerKeys: [key] };
    const opened = await openSignal(signal, expected, verifier);
    if (!opened.ok) continue;
    const { content, head: value } = opened.value;
    if (content.kind === 'price' || value.issuedAt < issuedAt[content.kind]) continue;
    issuedAt[content.kind] = value.issuedAt;
    outlook =
      content.kind === 'carbon'
        ? { ...outlook, carbon: { firstAt: content.firstAt, gramsPerKwh: content.gramsPerKwh } }
        : { ...outlook, grid: content.slots };
  }
  return outlook;
}

/** Whether anything is known of the CO2 of any time to come (epoch seconds): else nobody can choose it. */
export function knowsCarbon({ carbon }: Outlook, now: number): boolean {
  return (carbon?.gramsPerKwh ?? []).some(
    (grams, index) => grams !== null && (carbon?.firstAt ?? 0) + (index + 1) * QUARTER_HOUR_S > now,
  );
}
