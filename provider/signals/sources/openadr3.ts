import { isRecord } from '@p2p-power/protocol/SignedObject';
import { askForJson, recordsOf } from '../askSource.ts';
import { fault } from '../quarterHours.ts';
import type { SourceConfig } from '../SignalConfig.ts';
import type { SourceAnswer } from '../SignalFault.ts';
import type { SignalSource, SourcePorts } from '../SignalSource.ts';
import type { SignalKind } from '../SignalTables.ts';
import { contentOfPieces } from './openadr3Content.ts';
import { type Piece, readPieces } from './openadr3Intervals.ts';

type Records = readonly Readonly<Record<string, unknown>>[];

/** Most that the specification lets one page hold. */
const pageSize = 50;
const mostPages = 40;
/** A token is taken anew so long before it runs out, s. */
const tokenMarginS = 30;

/**
 * An OpenADR 3 VTN, asked as a VEN: OAuth 2 client credentials, `/programs`, `/events`. Read are PRICE, GHG, and for
 * the grid SIMPLE, ALERT_GRID_EMERGENCY and IMPORT_CAPACITY_LIMIT. 3.1 differs from 3.0 in where tokens are had
 * (`/auth/server`), in `active`, and in how times and values are written (openadr3Intervals.ts). `randomizeStart` is left
 * aside: it is for those who switch loads.
 */
export function openadr3(
  kind: SignalKind,
  source: SourceConfig<'openadr3'>,
  ports: SourcePorts,
): SignalSource {
  let token: { readonly text: string; readonly validUntil: number } | undefined;

  async function tokenUrl(signal: AbortSignal): Promise<SourceAnswer<string>> {
    if (source.tokenUrl !== undefined) return { ok: true, value: source.tokenUrl };
    if (source.version === '3.0') return { ok: true, value: `${source.url}/auth/token` };
    const server = await askForJson(ports, { url: `${source.url}/auth/server` }, signal);
    if (!server.ok) return server;
    const named = isRecord(server.value) ? server.value.tokenURL : undefined;
    const url = typeof named === 'string' ? URL.parse(named) : null;
    // Our secret goes there: in the clear only to where it would go anyhow.
    if (url === null || (url.protocol !== 'https:' && url.origin !== new URL(source.url).origin))
      return fault('unexpected-form', 'tokenURL is no address that a secret may be sent to');
    return { ok: true, value: url.href };
  }

  async function tokenText(signal: AbortSignal): Promise<SourceAnswer<string>> {
    if (token !== undefined && ports.nowS() < token.validUntil) return { ok: true, value: token.text };
    const url = await tokenUrl(signal);
    if (!url.ok) return url;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: source.clientId,
      client_secret: source.clientSecret,
      ...(source.scope !== undefined && { scope: source.scope }),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const question = { url: url.value, method: 'POST', headers, body: form.toString() } as const;
    const answer = await askForJson(ports, question, signal);
    if (!answer.ok) return answer;
    const { access_token: text, expires_in: expiresIn } = isRecord(answer.value) ? answer.value : {};
    if (typeof text !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(text))
      return fault('unexpected-form', 'the answer holds no access_token');
    const lastsS = typeof expiresIn === 'number' && expiresIn > 0 ? expiresIn : 300;
    token = { text, validUntil: ports.nowS() + Math.max(1, lastsS - tokenMarginS) };
    return { ok: true, value: text };
  }

  async function ask(path: string, signal: AbortSignal): Promise<SourceAnswer<unknown>> {
    for (const isRetry of [false, true]) {
      const text = await tokenText(signal);
      if (!text.ok) return text;
      const headers = { authorization: `Bearer ${text.value}` };
      const answer = await askForJson(ports, { url: `${source.url}${path}`, headers }, signal);
      if (answer.ok || answer.refusal !== 'source-denies' || isRetry) return answer;
      token = undefined;
    }
    throw new Error('a second try always answers');
  }

  async function askAll(
    path: string,
    query: Record<string, string>,
    signal: AbortSignal,
  ): Promise<SourceAnswer<Records>> {
    const all: Record<string, unknown>[] = [];
    for (let page = 0; page < mostPages; page++) {
      const paged = new URLSearchParams({ ...query, skip: String(page * pageSize), limit: String(pageSize) });
      const answer = await ask(`${path}?${paged}`, signal);
      if (!answer.ok) return answer;
      const records = recordsOf(answer.value);
      if (records === undefined) return fault('unexpected-form', `${path} answers no list of objects`);
      all.push(...records);
      if (records.length < pageSize) return { ok: true, value: all };
    }
    return fault('answer-too-large', `${path} has more than ${mostPages * pageSize} objects`);
  }

  return {
    async read(span, signal) {
      const programs = await askAll('/programs', {}, signal);
      if (!programs.ok) return programs;
      const program = programs.value.find((one) => one.programName === source.program);
      if (program === undefined || typeof program.id !== 'string')
        return fault('not-published', 'there is no program of the configured name');
      const query = { programID: program.id, ...(source.version === '3.1' && { active: 'true' }) };
      const events = await askAll('/events', query, signal);
      if (!events.ok) return events;
      const pieces: Piece[] = [];
      for (const event of events.value) {
        // A VTN that does not know the filter answers all.
        if (event.programID !== program.id) continue;
        const read = readPieces(event, program, source.version, span, ports.nowS());
        if (!read.ok) return read;
        pieces.push(...read.value);
      }
      return contentOfPieces(kind, pieces, ports.currency, span);
    },
  };
}
