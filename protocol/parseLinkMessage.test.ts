import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Acknowledgement } from './Acknowledgement.ts';
import { generateCourierKey } from './CourierKey.ts';
import type { LinkAnswer, LinkRequest } from './LocalLink.ts';
import { signProvisionUpdate } from './ProvisionUpdate.ts';
import { maxLinkMessageLength, parseLinkAnswer, parseLinkRequest } from './parseLinkMessage.ts';
import { sealSegment } from './Segment.ts';
import { signSignal } from './Signal.ts';
import { StopRequest } from './StopRequest.ts';
import { TrustListHead, trustContentHash } from './TrustList.ts';
import {
  buildEvidence,
  bytes32,
  dawn,
  makeDriver,
  makeProvider,
  networkId,
  testPrices,
} from './testing/world.ts';

let requests: readonly LinkRequest[];
let answers: readonly LinkAnswer[];

beforeAll(async () => {
  const provider = makeProvider('DEBBB');
  const driver = await makeDriver(makeProvider('DEAAA'));
  const evidence = await buildEvidence();
  const dynamic = await buildEvidence({ prices: testPrices });
  const authorizationId = bytes32('authorization');
  const contentJson = '{"providers":[],"revocations":[]}';
  const trustList = {
    head: await TrustListHead.sign(
      networkId,
      {
        providerId: 'DEBBB',
        issuerKeyId: provider.issuerKeyId,
        issuedAt: dawn,
        contentHash: trustContentHash(contentJson),
      },
      provider.key,
    ),
    contentJson,
  };
  const provision = await signProvisionUpdate(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: provider.issuerKeyId,
      stationKeyId: bytes32('station key'),
      issuedAt: dawn,
    },
    {},
    provider.key,
  );
  const acknowledgement = await Acknowledgement.sign(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: provider.issuerKeyId,
      stationCertificateId: bytes32('station'),
      segmentId: bytes32('segment'),
      count: 1,
      receivedAt: dawn,
    },
    provider.key,
  );
  const { publicKey } = await generateCourierKey();
  const segment = await sealSegment([evidence], {
    networkId,
    providerId: 'DEBBB',
    recipientPublicKey: publicKey,
  });
  requests = [
    { type: 'hello', version: 1 },
    {
      type: 'authorize',
      driverCertificate: evidence.driverCertificate,
      authorization: evidence.authorization,
    },
    { type: 'status', authorizationId },
    {
      type: 'stop',
      request: await StopRequest.sign(networkId, { authorizationId, signedAt: dawn }, driver.key),
    },
    { type: 'receipt', authorizationId },
    { type: 'collect' },
    { type: 'deliver', acknowledgements: [acknowledgement] },
    { type: 'deliver', acknowledgements: [], trustList },
    { type: 'deliver', acknowledgements: [], provision },
  ];
  const { stationCertificate, offer, tariff } = evidence;
  answers = [
    {
      type: 'conditions',
      version: 1,
      networkId,
      stationCertificate,
      offer,
      tariff,
      pilot: 'B',
      occupied: false,
      stationTime: dawn,
      trustListIssuedAt: dawn - 60,
      unacknowledged: 3,
    },
    {
      type: 'conditions',
      version: 1,
      networkId,
      stationCertificate,
      offer: dynamic.offer,
      tariff,
      prices: testPrices,
      signals: [
        await signSignal(
          networkId,
          { providerId: 'DEBBB', issuerKeyId: provider.issuerKeyId, area: 'AT', issuedAt: dawn },
          { kind: 'carbon', firstAt: dawn, gramsPerKwh: [312, null] },
          provider.key,
        ),
      ],
      pilot: 'B',
      occupied: false,
      stationTime: dawn,
      trustListIssuedAt: dawn - 60,
      unacknowledged: 3,
    },
    { type: 'started', authorizationId },
    {
      type: 'session',
      authorizationId,
      state: 'charging',
      powerW: -7_400,
      energyWh: 10,
      amountMicro: 5,
      startedAt: dawn,
      at: dawn + 5,
      note: 'wird geladen',
    },
    {
      type: 'session',
      authorizationId,
      state: 'paused',
      powerW: 0,
      energyWh: 10,
      amountMicro: 5,
      startedAt: dawn,
      at: dawn + 5,
      note: 'wartet auf billigen Strom',
      plan: [
        { from: dawn + 900, to: dawn + 1_800, powerW: 11_000 },
        { from: dawn + 1_800, to: dawn + 2_700, powerW: -5_000 },
      ],
      planReason: 'Abfahrt zu früh',
    },
    { type: 'receipt', evidence },
    { type: 'receipt', evidence: dynamic },
    { type: 'sealed', segments: [segment] },
    { type: 'taken', acknowledged: 1, trustListIssuedAt: dawn },
    { type: 'taken', acknowledged: 0, trustListIssuedAt: dawn, provisionRefusal: 'not-newer' },
    { type: 'refused', refusal: 'offer-expired', words: 'Das Angebot ist abgelaufen.' },
  ];
});

