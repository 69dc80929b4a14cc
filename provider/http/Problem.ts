import { z } from '@hono/zod-openapi';

/** Where the names of refusals are explained. */
const refusalBase = 'https://p2p-power.example/refusals/';

/** A problem document (RFC 9457); `refusal` is the stable name, as in docs/refusals.md. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly refusal: string;
}

/** A refusal on its way to whoever asked; the one error handler turns it into its document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly document: ProblemDocument;
  readonly headers: Readonly<Record<string, string>>;

  constructor(document: ProblemDocument, headers: Readonly<Record<string, string>> = {}) {
    super(`${document.refusal}: ${document.detail}`);
    this.document = document;
    this.headers = headers;
  }
}

/** To be thrown by a route: `throw problem('point-unknown', 404, 'no point has this EVSE-ID')`. */
export function problem(
  refusal: string,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Problem {
  return new Problem(
    { type: `${refusalBase}${refusal}`, title: titleOf(refusal), status, detail, refusal },
    headers,
  );
}

/** `point-unknown` → `Point unknown`. */
const titleOf = (refusal: string) => {
  const words = refusal.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export function problemResponse({ document, headers }: Problem): Response {
  return new Response(JSON.stringify(document), {
    status: document.status,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    refusal: z.string(),
  })
  .openapi('Problem');

const descriptions: Readonly<Record<number, string>> = {
  400: 'The request is malformed',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Contradicts what is there',
  413: 'Too large',
  422: 'Understood and refused',
  503: 'Something needed is not reachable; try again',
};

/** The `responses` of a route for these statuses, each a problem document. */
export function problems<const Status extends number>(...statuses: readonly Status[]) {
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: descriptions[status] ?? 'Refused',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  ) as Record<
    Status,
    { description: string; content: { 'application/problem+json': { schema: typeof problemSchema } } }
  >;
}
