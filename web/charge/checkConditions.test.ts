import crypto from 'node:crypto';
import type { Conditions } from '@p2p-power/protocol/LocalLink';
import { Offer } from '@p2p-power/protocol/Offer';
import { pricesId } from '@p2p-power/protocol/OfferedPrices';
import { type SignalContent, signSignal } from '@p2p-power/protocol/Signal';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { tariffId } from '@p2p-power/protocol/tariffId';
import {
  bytes32,
  dawn,
  day,
  makeProvider,
  makeStation,
  networkId,
  plainTariff,
  type TestStation,
  trustIn,
} from '@p2p-power/protocol/testing/world';
import { webCryptoVerifier } from '@p2p-power/protocol/webCryptoSigner';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkConditions } from './checkConditions.ts';

const provider = makeProvider('DEBBB');
const stranger = makeProvider('DEXXX');
const verifier = webCryptoVerifier(crypto.webcrypto.subtle as SubtleCrypto);
const trust = trustIn(provider);
const now = dawn + 60;
let station: TestStation;

beforeAll(async () => {
  station = await makeStation(provider);
});

async function conditionsOf(
  of: TestStation,
  changes: Partial<Offer> = {},
  signer = of.key,
): Promise<Conditions> {
  const offer = await Offer.sign(
    networkId,
    {
      stationCertificateId: of.certificateId,
      tariffId: tariffId(networkId, plainTariff),
      pricesId: `0x${'0'.repeat(64)}`,
      currency: 'EUR',
      timeZone: 'Europe/Berlin',
      maxPowerW: 11_000,
      feedInMicroPerKwh: 0,
      issuedAt: dawn,
      expiresAt: dawn + 600,
      nonce: bytes32('offer'),
      ...changes,
    },
    signer,
  );
  return {
    type: 'conditions',
    version: 1,
    networkId,
    stationCertificate: of.certificate,
    offer,
    tariff: plainTariff,
    pilot: 'B',
    occupied: false,
    stationTime: dawn,
    trustListIssuedAt: dawn,
    unacknowledged: 0,
  };
}

const offeredPrices = (priceMicro: number) => ({
  signalId: bytes32('signal'),
  firstAt: dawn,
  pricesMicro: [priceMicro, 150_000],
  otherwiseMicro: 300_000,
});

const refusalOf = async (conditions: Conditions, at = now, expected?: string, trusted = trust) => {
  const checked = await checkConditions(conditions, trusted, verifier, at, expected);
  return checked.ok ? 'accepted' : checked.refusal;
};

