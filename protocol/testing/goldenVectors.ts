import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeTariff } from '@p2p-power/tariff/encodeTariff';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { priceVectors } from '@p2p-power/tariff/testing/priceVectors';
import { Acknowledgement } from '../Acknowledgement.ts';
import { Authorization } from '../Authorization.ts';
import { type AcceptedCharge, buildBatch, channelId } from '../Batch.ts';
import { ChargeDetailRecord } from '../ChargeDetailRecord.ts';
import { DriverCertificate } from '../DriverCertificate.ts';
import { fromBytes, type Hex, toBytes, zeroHash } from '../Hex.ts';
import { keyId } from '../KeyId.ts';
import { type Payout, payoutTree, settledChargeTree } from '../MerkleTree.ts';
import { Offer } from '../Offer.ts';
import { encodeOfferedPrices, type OfferedPrices, pricesId } from '../OfferedPrices.ts';
import { ProvisionHead } from '../ProvisionUpdate.ts';
import { printEvidence } from '../parseEvidence.ts';
import { SignalHead, signSignal } from '../Signal.ts';
import type { FieldKind, Layout, Signed, SignedObject, ValueOf } from '../SignedObject.ts';
import { groupOrder } from '../Signer.ts';
import { StationCertificate } from '../StationCertificate.ts';
import { StopRequest } from '../StopRequest.ts';
import { sha256 } from '../sha256.ts';
import { TrustListHead, trustContentHash } from '../TrustList.ts';
import { tariffId } from '../tariffId.ts';
import { sealedText, text, typeWord } from '../Word.ts';
import { feeVectors } from './feeVectors.ts';
import { refusedEvidence } from './refusedEvidence.ts';
import {
  buildEvidence,
  bytes32,
  dawn,
  makeDriver,
  makeProvider,
  makeStation,
  networkId,
  plainTariff,
  testKey,
  testPrices,
  testTariff,
} from './world.ts';

/**
 * The golden vectors, file by file: what every implementation, Solidity's among them, must compute
 * alike. Keys of the objects stand in alphabetical order and texts are flat, as forge's `parseJson`
 * wants them; a TypeScript value is JSON inside a text.
 */
export async function goldenVectors(): Promise<Readonly<Record<string, unknown>>> {
  return {
    'signedObjects.json': await signedObjects(),
    'words.json': words(),
    'tariffs.json': { vectors: tariffs() },
    'offeredPrices.json': { vectors: offeredPrices() },
    'merkle.json': merkle(),
    'batches.json': { vectors: batches() },
    'fees.json': feeVectors(),
    'prices.json': { vectors: priceVectors(2026, 2_000) },
    'evidence.json': await evidence(),
  };
}

const otherNetworkId = sha256(utf8ToBytes('another network'));

/** One object, genuine or spoilt: whether (x, y) signed these words with (r, s), with low s. */
export interface SignedObjectVector {
  readonly id: Hex;
  readonly isSigned: boolean;
  readonly name: string;
  readonly r: Hex;
  readonly s: Hex;
  readonly typeWord: Hex;
  readonly value: string;
  readonly why: string;
  readonly words: readonly Hex[];
  readonly x: Hex;
  readonly y: Hex;
}

