import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Log } from './Ports.ts';
import type { StationConfig } from './StationConfig.ts';
import type { StationLife } from './StationLife.ts';
import type { SimulatedPoint } from './simulated/SimulatedPoint.ts';
import { answerSimulated } from './simulated/simulatedControl.ts';
import type { Site } from './site/Site.ts';
import { answerSite } from './site/siteHttp.ts';
import { printMetrics, publicStatus, statusPage } from './statusPage.ts';

/** What the station's HTTP server shows; `life` is there once the station is open. */
export interface StationSite {
  readonly life: StationLife;
  readonly linkUrl: string;
  readonly simulated: SimulatedPoint | undefined;
  /** Absent: the point shares its fuse with no other. */
  readonly sharing: Site | undefined;
}

/** Answers on `server`: `/`, `/healthz`, `/metrics`, `/site` where a fuse is shared, and `/simulated` where the hardware is. */
export function serveStation(server: Server, site: () => StationSite | undefined, log: Log): void {
  server.on('request', (request, response) => {
    respond(request, response, site()).catch((error: unknown) => {
      log.error({ fault: error instanceof Error ? error.message : String(error) }, 'request failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  site: StationSite | undefined,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://station');
  const send = (status: number, type: string, body: string): void => {
    response
      .writeHead(status, {
        'content-type': `${type}; charset=utf-8`,
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
      })
      .end(body);
  };
  const sendJson = (status: number, body: unknown) => send(status, 'application/json', JSON.stringify(body));
  if (site === undefined) return sendJson(503, { refusal: 'starting' });
  if (pathname === '/simulated' && site.simulated !== undefined) {
    const { status, body } = await answerSimulated(request, site.simulated, site.life);
    return sendJson(status, body);
  }
  if (pathname === '/site' && request.method === 'POST' && site.sharing !== undefined) {
    const { status, body } = await answerSite(request, site.sharing);
    return sendJson(status, body);
  }
  if (request.method !== 'GET') return sendJson(405, { refusal: 'method-not-allowed' });
  const station = site.life.station();
  if (station === undefined) return sendJson(503, { refusal: 'no-power' });
  const status = station.status();
  const isHealthy = status.outOfOrder === undefined;
  const shown = publicStatus(status, site.linkUrl, site.sharing?.status());
  if (pathname === '/healthz') return sendJson(isHealthy ? 200 : 503, { ok: isHealthy });
  if (pathname === '/metrics') return send(200, 'text/plain; version=0.0.4', printMetrics(status));
  if (pathname !== '/') return sendJson(404, { refusal: 'not-found' });
  if (request.headers.accept?.includes('text/html')) return send(200, 'text/html', statusPage(shown));
  return sendJson(200, shown);
}

/** Listens and answers the port. Throws in words where it cannot. */
export function listen(server: Server, { host, port }: StationConfig['listen']): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      reject(
        isTaken ? new Error(`Port ${port} on ${host} is in use; choose another in listen.port.`) : error,
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
