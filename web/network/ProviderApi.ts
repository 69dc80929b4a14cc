import type { Hex } from '@p2p-power/protocol/Hex';
import type { Segment } from '@p2p-power/protocol/Segment';
import { isRecord } from '@p2p-power/protocol/SignedObject';
import { type TrustList, TrustListHead } from '@p2p-power/protocol/TrustList';
import {
  type CallSettings,
  callForText,
  callProvider,
  queryOf,
} from '@p2p-power/provider/client/callProvider';
import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import type { UsualCharge } from '../charge/compareOffer.ts';
import type { HandInResult } from '../courier/courier.ts';
import { type Point, type PointInFull, parsePointInFull, parsePoints } from '../points/Point.ts';
import { type Network, parseNetwork } from './Network.ts';

export interface Bounds {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

export interface Points {
  readonly points: readonly Point[];
  readonly total: number;
}

/**
 * The driver's provider over HTTP. Everything answers a result: refusals by the provider's name for
 * them, `provider-unreachable` without internet, `malformed-answer` for what makes no sense.
 */
export interface ProviderApi {
  network(): Promise<Result<Network, string>>;
  /** Points around a place, the nearest first, with the price of the usual charge. */
  pointsNear(
    place: { readonly latitude: number; readonly longitude: number },
    usual: UsualCharge,
    wanted: { readonly limit: number; readonly radiusM: number; readonly inNetwork?: boolean },
  ): Promise<Result<Points, string>>;
  pointsWithin(bounds: Bounds, usual: UsualCharge): Promise<Result<Points, string>>;
  /** One point in full, by the own provider or by another whose address is given. */
  point(evseId: string, usual: UsualCharge, url?: string): Promise<Result<PointInFull, string>>;
  /** Any member's trust list, by its address. */
  trustList(url: string): Promise<Result<TrustList, string>>;
  handIn(url: string, segments: readonly Segment[]): Promise<Result<readonly HandInResult[], string>>;
  /** Any call on behalf of who is signed in; the answer is the provider's JSON, untrusted. */
  asDriver(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Result<unknown, string>>;
  /** Any call on behalf of the provider's staff, by the token that was typed. */
  asStaff(
    staffToken: string,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<Result<unknown, string>>;
  /** The same as `asDriver` for an answer that is a text, such as CSV. */
  textAsDriver(path: string): Promise<Result<string, string>>;
}

export interface ProviderApiPorts {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** The access token of who is signed in, refreshed where needed. */
  accessToken(): Promise<Result<string, string>>;
}

const timeoutMs = 15_000;

export function providerApi(ports: ProviderApiPorts): ProviderApi {
  const { baseUrl } = ports;
  const anyone = (url: string): CallSettings => ({ baseUrl: url, timeoutMs });
  const get = (path: string) => callProvider<unknown>(anyone(baseUrl), 'GET', path);
  const asked = (usual: UsualCharge) => ({ energyWh: usual.energyWh, powerW: usual.powerW });

  return {
    async network() {
      const answer = await get('/provider');
      return answer.ok ? parseNetwork(answer.value) : answer;
    },
    async pointsNear({ latitude, longitude }, usual, wanted) {
      const answer = await get(`/points${queryOf({ latitude, longitude, ...wanted, ...asked(usual) })}`);
      return answer.ok ? parsePoints(answer.value) : answer;
    },
    async pointsWithin(bounds, usual) {
      const answer = await get(`/points${queryOf({ ...bounds, ...asked(usual), limit: 8_000 })}`);
      return answer.ok ? parsePoints(answer.value) : answer;
    },
    async point(evseId, usual, url = baseUrl) {
      const path = `/points/${encodeURIComponent(evseId)}${queryOf(asked(usual))}`;
      const answer = await callProvider<unknown>(anyone(url), 'GET', path);
      return answer.ok ? parsePointInFull(answer.value) : answer;
    },
    async trustList(url) {
      const answer = await callProvider<unknown>(anyone(url), 'GET', '/trust-list');
      if (!answer.ok) return answer;
      if (!isRecord(answer.value) || typeof answer.value.contentJson !== 'string')
        return refuse('malformed-answer', 'no trust list');
      const head = TrustListHead.parseSigned(answer.value.head);
      return head.ok
        ? accept({ head: head.value, contentJson: answer.value.contentJson })
        : refuse('malformed-answer', head.detail);
    },
    async handIn(url, segments) {
      const answer = await callProvider<unknown>(anyone(url), 'POST', '/hand-in', {
        segments,
        provisions: true,
      });
      if (!answer.ok) return answer;
      if (!isRecord(answer.value) || !Array.isArray(answer.value.results))
        return refuse('malformed-answer', 'no results');
      return accept(answer.value.results.filter((row) => isRecord(row) && typeof row.segmentId === 'string'));
    },
    async asDriver(method, path, body) {
      const token = await ports.accessToken();
      if (!token.ok) return token;
      return callProvider<unknown>({ ...anyone(baseUrl), token: () => token.value }, method, path, body);
    },
    asStaff: (staffToken, method, path, body) =>
      callProvider<unknown>({ ...anyone(baseUrl), token: () => staffToken }, method, path, body),
    async textAsDriver(path) {
      const token = await ports.accessToken();
      if (!token.ok) return token;
      const settings = { ...anyone(baseUrl), token: () => token.value };
      return callForText(settings, 'GET', path, { accept: 'text/csv, application/problem+json' });
    },
  };
}

/** Where a certificate is asked for. */
export async function requestCertificate(api: ProviderApi, publicKey: Hex): Promise<Result<unknown, string>> {
  return api.asDriver('POST', '/me/certificates', { publicKey });
}