async function signedObjects(): Promise<{ networkId: Hex; vectors: readonly SignedObjectVector[] }> {
  const driverProvider = makeProvider('DEAAA');
  const stationProvider = makeProvider('DEBBB');
  const driver = await makeDriver(driverProvider);
  const station = await makeStation(stationProvider);
  const { offer, authorization, cdr } = await buildEvidence();
  const authorizationId = Authorization.id(networkId, authorization.value);
  const stop = await StopRequest.sign(networkId, { authorizationId, signedAt: dawn + 3_600 }, driver.key);
  const acknowledgement = await Acknowledgement.sign(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: stationProvider.issuerKeyId,
      stationCertificateId: station.certificateId,
      segmentId: bytes32('a segment'),
      count: 3,
      receivedAt: dawn + 7_200,
    },
    stationProvider.key,
  );
  const trustList = await TrustListHead.sign(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: stationProvider.issuerKeyId,
      issuedAt: dawn,
      contentHash: trustContentHash('{"providers":[],"revocations":[]}'),
    },
    stationProvider.key,
  );
  const provision = await ProvisionHead.sign(
    networkId,
    {
      providerId: 'DEBBB',
      issuerKeyId: stationProvider.issuerKeyId,
      stationKeyId: keyId(station.key.publicKey),
      issuedAt: dawn,
      contentHash: trustContentHash('{}'),
    },
    stationProvider.key,
  );
  const signal = await signSignal(
    networkId,
    { providerId: 'DEBBB', issuerKeyId: stationProvider.issuerKeyId, area: 'DE-LU', issuedAt: dawn },
    { kind: 'price', currency: 'EUR', firstAt: dawn, indexMicro: [91_230, -12_000, null] },
    stationProvider.key,
  );
  const vectors = [
    ...variants(DriverCertificate, driver.certificate, driverProvider.key.publicKey),
    ...variants(StationCertificate, station.certificate, stationProvider.key.publicKey),
    ...variants(Offer, offer, station.key.publicKey),
    ...variants(Authorization, authorization, driver.key.publicKey),
    ...variants(ChargeDetailRecord, cdr, station.key.publicKey),
    ...variants(StopRequest, stop, driver.key.publicKey),
    ...variants(Acknowledgement, acknowledgement, stationProvider.key.publicKey),
    ...variants(TrustListHead, trustList, stationProvider.key.publicKey),
    ...variants(ProvisionHead, provision, stationProvider.key.publicKey),
    ...variants(SignalHead, signal.head, stationProvider.key.publicKey),
  ];
  return { networkId, vectors };
}

/** The genuine object, then one spoilt in each field, in network, type, key and signature. */
function variants<Fields extends Layout>(
  type: SignedObject<Fields>,
  signed: Signed<ValueOf<Fields>>,
  publicKey: Hex,
): SignedObjectVector[] {
  const vector = (
    why: string,
    change: { value?: ValueOf<Fields>; network?: Hex; key?: Hex; signature?: Hex; name?: string },
  ) => {
    const value = change.value ?? signed.value;
    const network = change.network ?? networkId;
    const bytes = type.encode(network, value);
    if (change.name !== undefined) bytes.set(toBytes(typeWord(change.name, network)));
    const hex = fromBytes(bytes).slice(2);
    const key = change.key ?? publicKey;
    const signature = change.signature ?? signed.signature;
    return {
      id: sha256(bytes),
      isSigned: why === 'genuine',
      name: type.name,
      r: signature.slice(0, 66) as Hex,
      s: `0x${signature.slice(66)}` as Hex,
      typeWord: typeWord(type.name, networkId),
      value: JSON.stringify(value),
      why,
      words: hex.match(/.{64}/g)?.map((word): Hex => `0x${word}`) ?? [],
      x: key.slice(0, 66) as Hex,
      y: `0x${key.slice(66)}` as Hex,
    };
  };
  const s = BigInt(`0x${signed.signature.slice(66)}`);
  const highS = `${signed.signature.slice(0, 66)}${(groupOrder - s).toString(16).padStart(64, '0')}` as Hex;
  const fields = Object.entries(type.layout) as [keyof Fields & string, FieldKind][];
  return [
    vector('genuine', {}),
    ...fields.map(([field, kind]) =>
      vector(`${field} changed`, {
        value: { ...signed.value, [field]: spoilField(kind, signed.value[field]) } as ValueOf<Fields>,
      }),
    ),
    vector('of another network', { network: otherNetworkId }),
    vector('of another type', { name: type.name === 'Offer' ? 'Authorization' : 'Offer' }),
    vector('checked with a foreign key', { key: testKey('a stranger').publicKey }),
    vector('signature with high s', { signature: highS }),
    vector('signature with another r', {
      signature: `0x${flip(signed.signature.slice(2, 66))}${signed.signature.slice(66)}`,
    }),
    vector('signature of zeros', { signature: `0x${'0'.repeat(128)}` }),
  ];
}

const flip = (digits: string): string => digits.slice(0, -1) + (digits.endsWith('0') ? '1' : '0');

/** Another value of the same kind: every field of every object must be bound by the signature. */
export function spoilField(kind: FieldKind, value: unknown): unknown {
  if (kind === 'uint') return (value as number) + 1;
  if (kind === 'flag') return !value;
  if (kind === 'text') return `${(value as string).slice(0, 31)}~`;
  if (kind === 'sealedText') return { ...(value as object), text: 'DECCCE1' };
  if (kind === 'bytes32' || kind === 'address' || kind === 'publicKey')
    return `0x${flip((value as Hex).slice(2))}`;
  return kind.find((name) => name !== value);
}

