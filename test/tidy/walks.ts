/**
 * Checks the walks and the map of rooms in documents. A walk is a section `### Follow one …` with a numbered list:
 * each step begins with a file in backticks and ends with an arrow and a name that its code shares with the next
 * step's.
 */
import { withoutComments } from './code-text.ts';
import type { SourceTree } from './import-graph.ts';

type Step = {
  readonly file: string;
  /** `undefined` in the last step. */
  readonly shared: string | undefined;
};

export type Walk = { readonly title: string; readonly steps: readonly Step[] };

export function walksOf(document: string): readonly Walk[] {
  return [...document.matchAll(/^### (Follow one .+)\n((?:(?!#).*\n?)*)/gm)].map(
    ([, title = '', section = '']) => ({
      title,
      steps: [...section.matchAll(/^\d+\. (.*(?:\n {2,}.*)*)/gm)].map(([, step = '']) => ({
        file: /^`([^`]+)`/.exec(step)?.[1] ?? '',
        shared: /→\s+`([^`]+)`$/.exec(step.trimEnd())?.[1],
      })),
    }),
  );
}

export function walkFinds(document: string, sources: SourceTree): string[] {
  return walksOf(document).flatMap(({ title, steps }) =>
    steps.flatMap(({ file, shared }, index) => {
      const where = `${title}, step ${index + 1}`;
      const next = steps[index + 1];
      if (!sources.has(file)) return [`${where} begins with no file: ${file}`];
      if (next === undefined) return [];
      if (shared === undefined) return [`${where} does not say what it shares with the next`];
      return [file, next.file]
        .filter((one) => sources.has(one) && !names(sources.get(one) ?? '', shared))
        .map((one) => `${where}: ${one} does not name ${shared}`);
    }),
  );
}

/** Whether the code contains the name, as a whole word or as text; comments don't count. */
function names(text: string, name: string): boolean {
  const before = /^\w/.test(name) ? String.raw`(?<![\w$])` : '';
  return new RegExp(`${before}${RegExp.escape(name)}(?![\\w$])`).test(withoutComments(text));
}

/** Every folder of a layer that directly contains sources is a room; every document with a map must name each room. */
export function roomMapFinds(maps: SourceTree, sources: SourceTree): string[] {
  const rooms = new Set(
    [...sources.keys()]
      .filter((file) => /^(?:schema|machines|actors|src)\//.test(file))
      .map((file) => file.slice(0, file.lastIndexOf('/') + 1)),
  );
  return [...maps].flatMap(([file, text]) =>
    [...rooms].filter((room) => !text.includes(`\`${room}\``)).map((room) => `${file} does not show ${room}`),
  );
}
