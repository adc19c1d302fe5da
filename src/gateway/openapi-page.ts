/** The OpenAPI document as one page to browse: no script, no request to anywhere (SPEC [HTTP14]). */
import { createHash } from 'node:crypto';
import type { Content, OpenApiDocument, Operation } from './openapi.ts';

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
details { border: 1px solid #8885; border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { overflow-x: auto; background: #8881; padding: .6rem; border-radius: 6px; }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700; }
.about { opacity: .75; margin-left: .6rem; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Allows the page its own style and nothing else. */
export const openApiPageCsp = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function openApiPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map(
    (tag) =>
      `<h2>${escaped(tag)}</h2>${operations
        .filter(({ operation }) => operation.tags.includes(tag))
        .map(({ path, method, operation }) => operationHtml(path, method, operation))
        .join('')}`,
  );
  const schemas = Object.entries(document.components.schemas).map(
    ([name, schema]) =>
      `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${json(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(document.info.title)} API</title><style>${style}</style></head>
<body><h1>${escaped(document.info.title)} API</h1><p>${escaped(document.info.description)}</p>
<p>For programs: <a href="openapi.json">openapi.json</a></p>
${sections.join('\n')}
<h2>Schemas</h2>
${schemas.join('\n')}
</body></html>
`;
}

function operationHtml(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).map(
    (parameter) =>
      `<tr><td><code>${escaped(parameter.name)}</code></td><td>${parameter.in}</td>` +
      `<td><code>${linked(JSON.stringify(parameter.schema))}</code></td></tr>`,
  );
  const responses = Object.entries(operation.responses).map(([status, response]) => {
    const [about, schema] =
      '$ref' in response
        ? ['refused', '<code><a href="#ErrorBody">ErrorBody</a></code>']
        : [escaped(response.description), schemaHtml(response.content)];
    return `<tr><td>${status}</td><td>${about}</td><td>${schema}</td></tr>`;
  });
  const body = schemaHtml(operation.requestBody?.content);
  return [
    `<details><summary><span class="method">${method.toUpperCase()}</span><code>${escaped(path)}</code>`,
    `<span class="about">${escaped(operation.summary)}</span></summary>`,
    parameters.length === 0 ? '' : `<h4>Parameters</h4><table>${parameters.join('')}</table>`,
    body === '' ? '' : `<h4>Body</h4>${body}`,
    `<h4>Answers</h4><table>${responses.join('')}</table></details>`,
  ].join('');
}

/** The schema of the only media type, as linked JSON; empty without a body. */
function schemaHtml(content: Content | undefined): string {
  const [media] = Object.values(content ?? {});
  return media === undefined ? '' : `<code>${linked(JSON.stringify(media.schema))}</code>`;
}

function json(value: unknown): string {
  return `<pre>${linked(JSON.stringify(value, null, 2))}</pre>`;
}

/** Escaped JSON whose references lead to the schema on this page. */
function linked(text: string): string {
  return escaped(text).replace(
    /#\/components\/schemas\/([A-Za-z0-9_]+)/g,
    (reference, name) => `<a href="#${name}">${reference}</a>`,
  );
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
