/**
 * What is not mutated, because no test should have to notice it: sentences in documents (`summary`, `.meta(…)`,
 * `.describe(…)`) and in the errors of bugs (`assert(…)`, `new Error(…)`); examples in documents, which a test checks
 * against their schemas; and the `default` of a switch that the type checker knows to be exhaustive. Sentences that
 * clients get, such as those of refusals, are mutated.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** The needed parts of a node's path in Babel's syntax tree. */
type NodePath = {
  readonly node: SyntaxNode;
  readonly parentPath: NodePath | null;
  readonly listKey?: string;
  readonly key?: string | number;
};

type SyntaxNode = {
  readonly type: string;
  readonly key?: { readonly name?: string };
  readonly callee?: { readonly name?: string; readonly property?: { readonly name?: string } };
  readonly argument?: SyntaxNode | null;
  /** The test of a `case`; `null` in a `default`. */
  readonly test?: unknown;
  readonly consequent?: readonly SyntaxNode[];
};

/** Functions, with the positions of those arguments that are sentences or examples. */
const spoken: ReadonlyMap<string | undefined, readonly number[]> = new Map([
  ['assert', [1]],
  ['Error', [0]],
  ['callboardV1ServerMessage', [2, 3]],
]);

/** The reason why the node is not mutated, or `undefined`. */
function shouldIgnore({ node, parentPath, listKey, key }: NodePath): string | undefined {
  if (node.type === 'SwitchCase' && node.test === null && endsUnreachable(node)) return 'cannot happen';
  const parent = parentPath?.node;
  if (parent === undefined) return undefined;
  if (parent.type === 'ObjectProperty' && key === 'value') {
    if (parent.key?.name === 'summary') return 'a summary';
    if (parent.key?.name === 'example') return 'an example';
  }
  if (listKey !== 'arguments') return undefined;
  const called = parent.callee?.property?.name ?? parent.callee?.name;
  if (called === 'meta' || called === 'describe') return 'for the documents';
  return typeof key === 'number' && spoken.get(called)?.includes(key) === true ? 'told to people' : undefined;
}

function endsUnreachable({ consequent = [] }: SyntaxNode): boolean {
  return consequent.some(
    ({ type, argument }) => type === 'ReturnStatement' && argument?.callee?.name === 'unreachable',
  );
}

export const strykerPlugins = [declareValuePlugin(PluginKind.Ignore, 'prose', { shouldIgnore })];
