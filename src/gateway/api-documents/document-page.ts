/** The common parts of the API documents' pages: one style, one content policy, no script, no request to anywhere. */
import { createHash } from 'node:crypto';
import type { JsonSchema } from './json-schema.ts';

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

/** The content policy: a page may use its own style and nothing else. */
export const documentPageCsp = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A whole page. `body` is HTML; the rest is text. `links` are pages and documents of this server. */
export function documentPage(page: {
  readonly title: string;
  readonly description: string;
  readonly links: readonly (readonly [what: string, href: string])[];
  readonly body: string;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}): string {
  const links = page.links.map(
    ([what, href]) => `<li>${escaped(what)}: <a href="${escaped(href)}">${escaped(href)}</a></li>`,
  );
  const schemas = Object.entries(page.schemas).map(
    ([name, schema]) =>
      `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${json(schema)}</details>`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(page.title)}</title><style>${style}</style></head>
<body><h1>${escaped(page.title)}</h1><p>${escaped(page.description)}</p>
<ul>${links.join('')}</ul>
${page.body}
<h2>Schemas</h2>
${schemas.join('\n')}
</body></html>
`;
}

/** Indented, linked JSON. */
export function json(value: unknown): string {
  return `<pre>${linked(JSON.stringify(value, null, 2))}</pre>`;
}

/** Linked JSON on one line. */
export function inlineJson(value: unknown): string {
  return `<code>${linked(JSON.stringify(value))}</code>`;
}

/** Escaped JSON whose references lead to the schema on this page. */
function linked(text: string): string {
  return escaped(text).replace(
    /#\/components\/schemas\/([A-Za-z0-9_]+)/g,
    (reference, name) => `<a href="#${name}">${reference}</a>`,
  );
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
