/** The document of the frame in which a diagram is drawn: Mermaid, its own script and style are inside it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { embeddedScript, hashSource } from './embedded.ts';
import type { BuiltPage } from './page-build.ts';
import { compressed, type WebFile, webFile } from './web-file.ts';

/** Beside the files of the pages: pages name it relative to themselves. */
export const diagramPath = '/web/diagram.html';

/** `page` is its own script and style, each one file. */
export async function diagramPage(page: BuiltPage): Promise<WebFile> {
  const textOf = (name: string) => page.files.find((file) => file.name === name)?.text ?? '';
  // Mermaid is a classic script that leaves its name in the global scope, so it cannot be bundled.
  const library = embeddedScript(
    await readFile(fileURLToPath(import.meta.resolve('@mermaid-js/tiny')), 'utf8'),
  );
  const script = embeddedScript(textOf(page.script));
  const style = textOf(page.style);
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>Diagram</title>
<style>${style}</style>
<script>${library}</script>
<script type="module">${script}</script>
</head>
<body></body>
</html>
`;
  return webFile(await compressed(html), {
    path: diagramPath,
    type: 'text/html; charset=utf-8',
    csp: diagramCsp([library, script]),
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
