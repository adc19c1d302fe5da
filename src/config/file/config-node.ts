/** A config file as a tree whose parts know where they stand in the text, whatever its format. */

/** The place of a part, from the root: keys of maps, and indexes of lists as texts. */
export type ConfigPath = readonly string[];

type Range = {
  /** Offsets in the text, UTF-16 units; `end` is behind the last unit. */
  readonly start: number;
  readonly end: number;
};
export type ConfigScalar = Range & {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
};
export type ConfigMap = Range & {
  readonly kind: 'map';
  readonly entries: readonly { readonly key: string; readonly node: ConfigNode }[];
};
export type ConfigList = Range & { readonly kind: 'list'; readonly items: readonly ConfigNode[] };
export type ConfigNode = ConfigScalar | ConfigMap | ConfigList;

export type PlacedScalar = { readonly path: ConfigPath; readonly scalar: ConfigScalar };

/** Every scalar below `node`, in the order of the text; one that YAML aliases repeat has the same range each time. */
export function* scalarsOf(node: ConfigNode, path: ConfigPath = []): Generator<PlacedScalar> {
  if (node.kind === 'scalar') {
    yield { path, scalar: node };
    return;
  }
  for (const [key, child] of childrenOf(node)) yield* scalarsOf(child, [...path, key]);
}

function childrenOf(node: ConfigMap | ConfigList): readonly (readonly [string, ConfigNode])[] {
  return node.kind === 'map'
    ? node.entries.map(({ key, node: child }) => [key, child])
    : node.items.map((child, index) => [String(index), child]);
}

export function nodeAt(node: ConfigNode, path: ConfigPath): ConfigNode | undefined {
  let found: ConfigNode | undefined = node;
  for (const key of path) {
    if (found === undefined || found.kind === 'scalar') return undefined;
    found = childrenOf(found).find(([name]) => name === key)?.[1];
  }
  return found;
}

/** The plain value. `change` may put another one in the place of a scalar; entries of maps are left out unless `keeps`. */
export function plainValue(
  node: ConfigNode,
  change: (scalar: ConfigScalar, path: ConfigPath) => unknown = ({ value }) => value,
  path: ConfigPath = [],
  keeps: (path: ConfigPath) => boolean = () => true,
): unknown {
  switch (node.kind) {
    case 'scalar':
      return change(node, path);
    case 'list':
      return node.items.map((item, index) => plainValue(item, change, [...path, String(index)], keeps));
    default:
      // A key `__proto__` becomes an ordinary one.
      return Object.fromEntries(
        node.entries
          .filter(({ key }) => keeps([...path, key]))
          .map(({ key, node: child }) => [key, plainValue(child, change, [...path, key], keeps)]),
      );
  }
}
