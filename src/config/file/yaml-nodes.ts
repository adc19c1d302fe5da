/**
 * Reads YAML 1.2 into config nodes. Refuses what no config file needs and what readers of YAML have been attacked with:
 * tags, directives, several documents, keys that are no texts, and aliases that grow beyond a bound.
 */
import { isAlias, isMap, isScalar, isSeq, Lexer, type Node, parseDocument } from 'yaml';
import { limits } from '../../../schema/limits.ts';
import type { ConfigNode, ConfigScalar } from './config-node.ts';

export type YamlNodes =
  | { readonly ok: true; readonly root: ConfigNode | null }
  /** What is wrong, without quoting the text, and where: `line 2 column 1`. */
  | { readonly ok: false; readonly problem: string; readonly place: string | null };

/** The root is `null` when there is nothing but comments. */
export function yamlNodes(text: string): YamlNodes {
  const place = (offset: number | undefined): string | null => {
    if (offset === undefined) return null;
    const lines = text.slice(0, offset).split('\n');
    return `line ${lines.length} column ${(lines.at(-1)?.length ?? 0) + 1}`;
  };
  // Comparing keys, and making errors pretty, takes time by the square of what is compared.
  const options = { uniqueKeys: false, prettyErrors: false, logLevel: 'error' } as const;
  try {
    checkTokens(text);
    const document = parseDocument(text, options);
    // Another version has other rules for what is a number, and merge keys.
    if (document.directives?.yaml.explicit === true) throw new Unusable('has a %YAML directive', 0);
    const [error] = document.errors;
    // Its message may quote the text.
    if (error !== undefined) return { ok: false, problem: wordsOf(error.code), place: place(error.pos[0]) };
    const [warning] = document.warnings;
    if (warning !== undefined) throw new Unusable('has a tag, which means nothing here', warning.pos[0]);
    const contents: Node | null = document.contents;
    if (contents === null || (isScalar(contents) && contents.value === null)) return { ok: true, root: null };
    return { ok: true, root: new Reader().read(contents, 1).node };
  } catch (error) {
    if (error instanceof Unusable) return { ok: false, problem: error.message, place: place(error.offset) };
    if (error instanceof RangeError) return { ok: false, problem: 'is nested too deep', place: null };
    throw error;
  }
}

/** Parsing costs a thousand times more than this, and much more where brackets are nested. */
function checkTokens(text: string): void {
  let tokens = 0;
  let depth = 0;
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > limits.configFileTokensMax) {
      throw new Unusable(`has more than ${limits.configFileTokensMax} tokens`, offset);
    }
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > limits.configFileDepthMax) {
      throw new Unusable(`is nested deeper than ${limits.configFileDepthMax} levels`, offset);
    }
    if (token !== '\u001F') offset += token.length;
  }
}

function wordsOf(code: string): string {
  if (code === 'RESOURCE_EXHAUSTION') return 'is nested too deep';
  return `is not YAML: ${code.toLowerCase().replaceAll('_', ' ')}`;
}

class Unusable extends Error {
  readonly offset: number | undefined;

  constructor(problem: string, offset: number | undefined) {
    super(problem);
    this.offset = offset;
  }
}

/** `parts`: how many it has, each repetition counted; `levels`: how deep they are nested. */
type Read = { readonly node: ConfigNode; readonly parts: number; readonly levels: number };

class Reader {
  /** The newest node of each anchor, so that an alias costs no second reading. */
  readonly #anchored = new Map<string, Read>();

  read(node: Node | null, depth: number): Read {
    const [start = 0, end = start] = node?.range ?? [];
    if (isAlias(node)) {
      const target = this.#anchored.get(node.source);
      if (target === undefined) throw new Unusable('has an alias of nothing before it', start);
      return this.#bounded(target, depth, start);
    }
    if (node?.tag !== undefined) throw new Unusable('has a tag, which means nothing here', start);
    const read = this.#bounded(this.#content(node, depth, { start, end }), depth, start);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchored.set(anchor, read);
    return read;
  }

  #content(node: Node | null, depth: number, range: { readonly start: number; readonly end: number }): Read {
    if (isSeq(node)) {
      const items = node.items.map((item) => this.read(asNode(item), depth + 1));
      return whole({ kind: 'list', items: items.map((item) => item.node), ...range }, items);
    }
    if (isMap(node)) {
      const entries = this.#entries(node.items, depth, range.start);
      const shown = entries.map(({ key, read }) => ({ key, node: read.node }));
      return whole(
        { kind: 'map', entries: shown, ...range },
        entries.map(({ read }) => read),
      );
    }
    return whole({ kind: 'scalar', value: scalarValue(node, range.start), ...range }, []);
  }

  #entries(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    depth: number,
    start: number,
  ): readonly { readonly key: string; readonly read: Read }[] {
    const known = new Set<string>();
    return items.map((item) => {
      const at = asNode(item.key)?.range?.[0] ?? start;
      if (!isScalar(item.key) || typeof item.key.value !== 'string' || item.key.tag !== undefined) {
        throw new Unusable('has a key that is not a plain text', at);
      }
      const key = item.key.value;
      if (key === '<<') throw new Unusable('has a merge key (<<), which is not supported', at);
      if (known.has(key)) throw new Unusable('has a key twice', at);
      known.add(key);
      return { key, read: this.read(asNode(item.value), depth + 1) };
    });
  }

  #bounded(read: Read, depth: number, start: number): Read {
    if (read.parts > limits.configFileNodesMax) {
      throw new Unusable(`grows to more than ${limits.configFileNodesMax} parts`, start);
    }
    if (depth + read.levels - 1 > limits.configFileDepthMax) {
      throw new Unusable(`is nested deeper than ${limits.configFileDepthMax} levels`, start);
    }
    return read;
  }
}

function whole(node: ConfigNode, below: readonly Read[]): Read {
  const parts = below.reduce((sum, one) => sum + one.parts, 1);
  return { node, parts, levels: 1 + below.reduce((most, one) => Math.max(most, one.levels), 0) };
}

function asNode(value: unknown): Node | null {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : null;
}

function scalarValue(node: Node | null, start: number): ConfigScalar['value'] {
  const value: unknown = isScalar(node) ? node.value : null;
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
      return value;
    default:
      if (value === null || value === undefined) return null;
      throw new Unusable('has a value that is neither text nor number', start);
  }
}
