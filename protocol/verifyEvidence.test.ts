import * as crypto from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { certificateCache } from './CertificateCache.ts';
import { evidenceRefusals } from './EvidenceRefusal.ts';
import { nodeCryptoVerifier } from './nodeCryptoSigner.ts';
import type { Verifier } from './Signer.ts';
import { parkedReadings, refusedEvidence } from './testing/refusedEvidence.ts';
import { buildEvidence, dawn, steadyReadings, testTariff, testTrust } from './testing/world.ts';
import { verifyEvidence } from './verifyEvidence.ts';

const verifier = nodeCryptoVerifier(crypto);
const refused = await refusedEvidence();

describe('evidence that is wrong in one thing', () => {
  test.each(refused)('$refusal: $why', async ({ refusal, evidence }) => {
    expect(await verifyEvidence(evidence, testTrust, verifier)).toMatchObject({ ok: false, refusal });
  });

  test('there is a case for every refusal, and the cases stand in the order of precedence', () => {
    expect([...new Set(refused.map(({ refusal }) => refusal))]).toEqual(evidenceRefusals);
  });
});

test('genuine evidence says who, where, when, how much and for what money', async () => {
  const facts = await verifyEvidence(await buildEvidence(), testTrust, verifier);
  expect(facts).toMatchInlineSnapshot(`
    {
      "ok": true,
      "value": {
        "authorizationId": "0x8eed646b750f6d82d04ec50872226630f33704d67ae93ba56a0373b780541317",
        "authorizedAt": 1780272030,
        "cdrId": "0xecdb02c55f9ce23f9617c2fd2ce321c433bbd774dda23879ce65ae7c8c995d7b",
        "chargeMicro": 5105100,
        "creditMicro": 0,
        "currency": "EUR",
        "driverCertificateId": "0xe10f2199e0470647785aebdccd9c454953f5cab6ff42110c578ce71bb33a09ea",
        "driverProviderId": "DEAAA",
        "emaid": "DEAAAC1RTO99I0A",
        "endReason": "driver-stopped",
        "endedAt": 1780275661,
        "evseId": "DEBBBE618C67FE",
        "exportedWh": 0,
        "hardwareModel": "Garage 11 kW",
        "importedWh": 11000,
        "journalNumber": 42,
        "journalPreviousHash": "0x2ba05f05a1b2616ca98eb8bf3db302932234627ec7b8af9c6306172b9987e3e0",
        "meter": {
          "beganAtMs": 1780272061000,
          "curve": "secp256r1",
          "endType": "E",
          "endedAtMs": 1780275661000,
          "evseId": "",
          "exportBeginWh": 0,
          "exportEndWh": 0,
          "identification": "8eed646b750f6d82d04ec50872226630f33704d67ae93ba56a0373b780541317",
          "importBeginWh": 1234567,
          "importEndWh": 1245567,
          "meterSerial": "1EMH0012345678",
          "pagination": "T7",
          "timeStatus": "S",
        },
        "networkId": "0xa6791037797ca86c82ac170d11ea12a23f79c739ac130f7564da6a844422b7de",
        "offerId": "0x4497ed143f3211f8673612220ce49a89129983ff5e5df26d0a6c25cac5f5751f",
        "operatorAccount": "0xaa14cd427f510be7b15ef950393894774f04ed33",
        "price": {
          "currency": "EUR",
          "exclVatMicro": 4290000,
          "inclVatMicro": 5105100,
          "lines": [
            {
              "addedQuantity": 0,
              "amountMicro": 4290000,
              "component": "ENERGY",
              "elementIndex": 0,
              "from": 1780272061,
              "priceMicro": 390000,
              "quantity": 11000,
              "stepSize": 1,
              "to": 1780275661,
              "vatBp": 1900,
            },
          ],
          "taxes": [
            {
              "amountMicro": 815100,
              "vatBp": 1900,
            },
          ],
          "vatMicro": 815100,
        },
        "startedAt": 1780272061,
        "stationCertificateId": "0x18bd36bac66ff506d4ce3204d15e00b9c4a7722d4430737567834ea3cf7af7c7",
        "stationProviderId": "DEBBB",
        "tariffId": "0xb156962dc797039bccfbe9b1bf4415f212aeee27c1e8f636ec599d163948d4f2",
        "timeZone": "Europe/Berlin",
      },
    }
  `);
});

test('a charge above the bound costs the bound', async () => {
  const evidence = await buildEvidence({ authorization: { maxAmountMicro: 3_000_000 } });
  expect(await verifyEvidence(evidence, testTrust, verifier)).toMatchObject({
    ok: true,
    value: { chargeMicro: 3_000_000, price: { inclVatMicro: 5_105_100 } },
  });
});

test('energy given back is credited, and parking is billed by a synchronised clock', async () => {
  const readings = steadyReadings(dawn + 61, 3_600, 2_000, 5_000);
  expect(await verifyEvidence(await buildEvidence({ readings }), testTrust, verifier)).toMatchObject({
    ok: true,
    value: { exportedWh: 5_000, creditMicro: 600_000 },
  });
  const parked = await buildEvidence({ tariff: testTariff, readings: parkedReadings() });
  const facts = await verifyEvidence(parked, testTrust, verifier);
  if (!facts.ok) throw new Error(facts.detail);
  expect(facts.value.price.lines.map(({ component }) => component)).toEqual(['ENERGY', 'PARKING_TIME']);
});

test('with a cache, certificates are checked once and a spoilt signature is still noticed', async () => {
  let checks = 0;
  const counting: Verifier = {
    verify: (...signed) => {
      checks += 1;
      return verifier.verify(...signed);
    },
  };
  const cache = certificateCache();
  const evidence = await buildEvidence();
  expect(await verifyEvidence(evidence, testTrust, counting, cache)).toMatchObject({ ok: true });
  expect(checks).toBe(6);
  expect(await verifyEvidence(evidence, testTrust, counting, cache)).toMatchObject({ ok: true });
  expect(checks).toBe(10);
  const { signature } = evidence.driverCertificate;
  const spoilt = {
    ...evidence,
    driverCertificate: {
      ...evidence.driverCertificate,
      signature: `${signature.slice(0, -1)}${signature.endsWith('0') ? 1 : 0}` as typeof signature,
    },
  };
  expect(await verifyEvidence(spoilt, testTrust, counting, cache)).toMatchObject({
    refusal: 'bad-driver-certificate-signature',
  });
});

test('the cache holds no more than its capacity, and knows only the very same certificate', () => {
  const cache = certificateCache(2);
  const certificate = (name: string) => ({
    value: { name, sealed: { text: 'a' } },
    signature: `0x${name}` as const,
  });
  for (const name of ['01', '02', '03']) cache.remember('0x0a', certificate(name), '0x0b', `0x${name}ff`);
  const known = (name: string) => cache.knownId('0x0a', certificate(name), '0x0b');
  expect(['01', '02', '03'].map(known)).toEqual([undefined, '0x02ff', '0x03ff']);
  expect(cache.knownId('0x0c', certificate('03'), '0x0b')).toBeUndefined();
  expect(cache.knownId('0x0a', certificate('03'), '0x0c')).toBeUndefined();
  expect(cache.knownId('0x0a', { ...certificate('02'), signature: '0x03' }, '0x0b')).toBeUndefined();
  const resealed = { value: { name: '03', sealed: { text: 'b' } }, signature: '0x03' as const };
  expect(cache.knownId('0x0a', resealed, '0x0b')).toBeUndefined();
});