test('every request and every answer is read as it was written', () => {
  for (const request of requests)
    expect(parseLinkRequest(JSON.stringify(request))).toEqual({ ok: true, value: request });
  for (const answer of answers)
    expect(parseLinkAnswer(JSON.stringify(answer))).toEqual({ ok: true, value: answer });
  for (const answer of answers) expect(parseLinkAnswer(answer)).toEqual({ ok: true, value: answer });
});

/** A message is as good without them. */
const optional = ['trustList', 'provision', 'provisionRefusal', 'prices', 'signals', 'plan', 'planReason'];

test('a message with a field too few, too many or of another kind is malformed', () => {
  const spoil = (message: LinkRequest | LinkAnswer, parse: (json: unknown) => unknown) => {
    for (const field of Object.keys(message)) {
      const without = Object.fromEntries(Object.entries(message).filter(([name]) => name !== field));
      const refusal =
        field === 'type' ? 'not-a-message' : field === 'version' ? 'unknown-version' : 'malformed-message';
      if (!optional.includes(field))
        expect(parse(without), `${message.type}.${field}`).toMatchObject({ ok: false, refusal });
      expect(parse({ ...message, [field]: { what: 'else' } }), `${message.type}.${field}`).toMatchObject({
        ok: false,
        refusal,
      });
    }
    expect(parse({ ...message, more: 1 })).toMatchObject({ ok: false, refusal: 'malformed-message' });
  };
  for (const request of requests) spoil(request, parseLinkRequest);
  for (const answer of answers) spoil(answer, parseLinkAnswer);
});

test('a plan goes forward, in whole watts', () => {
  const status = answers.find((answer) => answer.type === 'session');
  for (const planned of [
    { from: dawn + 60, to: dawn + 60, powerW: 0 },
    { from: -60, to: dawn, powerW: 0 },
    { from: dawn, to: dawn + 60, powerW: 0.5 },
    { from: dawn, to: dawn + 60 },
    { from: dawn, to: dawn + 60, powerW: 0, soc: 1 },
  ])
    expect(parseLinkAnswer({ ...status, plan: [planned] })).toMatchObject({ refusal: 'malformed-message' });
});

describe('what is no message', () => {
  test.each([
    ['', 'not-a-message'],
    ['7', 'not-a-message'],
    ['[]', 'not-a-message'],
    ['{"type":7}', 'not-a-message'],
    ['{"type":"hallo"}', 'unknown-message'],
    ['{"type":"toString"}', 'unknown-message'],
    ['{"type":"hello","version":2}', 'unknown-version'],
    ['{"type":"conditions","version":1}', 'unknown-message'],
    [`"${' '.repeat(maxLinkMessageLength)}"`, 'message-too-long'],
  ])('%.40s', (text, refusal) => {
    expect(parseLinkRequest(text)).toMatchObject({ ok: false, refusal });
  });

  test('a request is no answer', () => {
    expect(parseLinkAnswer({ type: 'hello', version: 1 })).toMatchObject({ refusal: 'unknown-message' });
  });

  test('nothing makes the parsers throw', () => {
    const type = fc.constantFrom(
      'hello',
      'authorize',
      'deliver',
      'stop',
      'conditions',
      'session',
      'receipt',
      'sealed',
    );
    const message = fc
      .tuple(type, fc.dictionary(fc.string(), fc.jsonValue()))
      .map(([name, rest]) => ({ ...rest, type: name }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.jsonValue(), message), (json) => {
        parseLinkRequest(json);
        parseLinkAnswer(json);
      }),
    );
  });
});
