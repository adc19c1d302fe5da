/** A table: it scrolls if it is wide, and shows its first rows if it has very many. */
import type { Token, Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { PlainText } from '../design/plain-text.tsx';
import { textDirection } from './text-direction.ts';

/** Cells and rows that are shown at first, and twice as many with each *Show more*: a table is laid out as a whole. */
const cellsShown = 500;
const rowsShown = 200;
/** A table with more columns is shown as it was written. */
const columnsMax = 200;

export function TableView(props: {
  readonly token: Tokens.Table;
  readonly draw: (token: Token) => ComponentChildren;
}) {
  const { token, draw } = props;
  const { header, rows, raw } = token;
  const [rowsMax, setRowsMax] = useState(Math.min(rowsShown, Math.ceil(cellsShown / header.length)));
  if (header.length > columnsMax) {
    return (
      <div class="plain">
        <PlainText text={raw} />
      </div>
    );
  }
  return (
    // Lets the keyboard scroll it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable
    <section class="wide" tabIndex={0} aria-label="Table">
      <table dir={textDirection(header[0]?.text ?? '')}>
        <thead>
          <tr>
            {header.map((cell, index) => (
              <th key={index} scope="col" class={cell.align ?? ''}>
                {cell.tokens.map(draw)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, rowsMax).map((row, rowIndex) => (
            <tr key={rowIndex}>
              {row.map((cell, index) => (
                <td key={index} class={cell.align ?? ''}>
                  {cell.tokens.map(draw)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length <= rowsMax ? null : (
        <Button look="quiet" onClick={() => setRowsMax(2 * rowsMax)}>
          Show more of {rows.length} rows
        </Button>
      )}
    </section>
  );
}
