/** The document of the frame in which a diagram is drawn: Mermaid, its own script and style are inside it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { embeddedScript, hashSource } from './embedded.ts';
import { type BuiltPage, builtPage } from './page-build.ts';
import type { BundleSource } from './page-sources.ts';
import { compressed, type WebFile, webFile } from './web-file.ts';

/** Beside the files of the pages: pages name it relative to themselves. */
export const diagramPath = '/web/diagram.html';

/** The document as the only file of its page. `folder` holds the sources. */
export async function builtDiagramPage(source: BundleSource, folder: string): Promise<BuiltPage> {
  const page = await builtPage(source, folder);
  const textOf = (name: string) => page.files.find((file) => file.name === name)?.text ?? '';
  // Mermaid is a classic script that leaves its name in the global scope, so it cannot be bundled.
  const library = fileURLToPath(import.meta.resolve('@mermaid-js/tiny'));
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Diagram</title>
<style>${textOf(page.style)}</style>
<script>${embeddedScript(await readFile(library, 'utf8'))}</script>
<script type="module">${embeddedScript(textOf(page.script))}</script>
</head>
<body></body>
</html>
`;
  const files = [{ name: 'diagram.html', ...(await compressed(html)) }];
  return { ...page, files, inputs: [...page.inputs, library] };
}

export function diagramFile({ files: [html] }: BuiltPage): WebFile {
  if (html === undefined) throw new Error('the page of diagrams has no file');
  // No script has the end of its element in it.
  const scripts = [...html.text.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, text = '']) => text);
  return webFile(html, {
    path: diagramPath,
    type: 'text/html; charset=utf-8',
    csp: diagramCsp(scripts),
    isImmutable: false,
  });
}

/**
 * Allows the frame these scripts by their contents, and styles, which Mermaid writes into its pictures; it can load nothing
 * and send nothing anywhere. Also opened by itself, it has an origin of its own (`sandbox`).
 */
function diagramCsp(scripts: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src ${scripts.map(hashSource).join(' ')}`,
    "style-src 'unsafe-inline'",
    "connect-src 'none'",
    'img-src data:',
    "font-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    'sandbox allow-scripts',
  ].join('; ');
}