describe('what a station says is believed only where it is signed', () => {
  test('genuine conditions are accepted with their ids', async () => {
    const conditions = await conditionsOf(station);
    const checked = await checkConditions(conditions, trust, verifier, now);
    expect(checked).toMatchObject({
      ok: true,
      value: {
        stationCertificateId: StationCertificate.id(networkId, station.certificate.value),
        offerId: Offer.id(networkId, conditions.offer.value),
        evseId: station.certificate.value.evseId.text,
      },
    });
  });

  test('the chosen point is compared without separators', async () => {
    const { text } = station.certificate.value.evseId;
    const printed = `${text.slice(0, 2)}*${text.slice(2, 5)}*${text.slice(5)}`;
    expect(await refusalOf(await conditionsOf(station), now, printed)).toBe('accepted');
    expect(await refusalOf(await conditionsOf(station), now, 'DE*BBB*EOTHER')).toBe('another-point');
  });

  test('each way to be wrong has its name', async () => {
    const good = await conditionsOf(station);
    const forged = await makeStation({ ...stranger, providerId: 'DEBBB', issuerKeyId: provider.issuerKeyId });
    const dearer = {
      ...plainTariff,
      elements: [{ priceComponents: [{ type: 'ENERGY' as const, priceMicro: 1, stepSize: 1 }] }],
    };
    expect(await refusalOf({ ...good, networkId: bytes32('another') })).toBe('wrong-network');
    expect(await refusalOf(good, now, undefined, trustIn(stranger))).toBe('unknown-station-provider');
    expect(await refusalOf(await conditionsOf(forged))).toBe('bad-station-certificate-signature');
    expect(await refusalOf(good, station.certificate.value.notBefore - day)).toBe(
      'station-certificate-not-yet-valid',
    );
    expect(await refusalOf(good, station.certificate.value.notAfter)).toBe('station-certificate-expired');
    expect(await refusalOf(await conditionsOf(station, { stationCertificateId: bytes32('other') }))).toBe(
      'offer-not-of-station',
    );
    expect(await refusalOf(await conditionsOf(station, {}, stranger.key))).toBe('bad-offer-signature');
    expect(await refusalOf({ ...good, tariff: dearer })).toBe('tariff-mismatch');
    expect(await refusalOf(await conditionsOf(station, { currency: 'CHF' }))).toBe('currency-mismatch');
    for (const timeZone of ['Mars/Olympus', 'Europe/Berlinn', '../etc'])
      expect(await refusalOf(await conditionsOf(station, { timeZone }))).toBe('unknown-time-zone');
    expect(await refusalOf(await conditionsOf(station, { pricesId: bytes32('prices') }))).toBe(
      'unknown-prices',
    );
    const prices = offeredPrices(200_000);
    const named = await conditionsOf(station, { pricesId: pricesId(networkId, prices) });
    expect(await refusalOf(named)).toBe('unknown-prices');
    expect(await refusalOf({ ...named, prices })).toBe('accepted');
    expect(await refusalOf({ ...named, prices: offeredPrices(199_999) })).toBe('prices-mismatch');
    expect(await refusalOf({ ...good, prices })).toBe('prices-mismatch');
    const over = offeredPrices(5_000_000);
    const dear = await conditionsOf(station, { pricesId: pricesId(networkId, over) });
    expect(await refusalOf({ ...dear, prices: over })).toBe('prices-over-tariff');
    expect(await refusalOf(good, dawn + 600)).toBe('offer-expired');
    expect(await refusalOf(good, dawn - 121)).toBe('clocks-differ');
    expect(await refusalOf(good, dawn - 120)).toBe('accepted');
  });
});

describe('what a station plans by is shown only where its provider signed it', () => {
  const carbon = (grams: number): SignalContent => ({
    kind: 'carbon',
    firstAt: dawn,
    gramsPerKwh: [grams, null],
  });
  const grid: SignalContent = { kind: 'grid', slots: [{ from: dawn, to: dawn + 900, state: 'red' }] };
  const signed = (content: SignalContent, issuedAt: number, issuer = provider) =>
    signSignal(
      networkId,
      { providerId: issuer.providerId, issuerKeyId: issuer.issuerKeyId, area: 'DE-LU', issuedAt },
      content,
      issuer.key,
    );
  const outlookOf = async (...signals: Awaited<ReturnType<typeof signed>>[]) => {
    const checked = await checkConditions(
      { ...(await conditionsOf(station)), signals },
      trustIn(provider, stranger),
      verifier,
      now,
    );
    return checked.ok ? checked.value.outlook : checked.refusal;
  };

  test('the latest of each kind', async () => {
    const signals = [await signed(carbon(300), 7), await signed(carbon(400), 5), await signed(grid, 5)];
    expect(await outlookOf(...signals)).toEqual({
      carbon: { firstAt: dawn, gramsPerKwh: [300, null] },
      grid: [{ from: dawn, to: dawn + 900, state: 'red' }],
    });
    expect(await outlookOf()).toEqual({});
  });

  test('not what another provider signed, nor what was changed', async () => {
    const genuine = await signed(carbon(300), 5);
    const flipped = { ...genuine, contentJson: genuine.contentJson.replace('300', '301') };
    const later = { ...genuine, head: { ...genuine.head, value: { ...genuine.head.value, issuedAt: 9 } } };
    expect(await outlookOf(await signed(carbon(300), 5, stranger), flipped, later)).toEqual({});
  });
});
