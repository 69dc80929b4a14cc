import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPorts, findFreePortBase, findTakenPorts } from './checkPorts.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('finds the ports that are taken and leaves the free ones free', async () => {
  const port = await listen();
  const free = await findFreePortBase(3);
  const uses = [
    { port, use: 'the chain' },
    { port: free, use: 'a station' },
  ];
  expect(await findTakenPorts(uses)).toEqual([{ port, use: 'the chain' }]);
  expect(await findTakenPorts(uses.slice(1))).toEqual([]);
});

test('complains with port, use and a way out', async () => {
  const port = await listen();
  await expect(checkPorts([{ port, use: 'the chain' }])).rejects.toMatchObject({
    message: `In use by another program: port ${port} (the chain).`,
    mend: expect.stringMatching(/--port-base \d+$/),
  });
  await expect(checkPorts([])).resolves.toBeUndefined();
});

test('gives up when no ports are free', async () => {
  const base = await findFreePortBase(1);
  await listen(base);
  const always = (base - 10_000 + 50) / 22_000;
  await expect(findFreePortBase(1, () => always)).rejects.toThrow('No 1 free ports');
});
