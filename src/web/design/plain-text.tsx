/** Text as it was written. A long one is made of pieces, of which the browser lays out those in sight. */
import { useMemo } from 'preact/hooks';
import { textPieces } from './text-pieces.ts';

export function PlainText({ text }: { readonly text: string }) {
  const pieces = useMemo(() => textPieces(text), [text]);
  if (pieces.length === 1) return <>{text}</>;
  return (
    <>
      {pieces.map((piece, index) => (
        <span key={index} class="text-piece">
          {/* An empty box would have no height. */}
          {piece === '' ? '\n' : piece}
        </span>
      ))}
    </>
  );
}
