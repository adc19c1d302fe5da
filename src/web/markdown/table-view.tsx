/** A table: it scrolls if it is wide, and shows its first rows if it has very many. */
import type { Token, Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { PlainText } from '../design/plain-text.tsx';
import { textDirection } from './text-direction.ts';

/** Cells that are shown at first, and with each *Show more rows*: the browser lays a table out as a whole. */
const cellsShown = 1000;
/** A table with more columns is shown as it was written. */
const columnsMax = 200;

export function TableView(props: {
  readonly token: Tokens.Table;
  readonly draw: (token: Token) => ComponentChildren;
}) {
  const { token, draw } = props;
  const { header, rows, raw } = token;
  const rowsShown = Math.ceil(cellsShown / Math.max(1, header.length));
  const [rowsMax, setRowsMax] = useState(rowsShown);
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
        <Button look="quiet" onClick={() => setRowsMax(rowsMax + rowsShown)}>
          Show more of {rows.length} rows
        </Button>
      )}
    </section>
  );
}
