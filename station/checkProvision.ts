import { toBytes } from '@p2p-power/protocol/Hex';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { sha256 } from '@p2p-power/protocol/sha256';
import { openTrustList } from '@p2p-power/protocol/TrustList';
import { checkDynamicTariff } from '@p2p-power/tariff/DynamicTerms';
import type { Provision } from './Provision.ts';
import type { StationParts } from './Station.ts';

/**
 * Throws, in words, where provision, key and meter do not belong together, where the trust list is not
 * the provider's, or where the tariff bills
 * what the meter may not be used for (its metrology class: energy, time only, or nothing), or prices energy below what
 * the dynamic terms may ask.
 */
export async function checkProvision(
  { networkId, certificate, issuerKeys, tariff, trustList, dynamic }: Provision,
  { signer, meter, verifier }: Pick<StationParts, 'signer' | 'meter' | 'verifier'>,
): Promise<void> {
  const { value } = certificate;
  if (value.publicKey !== signer.publicKey)
    throw new Error('the station certificate is for another key than this station’s');
  if (value.meterKeyHash !== sha256(toBytes(meter.publicKey)))
    throw new Error('the station certificate names another meter than this station’s');
  const priced = tariff.elements
    .flatMap(({ priceComponents }) => priceComponents)
    .filter(({ priceMicro }) => priceMicro > 0)
    .map(({ type }) => type);
  const isBillable =
    value.metrologyClass === 'energy' ||
    (value.metrologyClass === 'time-only' && !priced.includes('ENERGY')) ||
    priced.every((type) => type === 'FLAT');
  if (!isBillable)
    throw new Error(`the tariff bills what a meter of class ${value.metrologyClass} may not be used for`);
  const terms = dynamic && checkDynamicTariff(dynamic, tariff);
  if (terms?.ok === false) throw new Error(`the dynamic terms do not go with the tariff: ${terms.detail}`);
  let isGenuine = false;
  for (const key of issuerKeys)
    isGenuine ||= await StationCertificate.verify(networkId, certificate, key, verifier);
  if (!isGenuine) throw new Error('the station certificate is not signed by the provider of this provision');
  const trusted = await openTrustList(
    trustList,
    { networkId, issuerId: value.providerId, issuerKeys },
    verifier,
  );
  if (!trusted.ok)
    throw new Error(`the provision’s trust list is refused: ${trusted.refusal}: ${trusted.detail}`);
}
