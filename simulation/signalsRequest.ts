import { hash } from 'node:crypto';
import type { Hex } from '@p2p-power/protocol/Hex';
import type { Signer } from '@p2p-power/protocol/Signer';
import { signRequest } from '@p2p-power/station/signRequest';

let asked = 0;

/** How a station asks for its signals: path and headers of a request that its certified key has signed. */
export async function signalsRequest(
  providerUrl: string,
  certificateId: Hex,
  signer: Signer,
  now: number,
  holds?: Hex,
): Promise<{ readonly path: string; readonly headers: Readonly<Record<string, string>> }> {
  const path = `/signals?station=${certificateId}${holds === undefined ? '' : `&holds=${holds}`}`;
  asked += 1;
  const nonce: Hex = `0x${hash('sha256', `${certificateId} ${now} ${asked}`).slice(0, 32)}`;
  const request = { url: `${providerUrl}${path}`, method: 'GET', body: '' };
  return { path, headers: await signRequest(request, signer, now, nonce) };
}
