/** A block of code, with its language, its colours and a copy button. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../design/icon.tsx';
import { PlainText } from '../design/plain-text.tsx';
import { useSlice } from '../design/slices.ts';
import type { CodePiece } from './highlight-pieces.ts';

/** How long the button says that it has copied, ms. */
const saidMs = 1500;
/** Code that grows is coloured once it has not changed for this long, ms. */
const restMs = 150;
/** Longer code stays plain, UTF-16 units. */
const codeUnitsMax = 50_000;

export type CodeBlockProps = {
  readonly code: string;
  readonly language?: string | undefined;
  /** Buttons before the copy button. */
  readonly tools?: ComponentChildren;
  /** Only assistive technology finds the code: `children` show it in another way. */
  readonly isHidden?: boolean;
  /** Below the code. */
  readonly children?: ComponentChildren;
};

export function CodeBlock({ code, language, tools, isHidden = false, children }: CodeBlockProps) {
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<number>(undefined);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCopied(false), saidMs);
  };
  // The word behind the fence, without what some writers put behind it.
  const [known = ''] = language?.toLowerCase().match(/^[\w+#.-]+/) ?? [];
  const pieces = usePieces(code, known);
  const name = language === undefined || language === '' ? 'code' : language;
  return (
    <figure class="code-block">
      <figcaption>
        <span>{name}</span>
        {tools}
        {/* Browsers have no clipboard for pages that came over a plain network. */}
        {navigator.clipboard === undefined ? null : (
          <button type="button" onClick={() => void copy()}>
            <Icon name={isCopied ? 'check' : 'copy'} /> {isCopied ? 'Copied' : 'Copy'}
          </button>
        )}
      </figcaption>
      <pre {...(isHidden ? { class: 'unseen' } : { tabIndex: 0 })}>
        <code>{pieces === undefined ? <PlainText text={code} /> : <ColouredCode pieces={pieces} />}</code>
      </pre>
      {children}
    </figure>
  );
}

/** Pieces that are coloured at once. */
const piecesAtOnce = 1000;

function ColouredCode({ pieces }: { readonly pieces: readonly CodePiece[] }) {
  const groups: ComponentChildren[] = [];
  for (let from = 0; from < pieces.length; from += piecesAtOnce) {
    groups.push(<Pieces key={from} pieces={pieces.slice(from, from + piecesAtOnce)} isLater={from > 0} />);
  }
  return <>{groups}</>;
}

/** Plain until it is its turn. */
function Pieces({ pieces, isLater }: { readonly pieces: readonly CodePiece[]; readonly isLater: boolean }) {
  if (!useSlice(isLater, true)) return <>{pieces.map(({ text }) => text).join('')}</>;
  return (
    <>
      {pieces.map(({ text, kind }, index) =>
        kind === '' ? (
          text
        ) : (
          <span key={index} class={`code-${kind}`}>
            {text}
          </span>
        ),
      )}
    </>
  );
}

/** `undefined`: the code is shown plain, for now or for good. */
function usePieces(code: string, language: string): readonly CodePiece[] | undefined {
  const [shown, setShown] = useState<{
    readonly code: string;
    readonly pieces: readonly CodePiece[] | undefined;
  }>();
  useEffect(() => {
    if (language === '' || code.length > codeUnitsMax || shown?.code === code) return;
    let isOver = false;
    const timer = setTimeout(async () => {
      const { pageHighlighter } = await import('./page-highlighter.ts');
      const pieces = await pageHighlighter.pieces(code, language);
      if (!isOver) setShown({ code, pieces });
    }, restMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [code, language]);
  return shown?.code === code ? shown.pieces : undefined;
}