function words() {
  const names = [
    'DriverCertificate',
    'StationCertificate',
    'Offer',
    'Authorization',
    'ChargeDetailRecord',
    'StopRequest',
    'Acknowledgement',
    'TrustList',
    'Provision',
    'Signal',
    'Tariff',
    'OfferedPrices',
    'SettledCharge',
  ];
  return {
    channelIds: (['DEAAA', 'DEBBB', 'ATCCC'] as const).flatMap((debtor) =>
      ['DEAAA', 'DEBBB']
        .filter((creditor) => creditor !== debtor)
        .map((creditor) => ({
          channelId: channelId(debtor, creditor),
          creditor: `0x${text(creditor)}`,
          debtor: `0x${text(debtor)}`,
        })),
    ),
    keyIds: ['provider DEAAA', 'provider DEBBB', 'driver Anna', 'station Garage'].map((name) => {
      const { publicKey } = testKey(name);
      return { keyId: keyId(publicKey), x: publicKey.slice(0, 66), y: `0x${publicKey.slice(66)}` };
    }),
    sealedTexts: ['DEAAAC12345678X', 'DEBBBE1', 'a'].map((sealed) => {
      const salt = bytes32(`salt of ${sealed}`);
      return { commitment: sealedText(salt, sealed), salt, text: sealed };
    }),
    texts: ['DEAAA', 'EUR', 'Europe/Berlin', 'abcdefghijklmnopqrstuvwxyz012345'].map((value) => ({
      text: value,
      word: `0x${text(value)}`,
    })),
    typeWords: names.flatMap((name) =>
      [networkId, otherNetworkId].map((network) => ({
        name,
        networkId: network,
        typeWord: typeWord(name, network),
      })),
    ),
  };
}

/** Shows every row of the encoding: limits, validity, restrictions with wrap-around, tax and none. */
const fullTariff: Tariff = {
  countryCode: 'AT',
  partyId: 'CCC',
  id: 'everything-there-is-in-36-characters',
  currency: 'EUR',
  minPrice: { exclVatMicro: 500_000, inclVatMicro: 600_000 },
  maxPrice: { exclVatMicro: 60_000_000 },
  elements: [
    {
      priceComponents: [
        { type: 'ENERGY', priceMicro: 250_000, vatBp: 2000, stepSize: 1 },
        { type: 'FLAT', priceMicro: 500_000, vatBp: 2000, stepSize: 0 },
      ],
      restrictions: { startMinute: 1320, endMinute: 360, daysOfWeek: [6, 7] },
    },
    {
      priceComponents: [
        { type: 'ENERGY', priceMicro: 450_000, vatBp: 2000, stepSize: 100 },
        { type: 'TIME', priceMicro: 600_000, stepSize: 60 },
        { type: 'PARKING_TIME', priceMicro: 3_000_000, vatBp: 0, stepSize: 900 },
      ],
    },
  ],
  startsAt: dawn - 86_400,
  endsAt: dawn + 365 * 86_400,
  lastUpdatedAt: dawn,
};

function tariffs() {
  return [plainTariff, testTariff, fullTariff].map((tariff) => ({
    encoding: fromBytes(encodeTariff(tariff)),
    id: tariffId(networkId, tariff),
    networkId,
    tariff: JSON.stringify(tariff),
    typeWord: typeWord('Tariff', networkId),
  }));
}

function offeredPrices() {
  const { signalId, firstAt } = testPrices;
  const prices: readonly OfferedPrices[] = [
    testPrices,
    { signalId, firstAt, pricesMicro: [0], otherwiseMicro: 100_000_000_000 },
    { signalId: zeroHash, firstAt: 0, pricesMicro: [], otherwiseMicro: 390_000 },
  ];
  return prices.map((these) => ({
    encoding: fromBytes(encodeOfferedPrices(networkId, these)),
    id: pricesId(networkId, these),
    networkId,
    prices: JSON.stringify(these),
    typeWord: typeWord('OfferedPrices', networkId),
  }));
}

const chargeOf = (index: number): AcceptedCharge => ({
  authorizationId: bytes32(`authorization ${index}`),
  cdrId: bytes32(`cdr ${index}`),
  chargeMicro: 1_000_000 + 123_457 * index,
  energyWh: 3_000 + 101 * index,
  operatorAccount: `0x${bytes32(`operator ${index % 3}`).slice(2, 42)}`,
});

