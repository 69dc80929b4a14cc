import type { Hex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { openProvisionUpdate } from '@p2p-power/protocol/ProvisionUpdate';
import type { Signer } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readLocations } from '../locations/readLocations.ts';
import { signRequest } from '../peers/signRequest.ts';
import { enterPoint, sampleTariff, spkiOf } from '../testing/samples.ts';
import { openTestProvider, type TestProvider, testKey, testNetworkId } from '../testing/testProvider.ts';
import { publishProvision } from './publishProvision.ts';

let provider: TestProvider;
let entered: Awaited<ReturnType<typeof enterPoint>>;
let other: Awaited<ReturnType<typeof enterPoint>>;
beforeAll(async () => {
  provider = await openTestProvider();
  entered = await enterPoint(provider);
  other = await enterPoint(provider, { evseId: 'DEAAAEGARAGE2' });
});
afterAll(() => provider.close());

const path = (evseId = 'DEAAAEGARAGE1') => `/admin/points/${evseId}/station-certificates`;
const request = (changes: object = {}) => ({
  publicKey: entered.station.publicKey,
  meterPublicKey: spkiOf(entered.meter.publicKey),
  hardwareModel: 'Sample 11 kW',
  ...changes,
});

interface Asked {
  readonly signer?: Signer;
  readonly at?: string;
  readonly method?: string;
  readonly sent?: object;
  readonly createdAt?: number;
  readonly nonce?: string;
}

async function ask(station: object, { signer, at, method = 'POST', sent, createdAt, nonce }: Asked = {}) {
  const signed = await signRequest(
    { url: `https://a.example${at ?? path()}`, method, body: JSON.stringify(station) },
    signer ?? entered.station,
    createdAt ?? provider.clock.nowS(),
    nonce,
  );
  return provider.call(method, at ?? path(), { headers: signed.headers, body: sent ?? signed.body });
}

test('a certified station gets its provision by its own signature, without the staff token', async () => {
  const { status, body } = await ask(request());
  expect(status).toBe(200);
  expect(body.certificate).toEqual(entered.provision.certificate);
});

test('what staff certified stays: neither model nor metrology class is the station’s to choose', async () => {
  provider.clock.advance(300 * 86_400);
  const { status, body } = await ask(
    request({ hardwareModel: 'Grander 22 kW', metrologyClass: 'none', linkUrl: 'ws://10.0.0.7/link' }),
  );
  expect(status).toBe(200);
  const { value } = body.certificate;
  expect(value.notAfter).toBeGreaterThan(entered.provision.certificate.value.notAfter);
  expect(value).toMatchObject({ hardwareModel: 'Sample 11 kW', metrologyClass: 'energy' });
  expect(value.publicKey).toBe(entered.station.publicKey);
  expect((await provider.call('GET', '/points/DEAAAEGARAGE1')).body.linkUrl).toBe('ws://10.0.0.7/link');
  const { verifier } = provider.context;
  const [issuerKey] = body.issuerKeys as [Hex];
  expect(await StationCertificate.verify(testNetworkId, body.certificate, issuerKey, verifier)).toBe(true);
});

test('another key or meter is refused', async () => {
  const refused = { status: 403, body: { refusal: 'renewal-of-another-station' } };
  expect(await ask(request({ publicKey: testKey().signer.publicKey }))).toMatchObject(refused);
  expect(await ask(request({ meterPublicKey: spkiOf(other.meter.publicKey) }))).toMatchObject(refused);
});

test('a station asks for its own point only, and for nothing else', async () => {
  const refused = { status: 401, body: { refusal: 'signature-key-unknown' } };
  expect(await ask(request(), { at: path('DEAAAEGARAGE2') })).toMatchObject(refused);
  expect(await ask(request(), { at: path('DEAAAENOWHERE') })).toMatchObject(refused);
  expect(await ask(request(), { at: path('%E0') })).toMatchObject(refused);
  expect(await ask(request(), { signer: testKey().signer })).toMatchObject(refused);
  const notSignedIn = { status: 401, body: { refusal: 'not-signed-in' } };
  expect(await ask({}, { method: 'DELETE' })).toMatchObject(notSignedIn);
  expect(await ask({}, { method: 'PUT', at: '/admin/points/DEAAAEGARAGE1/tariff' })).toMatchObject(
    notSignedIn,
  );
  expect(await ask({}, { at: '/admin/points' })).toMatchObject(notSignedIn);
});

test('a request that was changed, is old, or comes twice is refused', async () => {
  const refusalOf = async (asked: Asked) => (await ask(request(), asked)).body.refusal;
  expect(await refusalOf({ sent: request({ linkUrl: 'ws://10.6.6.6/link' }) })).toBe(
    'content-digest-mismatch',
  );
  expect(await refusalOf({ createdAt: provider.clock.nowS() - 301 })).toBe('signature-out-of-window');
  expect((await ask(request(), { nonce: 'the-only-one' })).status).toBe(200);
  expect(await refusalOf({ nonce: 'the-only-one' })).toBe('request-replayed');
});

