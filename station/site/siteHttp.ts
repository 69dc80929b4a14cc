import type { IncomingMessage } from 'node:http';
import type { Site } from './Site.ts';
import type { SiteMember } from './SiteConfig.ts';
import type { SiteMessage } from './SiteMessage.ts';

/** Longest message between members, bytes. */
const mostBytes = 200_000;

/** Answers `POST /site`: a member's message, answered with the own one. */
export async function answerSite(
  request: IncomingMessage,
  site: Site,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += (chunk as Buffer).length;
    if (length > mostBytes) return { status: 413, body: { refusal: 'message-too-long' } };
    chunks.push(chunk as Buffer);
  }
  let json: unknown;
  try {
    json = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return { status: 400, body: { refusal: 'not-an-object', detail: 'the body is not JSON' } };
  }
  const taken = await site.receive(json);
  return taken.ok
    ? { status: 200, body: taken.value }
    : { status: 409, body: { refusal: taken.refusal, detail: taken.detail } };
}

/** Brings a message to a member by HTTP. Throws where there is no way, or in its words where it refuses. */
export async function sendToMember(
  { url }: SiteMember,
  message: SiteMessage,
  timeoutMs: number,
): Promise<unknown> {
  const response = await fetch(`${url.replace(/\/+$/, '')}/site`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  if (text.length > mostBytes) throw new Error('the answer is too long');
  const answer: unknown = JSON.parse(text);
  if (response.status === 409) {
    const { refusal, detail } = answer as { refusal?: unknown; detail?: unknown };
    throw new Error(`it refuses: ${refusal}: ${detail}`);
  }
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return answer;
}