function merkle() {
  const channel = channelId('DEAAA', 'DEBBB');
  return {
    payouts: [1, 2, 3, 8, 13].flatMap((size) => {
      const payouts: Payout[] = Array.from({ length: size }, (_, index) => ({
        account: `0x${bytes32(`operator ${index}`).slice(2, 42)}`,
        cumulativeMicro: 5_000_000 + index * 777_777,
      }));
      const tree = payoutTree(channel, payouts);
      const row = (index: number, why: string, change: object = {}) => ({
        account: payouts[index]?.account,
        channelId: channel,
        cumulativeMicro: payouts[index]?.cumulativeMicro,
        isProven: why === 'genuine',
        proof: tree.proof(index),
        root: tree.root,
        why,
        ...change,
      });
      const last = size - 1;
      return [
        row(0, 'genuine'),
        ...(last > 0 ? [row(last, 'genuine')] : []),
        row(last, 'more than owed', { cumulativeMicro: (payouts[last]?.cumulativeMicro ?? 0) + 1 }),
        row(last, 'another account', { account: `0x${bytes32('thief').slice(2, 42)}` }),
        row(last, 'another channel', { channelId: channelId('DEBBB', 'DEAAA') }),
        row(last, 'another root', { root: bytes32('another root') }),
        row(last, 'one hash too many', { proof: [...tree.proof(last), bytes32('more')] }),
        ...(last > 0 ? [row(last, 'one hash too few', { proof: tree.proof(last).slice(1) })] : []),
      ];
    }),
    settledCharges: [1, 2, 5, 16].flatMap((size) => {
      const charges = Array.from({ length: size }, (_, index) => chargeOf(index));
      const tree = settledChargeTree(networkId, charges);
      const row = (index: number, why: string, change: object = {}) => {
        const { authorizationId, cdrId, chargeMicro } = charges[index] as AcceptedCharge;
        const domain = typeWord('SettledCharge', networkId);
        return {
          authorizationId,
          cdrId,
          chargeMicro,
          isProven: why === 'genuine',
          proof: tree.proof(index),
          root: tree.root,
          typeWord: domain,
          why,
          ...change,
        };
      };
      const last = size - 1;
      return [
        row(0, 'genuine'),
        ...(last > 0 ? [row(last, 'genuine')] : []),
        row(last, 'another charge', { chargeMicro: chargeOf(last).chargeMicro - 1 }),
        row(last, 'another authorization', { authorizationId: bytes32('other') }),
        row(last, 'another CDR', { cdrId: bytes32('other') }),
        row(last, 'another network', { typeWord: typeWord('SettledCharge', otherNetworkId) }),
        row(last, 'another type', { typeWord: typeWord('Tariff', networkId) }),
        ...(last > 0 ? [row(last, 'proof of another leaf', { proof: tree.proof(0) })] : []),
      ];
    }),
  };
}

/** Batches with what they follow from; providers' ids as the bytes32 that contracts see. */
function batches() {
  const terms = { feeShareBp: 250, feeMicroPerKwh: 10_000 };
  let previousPayouts: readonly Payout[] = [];
  return [1, 7, 0].map((count, index) => {
    const source = {
      networkId,
      debtor: 'DEAAA',
      creditor: 'DEBBB',
      sequence: index + 1,
      periodStart: dawn + index * 86_400,
      periodEnd: dawn + (index + 1) * 86_400,
      agreementId: bytes32('agreement'),
      terms,
      charges: Array.from({ length: count }, (_, at) => chargeOf(100 * index + at)),
      previousPayouts,
    };
    const { batch, payouts } = buildBatch(source);
    previousPayouts = payouts;
    const { debtor, creditor, ...rest } = batch;
    const flat = {
      ...rest,
      channelId: channelId(debtor, creditor),
      creditor: `0x${text(creditor)}`,
      debtor: `0x${text(debtor)}`,
      feeMicroPerKwh: terms.feeMicroPerKwh,
      feeShareBp: terms.feeShareBp,
      payouts: JSON.stringify(payouts),
      source: JSON.stringify(source),
    };
    return Object.fromEntries(Object.entries(flat).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

async function evidence() {
  const genuine = await buildEvidence();
  return {
    networkId,
    trustedKeys: ['DEAAA', 'DEBBB'].map((providerId) => ({
      providerId,
      publicKey: makeProvider(providerId).key.publicKey,
    })),
    vectors: [
      { evidence: JSON.parse(printEvidence(genuine)), refusal: null, why: 'genuine' },
      ...(await refusedEvidence()).map(({ evidence: refused, refusal, why }) => ({
        evidence: JSON.parse(printEvidence(refused)),
        refusal,
        why,
      })),
    ],
  };
}
