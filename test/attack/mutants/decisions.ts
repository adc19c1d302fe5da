/**
 * Where the server decides whether somebody may do or see something, read from its sources with a parser: every call of a
 * function that decides, wherever it stands. A {@link Decision} dropped is answered with "yes".
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'rolldown/utils';

/** One place in a source, and the text that stands there instead when the decision is dropped. */
export type Decision = {
  /** File and text, on one line; `(2)` behind it: the second of the same text in the file. */
  readonly name: string;
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly was: string;
  readonly becomes: string;
};

type Yes = (given: readonly string[]) => string;

/**
 * The functions that decide, and "yes" in the words of each; `given`: the texts of the arguments. A query of what is visible
 * says yes by being told that whoever asks sees everything.
 */
const yesOf: Readonly<Record<string, Yes>> = {
  may: () => `'allowed'`,
  maySee: () => 'true',
  maySeeFile: () => 'true',
  roleAllows: () => 'true',
  hasScope: () => 'true',
  refusalToMakeSessions: () => 'null',
  authorize: () => 'null',
  denied: () => 'null',
  frameRefusal: () => 'null',
  missingSession: () => 'undefined',
  lackingScope: () => 'null',
  visibilityOf: () => 'undefined',
  seenFiles: ([, ids]) => `Promise.resolve(new Set(${ids}))`,
  isVisible: ([session]) => `isVisible(${session}, undefined)`,
  visibleRows: ([named]) => `visibleRows(${named}, undefined)`,
  fewVisibleRows: ([db, named]) => `fewVisibleRows(${db}, ${named}, undefined)`,
  sessionLists: ([db, query]) => `sessionLists(${db}, { ...${query}, visibleTo: undefined })`,
  sees: () => 'true',
  '#sees': () => 'true',
  hears: () => 'true',
  '#hears': () => 'true',
};

const root = fileURLToPath(new URL('../../..', import.meta.url));
const layers = ['schema', 'machines', 'actors', 'src'];
/** What runs in browsers decides nothing. */
const inBrowsers = ['src/web/', 'src/client/'];

/** A name with the text of a source. */
type Source = { readonly file: string; readonly text: string };

function serverSources(): readonly Source[] {
  return layers
    .flatMap((layer) =>
      readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' }).map((file) => `${layer}/${file}`),
    )
    .filter((file) => file.endsWith('.ts') && !inBrowsers.some((folder) => file.startsWith(folder)))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

const deciders = new RegExp(`(?:${Object.keys(yesOf).join('|')})\\(`);

/** Every call of a function that decides. */
export function decisionsIn({ file, text }: Source): readonly Decision[] {
  if (!deciders.test(text)) return [];
  const found: Decision[] = [];
  const textOf = ({ start, end }: { readonly start: number; readonly end: number }) => text.slice(start, end);
  const visitor = new Visitor({
    CallExpression(call) {
      const { callee } = call;
      const name = callee.type === 'MemberExpression' ? textOf(callee.property) : textOf(callee);
      const yes = Object.hasOwn(yesOf, name) ? yesOf[name] : undefined;
      if (yes === undefined) return;
      const was = textOf(call);
      const plain = `${file}: ${was.replace(/\s+/g, ' ')}`;
      const before = found.filter((one) => one.was === was).length;
      found.push({
        ...{ name: before === 0 ? plain : `${plain} (${before + 1})`, file, was },
        ...{ from: call.start, to: call.end, becomes: yes(call.arguments.map(textOf)) },
      });
    },
  });
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be parsed: ${errors[0]?.message}`);
  visitor.visit(program);
  return found;
}

/** A condition inside a function that decides: its text, which stands in the file exactly once, and "yes". */
export type Condition = { readonly file: string; readonly was: string; readonly becomes: string };

function decisionOf({ file, was, becomes }: Condition, text: string): Decision {
  const from = text.indexOf(was);
  if (from < 0 || text.indexOf(was, from + 1) >= 0) {
    throw new Error(`${file} has this not exactly once: ${was}`);
  }
  return { name: `${file}: ${was.replace(/\s+/g, ' ')}`, file, from, to: from + was.length, was, becomes };
}

/** All of the server's sources, and those of the conditions. */
export function allDecisions(conditions: readonly Condition[]): readonly Decision[] {
  const sources = serverSources();
  const texts = new Map(sources.map(({ file, text }) => [file, text]));
  return [
    ...sources.flatMap(decisionsIn),
    ...conditions.map((condition) => decisionOf(condition, texts.get(condition.file) ?? '')),
  ];
}
