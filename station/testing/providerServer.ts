import crypto from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Acknowledgement, type SignedAcknowledgement } from '@p2p-power/protocol/Acknowledgement';
import { ChargeDetailRecord } from '@p2p-power/protocol/ChargeDetailRecord';
import type { Evidence } from '@p2p-power/protocol/Evidence';
import { fromBytes, type Hex, isHex } from '@p2p-power/protocol/Hex';
import { keyId } from '@p2p-power/protocol/KeyId';
import { openSegment, parseSegment, type Segment } from '@p2p-power/protocol/Segment';
import { type Signer, verifyBytes } from '@p2p-power/protocol/Signer';
import { StationCertificate } from '@p2p-power/protocol/StationCertificate';
import type { TrustContent } from '@p2p-power/protocol/TrustList';
import { makeStation, networkId, plainTariff, type TestProvider } from '@p2p-power/protocol/testing/world';
import type { DynamicTerms } from '@p2p-power/tariff/DynamicTerms';
import type { Tariff } from '@p2p-power/tariff/Tariff';
import { closeServer, listen } from '../stationHttp.ts';
import { makeProvision, openTestCourierKey, signTrustList, verifier } from './stationWorld.ts';

/** What may go wrong with one request to a provider. */
export type Misbehaviour =
  | 'drop'
  | 'drop-answer'
  | 'slow'
  | 'error-500'
  | 'not-json'
  | 'wrong-key'
  | 'wrong-count'
  | 'wrong-segment'
  | 'half'
  | 'double';

/** A provider's HTTP face as far as a station meets it, with real keys and real checks of what is sealed. */
export interface ProviderServer {
  readonly url: string;
  /** The misbehaviours of the next requests to `/hand-in`, one each; then it behaves. */
  readonly mischief: Misbehaviour[];
  /** CDRs that it holds, by id. */
  readonly records: ReadonlyMap<Hex, Evidence>;
  readonly requests: { handIn: number; trustList: number; signals: number; enrol: number; renew: number };
  /** What it provisions from now on. */
  setTariff(tariff: Tariff): void;
  setDynamic(dynamic: DynamicTerms): void;
  /** What it answers to stations that ask for signals. */
  setSignals(signals: readonly unknown[]): void;
  close(): Promise<void>;
}

