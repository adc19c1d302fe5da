/** How much a browser loads before the chat page shows anything: what its document names, and what that imports at once. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { builtPage } from '../../../src/pages/page-build.ts';
import { pageSources } from '../../../src/pages/page-sources.ts';

it('[WEB2] the chat page loads less than 60 kB at first', async () => {
  const [source] = pageSources;
  expect(source?.name).toBe('chat');
  if (source === undefined) return;
  const page = await builtPage(source, fileURLToPath(new URL('../../../src/web/', import.meta.url)));
  const names = [page.script, page.style];
  // Names that are found meanwhile are looked through, too.
  for (const name of names) {
    const text = page.files.find((file) => file.name === name)?.text ?? '';
    for (const [, imported = ''] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) {
      if (!names.includes(imported)) names.push(imported);
    }
  }
  const sizes = names.map((name) => page.files.find((file) => file.name === name)?.gzip.length ?? Number.NaN);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(20_000);
  expect(total).toBeLessThan(60_000);
  // The reader of Markdown, of formulas, the colours of code and diagrams are not among them.
  expect(names.filter((name) => /markdown-view|math-elements|worker|diagram/.test(name))).toEqual([]);
  // Mermaid itself is in no file of the page.
  expect(Math.max(...page.files.map(({ text }) => text.length))).toBeLessThan(500_000);
});
