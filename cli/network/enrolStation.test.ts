import * as crypto from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyId } from '@p2p-power/protocol/KeyId';
import { nodeCryptoVerifier } from '@p2p-power/protocol/nodeCryptoSigner';
import { verifyRequest } from '@p2p-power/provider/peers/verifyRequest';
import { renewProvision } from '@p2p-power/station/enrol';
import { openStationKeys } from '@p2p-power/station/StationKeys';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planNetwork } from './NetworkPlan.ts';
import { writeStationConfig } from './writeConfigs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'enrol-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a provider verifies what a station signs to renew', async () => {
  const { signer } = openStationKeys(folder).station;
  const nowS = 1_790_000_000;
  const judged: unknown[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const url = `http://${request.headers.host}${request.url}`;
    const headers = new Headers(request.headers as Record<string, string>);
    const judge = (body: Uint8Array) =>
      verifyRequest({ method: request.method ?? '', headers, body }, [url], {
        keyOf: async (id) =>
          id === keyId(signer.publicKey) ? { providerId: 'DEBBBE1', publicKey: signer.publicKey } : undefined,
        verifier: nodeCryptoVerifier(crypto),
        now: nowS,
        useNonce: async () => true,
      });
    judged.push(await judge(Buffer.concat(chunks)), await judge(Buffer.from('{}')));
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const enrolment = {
    evseId: 'DEBBBE1',
    publicKey: signer.publicKey,
    meterPublicKey: signer.publicKey,
    hardwareModel: 'Sample',
  };
  const renewed = renewProvision(enrolment, `http://127.0.0.1:${port}/`, {
    signer,
    clock: { nowS: () => nowS, monotonicMs: () => 0 },
    random: { bytes: (length) => new Uint8Array(crypto.randomBytes(length)) },
  });
  await expect(renewed).rejects.toThrow('503');
  server.close();
  expect(judged).toMatchObject([
    { ok: true, value: { providerId: 'DEBBBE1' } },
    { ok: false, refusal: 'content-digest-mismatch' },
  ]);
});

test('a station’s configuration holds no token', () => {
  const plan = planNetwork(folder, 7400);
  const [station] = plan.stations;
  const [provider] = plan.providers;
  if (station === undefined || provider === undefined) throw new Error('the plan is empty');
  const placed = { ...station, configFile: join(folder, 'station.json') };
  writeStationConfig(placed, provider, { speed: 1 });
  expect(JSON.parse(readFileSync(placed.configFile, 'utf8'))).not.toHaveProperty('enrol');
  expect(readFileSync(placed.configFile, 'utf8').toLowerCase()).not.toContain('token');
});
