import type { OcpiTariffJson } from '@p2p-power/tariff/Tariff';
import type { NewPoint } from '../points/PointSchemas.ts';
import { type TestProvider, testKey } from './testProvider.ts';

/** A P-256 key as meters' keys are written: SPKI in hex. */
export const spkiOf = (publicKey: string): string =>
  `3059301306072a8648ce3d020106082a8648ce3d03010703420004${publicKey.slice(2)}`;

export function sampleTariff(providerId = 'DEAAA', perKwh = 0.39): OcpiTariffJson {
  return {
    country_code: providerId.slice(0, 2),
    party_id: providerId.slice(2),
    id: 'garage',
    currency: 'EUR',
    elements: [{ price_components: [{ type: 'ENERGY', price: perKwh, vat: 19, step_size: 1 }] }],
    last_updated: '2026-09-01T00:00:00Z',
  };
}

export function samplePoint(operatorId: string, point: Partial<NewPoint> = {}): NewPoint {
  return {
    operatorId,
    evseId: 'DE*AAA*EGARAGE1',
    name: 'Garage',
    address: 'Rosenthaler Str. 30',
    postalCode: '10178',
    city: 'Berlin',
    latitude: 52.52592,
    longitude: 13.40335,
    maxPowerW: 11_000,
    ...point,
  };
}

/** An operator with a point, a tariff and a station, all through the interface; answers what came back. */
export async function enterPoint(provider: TestProvider, point: Partial<NewPoint> = {}, perKwh = 0.39) {
  const { providerId } = provider.context.config;
  const as = 'staff';
  const operator = await provider.call('POST', '/admin/operators', {
    as,
    body: { name: 'Bert', email: 'bert@example.org' },
  });
  const entered = await provider.call('POST', '/admin/points', {
    as,
    body: samplePoint(operator.body.operatorId, point),
  });
  const { evseId } = entered.body;
  await provider.call('PUT', `/admin/points/${evseId}/tariff`, {
    as,
    body: sampleTariff(providerId, perKwh),
  });
  const station = testKey().signer;
  const meter = testKey().signer;
  const provision = await provider.call('POST', `/admin/points/${evseId}/station-certificates`, {
    as,
    body: {
      publicKey: station.publicKey,
      meterPublicKey: spkiOf(meter.publicKey),
      hardwareModel: 'Sample 11 kW',
      linkUrl: 'ws://127.0.0.1:7410/link',
    },
  });
  return { operator: operator.body, evseId, station, meter, provision: provision.body };
}