test('for couriers: signed for this station alone, the certificate renewed in the second half of its life', async () => {
  const offline = await enterPoint(provider, { evseId: 'DEAAAEOFFLINE' });
  const { certificate, issuerKeys } = offline.provision;
  const id = StationCertificate.id(testNetworkId, certificate.value);
  const publish = async () => {
    const update = await publishProvision(provider.context, id);
    const expected = {
      networkId: testNetworkId,
      issuerId: 'DEAAA',
      issuerKeys,
      stationKeyId: keyId(offline.station.publicKey),
    };
    const opened = await openProvisionUpdate(update, expected, provider.context.verifier);
    if (!opened.ok) throw new Error(opened.refusal);
    return opened.value.content as typeof offline.provision;
  };
  expect((await publish()).certificate).toEqual(certificate);
  await provider.call('PUT', '/admin/points/DEAAAEOFFLINE/tariff', {
    as: 'staff',
    body: sampleTariff('DEAAA', 0.51),
  });
  const { notBefore, notAfter } = certificate.value;
  provider.clock.advance(Math.ceil((notAfter - notBefore) / 2));
  const later = await publish();
  expect(later.tariff.elements[0].priceComponents[0].priceMicro).toBe(510_000);
  expect(later.certificate.value.notAfter).toBeGreaterThan(notAfter);
  expect(later.certificate.value.publicKey).toBe(offline.station.publicKey);
  expect(later.trustList.head.value.issuedAt).toBe(provider.clock.nowS());
  await provider.call('DELETE', path('DEAAAEOFFLINE'), { as: 'staff' });
  expect(await publishProvision(provider.context, id)).toBeUndefined();
  expect(await publishProvision(provider.context, `0x${'0'.repeat(64)}`)).toBeUndefined();
});

test('a station says that a charge runs: the point is not to be had until it ends, or nobody says so any more', async () => {
  const busy = await enterPoint(provider, { evseId: 'DEAAAEBUSY' });
  const tell = async (occupied: unknown, signer = busy.station) => {
    const at = '/points/DEAAAEBUSY/standing';
    const body = JSON.stringify({ occupied });
    const signed = await signRequest(
      { url: `https://a.example${at}`, method: 'POST', body },
      signer,
      provider.clock.nowS(),
    );
    return (await provider.call('POST', at, { headers: signed.headers, body })).status;
  };
  const isAvailable = async () => (await provider.call('GET', '/points/DEAAAEBUSY')).body.available;
  const peersSee = async () => {
    const { locations } = await readLocations(provider.context, { offset: 0, limit: 100 });
    const evses = locations.flatMap((location) => location.evses ?? []);
    return evses.find(({ uid }) => uid === 'DEAAAEBUSY')?.status;
  };
  expect([await isAvailable(), await peersSee()]).toEqual([true, 'AVAILABLE']);
  expect(await tell(true, testKey().signer)).toBe(401);
  expect(await tell('yes')).toBe(400);
  expect(await isAvailable()).toBe(true);
  expect(await tell(true)).toBe(204);
  expect([await isAvailable(), await peersSee()]).toEqual([false, 'CHARGING']);
  expect(await tell(false)).toBe(204);
  expect([await isAvailable(), await peersSee()]).toEqual([true, 'AVAILABLE']);
  await tell(true);
  provider.clock.advance(899);
  expect(await isAvailable()).toBe(false);
  provider.clock.advance(1);
  expect(await isAvailable()).toBe(true);
  const unsigned = { body: { occupied: true } };
  expect(await provider.call('POST', '/points/DEAAAEBUSY/standing', unsigned)).toMatchObject({
    status: 401,
    body: { refusal: 'signature-missing' },
  });
});

test('a station that was replaced renews nothing', async () => {
  const replaced = await enterPoint(provider, { evseId: 'DEAAAEGARAGE3' });
  const asked = request({
    publicKey: replaced.station.publicKey,
    meterPublicKey: spkiOf(replaced.meter.publicKey),
  });
  const at = { signer: replaced.station, at: path('DEAAAEGARAGE3') };
  expect((await ask(asked, at)).status).toBe(200);
  provider.clock.advance(1);
  const body = request({ publicKey: testKey().signer.publicKey });
  expect((await provider.call('POST', at.at, { as: 'staff', body })).status).toBe(200);
  expect((await ask(asked, at)).body.refusal).toBe('signature-key-unknown');
});

test('a certificate that has run out or was revoked renews nothing', async () => {
  await provider.call('DELETE', path(), { as: 'staff' });
  expect((await ask(request())).body.refusal).toBe('signature-key-unknown');
  const { notAfter } = other.provision.certificate.value;
  provider.clock.advance(notAfter - provider.clock.nowS());
  const late = await ask(
    request({ publicKey: other.station.publicKey, meterPublicKey: spkiOf(other.meter.publicKey) }),
    { signer: other.station, at: path('DEAAAEGARAGE2') },
  );
  expect(late.body.refusal).toBe('signature-key-unknown');
});
