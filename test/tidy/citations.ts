/**
 * Checks that everything cited in comments and documents exists: files, rules, invariants, sections and links. One
 * line per find.
 */
import { posix } from 'node:path';
import { commentsOf, withoutComments } from './code-text.ts';
import type { SourceTree } from './import-graph.ts';

export type Cited = {
  /** Sources and style sheets, of which the comments are read. */
  readonly sources: SourceTree;
  /** Markdown and other text, which is read whole. */
  readonly documents: SourceTree;
  /** Every path of the repository, including folders (without `/` at the end). */
  readonly paths: ReadonlySet<string>;
};

const ruleBook = 'schema/SPEC.md';
const protocol = 'docs/protocol.md';
const invariants = 'docs/invariants.md';

/** Rules and sections that a document declares. */
export function declaredRules(text: string): readonly string[] {
  return [...text.matchAll(/^- \*\*\[([A-Z][A-Z0-9]*\d)\]\*\*/gm)].map((match) => match[1] ?? '');
}

/** `I1` and on: the invariants that docs/invariants.md declares. */
export function declaredInvariants(text: string): readonly string[] {
  return [...text.matchAll(/^### (I\d+)\. /gm)].map((match) => match[1] ?? '');
}

export function citationFinds(cited: Cited): string[] {
  const { sources, documents, paths } = cited;
  const finds = new Set<string>();
  const known = knownNames(cited);
  for (const [file, text] of sources) {
    for (const comment of commentsOf(text)) {
      for (const find of findsIn(comment, known, paths)) finds.add(`${file} cites ${find}`);
    }
    // Tests of these rules cite, as examples, things that do not exist. Elsewhere titles and messages are checked,
    // too.
    if (file.startsWith('test/tidy')) continue;
    for (const [citation, section = ''] of withoutComments(text).matchAll(/docs\/protocol\.md ([ABC]\d*)/g)) {
      if (!known.sections.has(section)) finds.add(`${file} cites ${citation}, which is no section`);
    }
  }
  for (const [file, text] of documents) {
    for (const find of findsIn(text.replace(/\s*\n\s*/g, ' '), known, paths))
      finds.add(`${file} cites ${find}`);
    for (const find of linkFinds(file, text, cited)) finds.add(`${file} links to ${find}`);
  }
  return [...finds];
}

type KnownNames = {
  readonly rules: ReadonlySet<string>;
  /** `TXT`, `V1A`: a bare name that begins like this is a rule, too. */
  readonly prefixes: readonly string[];
  /** `TXT`, `V1`: the groups of rules. */
  readonly groups: ReadonlySet<string>;
  readonly invariants: ReadonlySet<string>;
  readonly sections: ReadonlySet<string>;
  readonly anchors: ReadonlyMap<string, ReadonlySet<string>>;
};

function knownNames({ documents }: Cited): KnownNames {
  const book = documents.get(ruleBook) ?? '';
  const rules = new Set(declaredRules(book));
  const headings = [...(documents.get(protocol) ?? '').matchAll(/^#{2,3} ([ABC]\d*)\. /gm)];
  return {
    rules,
    prefixes: [...new Set([...rules].map((rule) => rule.replace(/\d+$/, '')))],
    groups: new Set([...book.matchAll(/^## ([A-Z][A-Z0-9]*): /gm)].map((match) => match[1] ?? '')),
    invariants: new Set(declaredInvariants(documents.get(invariants) ?? '')),
    sections: new Set(headings.map((match) => match[1] ?? '')),
    anchors: new Map([...documents].map(([file, text]) => [file, anchorsOf(text)])),
  };
}

function findsIn(text: string, known: KnownNames, paths: ReadonlySet<string>): string[] {
  return [
    ...pathFinds(text, paths),
    ...anchorFinds(text, known),
    ...nameFinds(text, known),
    ...sectionFinds(text, known),
  ];
}

const topFolders = 'schema|machines|actors|src|bench|test|docs';

/** Paths from the root, bare or in backticks, and names of files in backticks. */
function pathFinds(text: string, paths: ReadonlySet<string>): string[] {
  const whole = new RegExp(`(?<![\\w/.@-])(?:${topFolders})/[\\w./-]*`, 'g');
  const missing = [...text.matchAll(whole)]
    .filter((match) => !/[*<{$…]/.test(text[match.index + match[0].length] ?? ''))
    .map(([path]) => path.replace(/[./]+$/, ''))
    .filter((path) => !paths.has(path));
  const names = [...text.matchAll(/`((?:\.\.?\/)*[\w./-]+\.(?:tsx?|css|md))`|(?<![\w/.-])([\w-]+\.md)\b/g)]
    .map(([, quoted, bare]) => (quoted ?? bare ?? '').replace(/^(?:\.\.?\/)+/, ''))
    .filter((name) => ![...paths].some((path) => path === name || path.endsWith(`/${name}`)));
  return [...missing, ...names].map((path) => `${path}, which is no file`);
}

/** `docs/architecture.md#storage`. */
function anchorFinds(text: string, { anchors }: KnownNames): string[] {
  return [...text.matchAll(/(?<![\w/.-])([\w./-]+\.md)#([\w-]+)/g)]
    .filter(([, file = '', anchor = '']) => anchors.get(file)?.has(anchor) === false)
    .map(([citation]) => `${citation}, which has no such heading`);
}

/** Rules are cited as `[TXT1]` or `TXT1`, groups of rules as `SPEC TXT`, invariants as `I1` or `[I1]`. */
function nameFinds(text: string, { rules, prefixes, groups, invariants }: KnownNames): string[] {
  const firsts = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  const bracketed = firsts(/\[([A-Z][A-Z0-9]*\d)\](?!\()/g);
  const bare = firsts(/(?<![\w.#-])([A-Z][A-Z0-9]*?\d+)(?![\w.]*\w)/g).filter((name) => {
    const prefix = name.replace(/\d+$/, '');
    return prefix === 'I' || prefixes.includes(prefix);
  });
  const unknown = [...bracketed, ...bare].filter((name) => !rules.has(name) && !invariants.has(name));
  const ofBook = firsts(/\bSPEC \[?([A-Z][A-Z0-9]*)\b/g).filter(
    (name) => !rules.has(name) && !groups.has(name),
  );
  return [
    ...unknown.map((name) => `${name}, which is neither rule nor invariant`),
    ...ofBook.map((name) => `SPEC ${name}, which is no rule`),
  ];
}

/** Sections of the protocol are cited as `docs/protocol.md A4`, more of them behind a comma, `and` or a dash. */
function sectionFinds(text: string, { sections }: KnownNames): string[] {
  const finds: string[] = [];
  const citation = /(docs\/)?protocol(?:\.md)?,? ([ABC]\d+|[ABC](?= ?[,);]))((?:(?:, | and |–)[ABC]\d*\b)*)/g;
  for (const [found, folder, first = '', more = ''] of text.matchAll(citation)) {
    if (folder === undefined || !found.includes('.md'))
      finds.push(`"${found}", not by path: docs/protocol.md`);
    for (const section of [first, ...(more.match(/[ABC]\d*/g) ?? [])]) {
      if (!sections.has(section)) finds.push(`docs/protocol.md ${section}, which is no section`);
    }
  }
  for (const [found] of text.matchAll(/(?<![\w"#-])[ABC]\d{1,2}(?![\w.]*\w)/g)) {
    if (!sections.has(found)) finds.push(`docs/protocol.md ${found}, which is no section`);
  }
  if (/(?<!RFC \d+,? )§/.test(text)) finds.push('a section by §, not by the anchor of its document');
  return finds;
}

/** Relative links of a Markdown document, and the headings that they lead to. */
function linkFinds(file: string, text: string, { paths, documents }: Cited): string[] {
  if (!file.endsWith('.md')) return [];
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor] = target.split('#');
    const found = path === '' ? file : posix.join(posix.dirname(file), path);
    if (!paths.has(found.replace(/\/$/, ''))) return [`${target}, which is no file`];
    const document = documents.get(found);
    if (anchor === undefined || document === undefined) return [];
    return anchorsOf(document).has(anchor) ? [] : [`${target}, which has no such heading`];
  });
}

/** Anchors as GitHub makes them from headings: lower case, without punctuation, with hyphens for blanks. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-'),
    ),
  );
}
