/** Reads the text of a config file, JSON or YAML. */
import { isJsonDeeper } from '../../../schema/json-depth.ts';
import { limits } from '../../../schema/limits.ts';
import { type ConfigMap, type ConfigNode, plainValue } from './config-node.ts';
import { jsonNodes } from './json-nodes.ts';
import { yamlNodes } from './yaml-nodes.ts';

export const configFormats = ['yaml', 'json'] as const;
export type ConfigFormat = (typeof configFormats)[number];

export type ParsedConfig = {
  /** Without a byte order mark; the offsets of `root` count from its beginning. */
  readonly text: string;
  readonly format: ConfigFormat;
  readonly root: ConfigMap;
  readonly values: ReadonlyMap<string, unknown>;
};
export type ParsedConfigText =
  | { readonly ok: true; readonly parsed: ParsedConfig }
  | { readonly ok: false; readonly message: string };

/** `named`: the file, for messages. They never quote the text, because it may hold secrets. */
export function parseConfigText(given: string, format: ConfigFormat, named: string): ParsedConfigText {
  const text = given.replace(/^\uFEFF/, '');
  if (Buffer.byteLength(text) > limits.configFileBytesMax) {
    return { ok: false, message: `${named} has more than ${limits.configFileBytesMax} bytes` };
  }
  const read = format === 'json' ? readJson(text, named) : readYaml(text, named);
  if (typeof read === 'string') return { ok: false, message: read };
  if (read.kind !== 'map') {
    const wanted = format === 'json' ? 'one JSON object' : 'one map';
    return { ok: false, message: `${named} must hold ${wanted}` };
  }
  const values = new Map(read.entries.map(({ key, node }) => [key, plainValue(node)]));
  return { ok: true, parsed: { text, format, root: read, values } };
}

function readYaml(text: string, named: string): ConfigNode | string {
  const read = yamlNodes(text);
  if (read.ok) return read.root ?? { kind: 'map', entries: [], start: text.length, end: text.length };
  return `${named} ${read.problem}${read.place === null ? '' : ` (${read.place})`}`;
}

function readJson(text: string, named: string): ConfigNode | string {
  if (isJsonDeeper(text, limits.configFileDepthMax)) {
    return `${named} is nested deeper than ${limits.configFileDepthMax} levels`;
  }
  let root: ConfigNode;
  try {
    root = jsonNodes(text);
  } catch (error) {
    // The rest of the message quotes the file.
    const place = error instanceof Error ? /\(line \d+ column \d+\)/.exec(error.message)?.[0] : undefined;
    return `${named} is not JSON${place === undefined ? '' : ` ${place}`}`;
  }
  return hasKeyTwice(root) ? `${named} has a key twice` : root;
}

function hasKeyTwice(node: ConfigNode): boolean {
  if (node.kind === 'scalar') return false;
  if (node.kind === 'list') return node.items.some(hasKeyTwice);
  const keys = new Set(node.entries.map(({ key }) => key));
  return keys.size < node.entries.length || node.entries.some(({ node: child }) => hasKeyTwice(child));
}
