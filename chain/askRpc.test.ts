import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { askRpc } from './askRpc.ts';

/** A node that hangs up on the first `hangUps` questions without a word. */
async function withNode(hangUps: number, task: (url: string, asked: () => number) => Promise<void>) {
  let asked = 0;
  const node = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked += 1;
      if (asked <= hangUps) (request.socket as Socket).resetAndDestroy();
      else response.end(JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(body).id, result: '0x7' }));
    });
  });
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
  try {
    await task(`http://127.0.0.1:${(node.address() as AddressInfo).port}`, () => asked);
  } finally {
    node.closeAllConnections();
    node.close();
  }
}

describe('a connection that the node has closed', () => {
  test('is opened anew, once', () =>
    withNode(1, async (url, asked) => {
      await expect(askRpc(url, { method: 'eth_blockNumber' }, 2_000)).resolves.toBe('0x7');
      expect(asked()).toBe(2);
    }));

  test('and closed again is a node that cannot be reached', () =>
    withNode(2, async (url, asked) => {
      await expect(askRpc(url, { method: 'eth_blockNumber' }, 2_000)).rejects.toMatchObject({
        reason: 'rpc-unreachable',
      });
      expect(asked()).toBe(2);
    }));
});
