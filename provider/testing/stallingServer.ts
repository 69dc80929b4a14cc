import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * A server that begins every answer and never ends it. While it runs, garbage is collected ten times a second, as
 * happens on a busy server: a time-out must come all the same.
 */
export async function openStallingServer(): Promise<{
  readonly url: string;
  readonly close: () => Promise<void>;
}> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const collecting = setInterval(collect, 100);
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      clearInterval(collecting);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
