import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, resolve, sep } from 'node:path';
import type { ProviderContext } from '../ProviderContext.ts';
import { problem } from './Problem.ts';
import type { ProviderApp } from './ProviderApp.ts';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.geojson': 'application/geo+json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
  '.pbf': 'application/x-protobuf',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json',
};

/**
 * What the page may do. MapLibre makes its workers from blobs; stations are reached by WebSocket and
 * other providers (hand-in as a courier, sign-in) by address; map tiles may come from anywhere.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "worker-src 'self' blob:",
  "child-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https: http:",
  "font-src 'self' data:",
  "connect-src 'self' ws: wss: http: https:",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "form-action 'self' http: https:",
  "base-uri 'none'",
  "object-src 'none'",
].join('; ');

/** Serves the built web app at `/`; a path that is no file gets the page, which finds its way itself. */
export function addWebApp(app: ProviderApp, context: ProviderContext): void {
  if (context.config.webDir === undefined) return;
  const root = resolve(context.config.webDir);
  app.get('*', async (c) => {
    const path = decodePath(c.req.path);
    const asked = normalize(join(root, path));
    if (asked !== root && !asked.startsWith(root + sep)) throw problem('not-found', 404, 'no such file');
    let file: string | undefined = asked;
    if (!(await isFile(file))) {
      // What looks like a file is missing; anything else is a view of the app.
      if (extname(path) !== '') throw problem('not-found', 404, `there is no ${path}`);
      file = join(root, 'index.html');
    }
    const content = await readFile(file).catch(() => undefined);
    if (content === undefined) throw problem('not-found', 404, 'the web app is not built');
    const named = path.startsWith('/assets/');
    return c.body(new Uint8Array(content), 200, {
      'content-type': mediaTypes[extname(file)] ?? 'application/octet-stream',
      'cache-control': named ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'permissions-policy': 'geolocation=(self), bluetooth=(self), camera=(self)',
      'cross-origin-opener-policy': 'same-origin',
    });
  });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
