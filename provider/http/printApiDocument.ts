import { html, raw } from 'hono/html';

type Json = Readonly<Record<string, unknown>>;

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** An OpenAPI 3.1 document as one HTML page without scripts: operations by tag, then schemas. */
export function printApiDocument(document: unknown): string {
  const {
    info,
    paths = {},
    components = {},
  } = document as {
    info: { title: string; description?: string };
    paths?: Record<string, Record<string, Json>>;
    components?: { schemas?: Record<string, Json> };
  };
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => (item[method] ? [{ path, method, operation: item[method] as Json }] : [])),
  );
  const tags = [...new Set(operations.map(({ operation }) => tagOf(operation)))];
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title}</title>
<style>${raw(style)}</style>
</head>
<body>
<h1>${info.title}</h1>
<p>${info.description ?? ''} The document itself: <a href="/openapi.json">openapi.json</a>.</p>
<nav>${tags.map((tag) => html`<a href="#${tag}">${tag}</a> `)}<a href="#schemas">schemas</a></nav>
${tags.map(
  (tag) => html`<h2 id="${tag}">${tag}</h2>
${operations.filter(({ operation }) => tagOf(operation) === tag).map(printOperation)}`,
)}
<h2 id="schemas">schemas</h2>
${Object.entries(components.schemas ?? {}).map(
  ([name, schema]) => html`<details id="schema-${name}"><summary><code>${name}</code></summary>
<pre>${JSON.stringify(schema, null, 2)}</pre></details>`,
)}
</body>
</html>`);
}

const tagOf = (operation: Json) => String((operation.tags as string[] | undefined)?.[0] ?? 'other');

function printOperation({ path, method, operation }: { path: string; method: string; operation: Json }) {
  const security = ((operation.security ?? []) as Record<string, unknown>[]).flatMap(Object.keys);
  const parameters = (operation.parameters ?? []) as {
    name: string;
    in: string;
    required?: boolean;
    description?: string;
    schema?: Json;
  }[];
  const responses = Object.entries((operation.responses ?? {}) as Record<string, Json>);
  return html`<details><summary><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code>
${operation.summary ?? ''} ${security.map((name) => html`<i>${name}</i>`)}</summary>
${operation.description ? html`<p>${operation.description}</p>` : ''}
${
  parameters.length === 0
    ? ''
    : html`<table><tr><th>parameter</th><th>in</th><th>what</th></tr>
${parameters.map(
  (parameter) => html`<tr><td><code>${parameter.name}</code>${parameter.required ? ' *' : ''}</td>
<td>${parameter.in}</td><td>${parameter.description ?? ''} <code>${shapeOf(parameter.schema)}</code></td></tr>`,
)}</table>`
}
${operation.requestBody ? html`<h4>body</h4>${printContent(operation.requestBody as Json)}` : ''}
${responses.map(
  ([status, response]) => html`<h4>${status} ${response.description ?? ''}</h4>${printContent(response)}`,
)}
</details>`;
}

function printContent(holder: Json) {
  return Object.entries((holder.content ?? {}) as Record<string, { schema?: Json }>).map(
    ([type, { schema }]) => html`<p><code>${type}</code> ${printSchema(schema)}</p>`,
  );
}

function printSchema(schema: Json | undefined) {
  const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema?.$ref ?? ''))?.[1];
  if (name !== undefined) return html`<a href="#schema-${name}">${name}</a>`;
  const shape = shapeOf(schema);
  return shape.length < 80
    ? html`<code>${shape}</code>`
    : html`<pre>${JSON.stringify(schema, null, 2)}</pre>`;
}

const shapeOf = (schema: Json | undefined): string => JSON.stringify(schema ?? {});

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
nav { position: sticky; top: 0; padding: .5rem 0; background: Canvas }
details { border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); border-radius: .5rem; margin: .5rem 0; padding: .5rem .75rem }
summary { cursor: pointer; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 4.5rem } summary i { font-size: .8rem; opacity: .7 }
.get { color: #2a7 } .post { color: #26c } .put, .patch { color: #b70 } .delete { color: #c33 }
pre { overflow: auto; font-size: .85rem } table { border-collapse: collapse } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
h4 { margin: .8rem 0 .2rem }
`;
