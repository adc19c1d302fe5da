/** Code in colours, as a flat list: each piece of the text with the kind of its innermost element. */

/** A tree as `lowlight` makes it, as far as it is used: its own types bring those of a browser to the server. */
type CodeNode = {
  readonly type: string;
  readonly value?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly children?: readonly CodeNode[];
};

/** `kind`: one of highlight.js, such as `keyword`; `''`: none. */
export type CodePiece = { readonly text: string; readonly kind: string };

/** More pieces would make the page slow. */
const piecesMax = 20_000;

/** `undefined`: there are too many pieces. */
export function codePieces(root: Pick<CodeNode, 'children'>): readonly CodePiece[] | undefined {
  const pieces: CodePiece[] = [];
  // A list instead of recursion: the depth of the tree is that of the code.
  const open: { readonly node: CodeNode; readonly kind: string }[] = [];
  const add = (nodes: readonly CodeNode[], kind: string) => {
    for (const node of nodes.toReversed()) open.push({ node, kind });
  };
  add(root.children ?? [], '');
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, kind } = next;
    if (node.type === 'text') pieces.push({ text: node.value ?? '', kind });
    else add(node.children ?? [], kindOf(node.properties?.['className']) ?? kind);
    if (pieces.length > piecesMax) return undefined;
  }
  return pieces;
}

function kindOf(classes: unknown): string | undefined {
  const [first] = Array.isArray(classes) ? classes : [];
  return typeof first === 'string' ? first.replace(/^hljs-/, '') : undefined;
}