export async function startProviderServer(
  provider: TestProvider,
  options: {
    readonly now: () => number;
    readonly trust: TrustContent;
    readonly stranger: Signer;
    readonly staffToken?: string;
  },
): Promise<ProviderServer> {
  const records = new Map<Hex, Evidence>();
  const mischief: Misbehaviour[] = [];
  const requests = { handIn: 0, trustList: 0, signals: 0, enrol: 0, renew: 0 };
  let certifiedKey: Hex | undefined;
  let tariff = plainTariff;
  let dynamic: DynamicTerms | undefined;
  let signals: readonly unknown[] = [];
  const startedAt = options.now();
  const courierKey = await openTestCourierKey();
  const own = { networkId, providerId: provider.providerId, keys: [courierKey] };

  const acknowledge = async (segment: Segment, how: Misbehaviour | undefined) => {
    const { segmentId, count } = segment.header;
    const opened = await openSegment(segment, own);
    if (!opened.ok) return { segmentId, refusal: opened.refusal, outcomes: [] };
    const outcomes = [];
    let stationCertificateId: Hex = `0x${'00'.repeat(32)}`;
    for (const record of opened.value) {
      if (!record.ok) throw new Error(`a station sealed what is no evidence: ${record.refusal}`);
      const cdrId = ChargeDetailRecord.id(networkId, record.value.cdr.value);
      stationCertificateId = StationCertificate.id(networkId, record.value.stationCertificate.value);
      outcomes.push({ cdrId, outcome: records.has(cdrId) ? 'already-known' : 'accepted' });
      records.set(cdrId, record.value);
    }
    const value: Acknowledgement = {
      providerId: provider.providerId,
      issuerKeyId: provider.issuerKeyId,
      stationCertificateId,
      segmentId: how === 'wrong-segment' ? provider.issuerKeyId : segmentId,
      count: how === 'wrong-count' ? count + 1 : count,
      receivedAt: options.now(),
    };
    const signer = how === 'wrong-key' ? options.stranger : provider.key;
    const acknowledgement: SignedAcknowledgement = await Acknowledgement.sign(networkId, value, signer);
    return { segmentId, acknowledgement, outcomes };
  };

  const handIn = async (body: string, response: ServerResponse): Promise<void> => {
    requests.handIn += 1;
    const how = mischief.shift();
    if (how === 'drop') return void response.socket?.destroy();
    if (how === 'error-500') return void response.writeHead(500).end('{"detail":"no disk"}');
    if (how === 'not-json') return void response.writeHead(200).end('<html>');
    const sent = (JSON.parse(body) as { segments: unknown[] }).segments.map((json) => {
      const parsed = parseSegment(json);
      if (!parsed.ok) throw new Error(`a station sent what is no segment: ${parsed.refusal}`);
      return parsed.value;
    });
    const segments = how === 'half' ? sent.slice(0, Math.ceil(sent.length / 2)) : sent;
    const results = [];
    for (const segment of segments) results.push(await acknowledge(segment, how));
    if (how === 'drop-answer') return void response.socket?.destroy();
    if (how === 'slow') await new Promise((resolve) => setTimeout(resolve, 3_000));
    const answer = { results: how === 'double' ? [...results, ...results] : results };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  };

  /** Whether the certified key signed the request: what RFC 9421 has signed, put together from what came. */
  const isRenewal = async (publicKey: Hex, body: string, { method, url, headers }: IncomingMessage) => {
    const parameters = /^sig=(.+;keyid="(0x[0-9a-f]{64})".+)$/.exec(String(headers['signature-input']));
    const signature = /^sig=:(.+):$/.exec(String(headers.signature))?.[1];
    if (certifiedKey !== publicKey || parameters?.[2] !== keyId(publicKey) || signature === undefined)
      return false;
    const digest = `sha-256=:${crypto.createHash('sha256').update(body).digest('base64')}:`;
    const base = `"@method": ${method}\n"@target-uri": http://${headers.host}${url}\n"content-digest": ${digest}\n"@signature-params": ${parameters[1]}`;
    const signed = fromBytes(Buffer.from(signature, 'base64'));
    return (
      headers['content-digest'] === digest &&
      verifyBytes(verifier, publicKey, new TextEncoder().encode(base), signed)
    );
  };

  const enrol = async (evseId: string, body: string, request: IncomingMessage): Promise<unknown> => {
    const { publicKey, meterPublicKey } = JSON.parse(body) as { publicKey: Hex; meterPublicKey: Hex };
    const isStaff = request.headers.authorization === `Bearer ${options.staffToken}`;
    if (isStaff) requests.enrol += 1;
    else if (await isRenewal(publicKey, body, request)) requests.renew += 1;
    else return undefined;
    certifiedKey = publicKey;
    const only = (key: Hex): Signer => ({ publicKey: key, sign: () => new Uint8Array(64) });
    const station = await makeStation(
      provider,
      evseId,
      {
        evseId: { salt: provider.issuerKeyId, text: evseId },
        notBefore: startedAt - 60,
        notAfter: startedAt + 86_400,
      },
      { key: only(publicKey), meterKey: only(`0x${meterPublicKey.slice(-128)}`) },
    );
    const trustList = await signTrustList(provider, options.now() - 60, options.trust);
    return makeProvision(provider, station, [], { trustList, tariff, ...(dynamic && { dynamic }) });
  };

  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const sendJson = (json: unknown) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      const enrolled = /^\/admin\/points\/([A-Z0-9]+)\/station-certificates$/.exec(request.url ?? '');
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://provider');
      if (pathname === '/hand-in') return handIn(body, response);
      if (pathname === '/signals' && isHex(searchParams.get('station'), 32)) {
        if (request.headers.signature === undefined)
          return void response.writeHead(401).end('{"refusal":"signature-missing","detail":"unsigned"}');
        requests.signals += 1;
        return void sendJson({ signals });
      }
      if (pathname === '/trust-list') {
        requests.trustList += 1;
        return void sendJson(await signTrustList(provider, options.now(), options.trust));
      }
      const provision = enrolled?.[1] && (await enrol(enrolled[1], body, request));
      if (provision) return void sendJson(provision);
      response.writeHead(403).end('{"refusal":"not-staff","detail":"the staff token is wrong"}');
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${port}`,
    mischief,
    records,
    requests,
    setTariff(next) {
      tariff = next;
    },
    setDynamic(next) {
      dynamic = next;
    },
    setSignals(next) {
      signals = next;
    },
    close: () => closeServer(server),
  };
}
