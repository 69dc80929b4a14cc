import { Authorization, withoutWishes } from '@p2p-power/protocol/Authorization';
import type { Conditions, LinkRequest } from '@p2p-power/protocol/LocalLink';
import { Offer } from '@p2p-power/protocol/Offer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { networkId, type TestDriver } from '@p2p-power/protocol/testing/world';

export type AuthorizeRequest = LinkRequest & { readonly type: 'authorize' };

/** A driver's yes to these conditions: at once, up to 60 kWh and 40 of the currency, where nothing else is given. */
export async function signAuthorization(
  conditions: Conditions,
  driver: TestDriver,
  given: Pick<Authorization, 'signedAt' | 'nonce'> & Partial<Authorization>,
): Promise<AuthorizeRequest> {
  const value: Authorization = {
    driverCertificateId: driver.certificateId,
    stationCertificateId: StationCertificate.id(networkId, conditions.stationCertificate.value),
    offerId: Offer.id(networkId, conditions.offer.value),
    maxEnergyWh: 60_000,
    maxAmountMicro: 40_000_000,
    ...withoutWishes,
    ...given,
  };
  const authorization = await Authorization.sign(networkId, value, driver.key);
  return { type: 'authorize', driverCertificate: driver.certificate, authorization };
}
