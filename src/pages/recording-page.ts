/** The document of a recording, around its data: style, script and worker of its page are inside it. */
import { recordingFormat, recordingParts } from '../../schema/session-recording.ts';
import { embeddedScript, hashSource, jsonElement } from './embedded.ts';
import type { BuiltPage } from './page-build.ts';
import { iconSvg } from './page-html.ts';

/** The document before and after its data. */
export type RecordingTemplate = { readonly before: string; readonly after: string };

export function recordingTemplate(page: BuiltPage): RecordingTemplate {
  const textOf = (name: string | undefined) => page.files.find((file) => file.name === name)?.text ?? '';
  const script = embeddedScript(textOf(page.script));
  const style = textOf(page.style);
  // The data comes after the script, so that the page of a file that was cut off can say so.
  const before = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${recordingCsp(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Callboard, recording format ${recordingFormat}">
<title>Callboard recording</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(iconSvg)}">
<style>${style}</style>
<script type="module">${script}</script>
${jsonElement(`id="${recordingParts.worker}"`, textOf(page.worker))}`;
  const after = `</head>
<body>
<noscript>This recording of a session is shown by its own script: allow JavaScript for it. It needs no network.</noscript>
</body>
</html>
`;
  return { before, after };
}

/**
 * Allows the file its own script and style, by their contents, and the worker that the script makes; it can send
 * nothing anywhere. As on the server's pages, no text can become code or markup.
 */
function recordingCsp(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src ${hashSource(script)}`,
    `style-src ${hashSource(style)}`,
    "connect-src 'none'",
    'img-src data:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types callboard',
  ].join('; ');
}
