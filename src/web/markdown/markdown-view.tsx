/**
 * Renders Markdown as elements. It never makes HTML from text: each token becomes its element, HTML in a text is
 * shown as text, and a picture becomes a link, so that reading an answer sends no request anywhere.
 */
import type { Token } from 'marked';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { PlainText } from '../design/plain-text.tsx';
import { queueSlice, useSlice } from '../design/slices.ts';
import { GrowingMarkdown } from './markdown-blocks.ts';
import { drawn, NotesOf } from './markdown-elements.tsx';

/** Lines that are read as Markdown; what follows is shown as it was written. */
const linesMax = 4000;
/** Blocks that are drawn at once; further ones follow in slices. */
const blocksAtOnce = 100;

/** `growing` means that more text may follow. A long text is read and drawn in slices. */
export function MarkdownView({ text, growing }: { readonly text: string; readonly growing: boolean }) {
  const id = useId();
  const units = useMemo(() => unitsOfLines(text), [text]);
  const { blocks, isWhole } = useBlocks(text.slice(0, units), growing);
  const groups: (readonly Token[])[] = [];
  for (let from = 0; from < blocks.length; from += blocksAtOnce) {
    groups.push(blocks.slice(from, from + blocksAtOnce));
  }
  return (
    <NotesOf.Provider value={id}>
      <div class="markdown" aria-busy={!isWhole}>
        {groups.map((tokens, index) => (
          <Blocks key={index} tokens={tokens} isLater={index > 0} />
        ))}
        {units === text.length || !isWhole ? null : (
          <div class="plain">
            <PlainText text={text.slice(units)} />
          </div>
        )}
      </div>
    </NotesOf.Provider>
  );
}

function useBlocks(text: string, growing: boolean) {
  const reader = useRef<GrowingMarkdown>(undefined);
  reader.current ??= new GrowingMarkdown();
  const current = reader.current;
  const [slices, setSlices] = useState(0);
  const read = useMemo(() => current.readOn(text, !growing), [text, growing, slices]);
  useEffect(() => (read.isWhole ? undefined : queueSlice(() => setSlices((count) => count + 1))), [read]);
  return read;
}

/** A token that stays is the same object; one before the last does not change without it. */
function Blocks({ tokens, isLater }: { readonly tokens: readonly Token[]; readonly isLater: boolean }) {
  const isItsTurn = useSlice(isLater);
  return useMemo(
    () => (isItsTurn ? tokens.map((token, index) => <Block key={index} token={token} />) : null),
    [isItsTurn, tokens[0], tokens.at(-1), tokens.length],
  );
}

/** Redrawn only when its token is another object. */
function Block({ token }: { readonly token: Token }) {
  return useMemo(() => <>{drawn(token)}</>, [token]);
}

/** How many units the first lines have. */
function unitsOfLines(text: string): number {
  let at = 0;
  for (let line = 0; line < linesMax; line++) {
    const end = text.indexOf('\n', at);
    if (end < 0) return text.length;
    at = end + 1;
  }
  return at;
}
