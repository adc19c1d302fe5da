/**
 * What the page and the frame of a diagram tell each other, and its bounds. The frame works on a text that anybody may have
 * written, so the page believes nothing of what comes out of it: it takes only these shapes.
 */

/** Longer texts are not drawn, UTF-16 units. */
export const diagramUnitsMax = 10_000;
/** Texts of more lines are not drawn: the time that a diagram takes grows with what it has, not with the letters. */
const diagramLinesMax = 200;
/** Flowcharts with more edges are not drawn. */
export const diagramEdgesMax = 200;
/** Higher diagrams scroll in their frame, CSS px. */
export const diagramHeightMax = 640;
/** Of what the frame says, UTF-16 units. */
const wordsUnitsMax = 500;

export type DiagramScheme = 'light' | 'dark';

/** What the page asks of the frame. */
export type DiagramOrder = {
  readonly type: 'draw';
  readonly text: string;
  readonly scheme: DiagramScheme;
};

/**
 * What the frame says. `ready`: it can draw. `drawn`: the diagram is shown, this many CSS px high; said again when the height
 * changes. `failed`: the text cannot be drawn, with the reason in Mermaid's words.
 */
export type DiagramAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'drawn'; readonly height: number }
  | { readonly type: 'failed'; readonly reason: string };

/** `undefined`: it is no answer of a frame. */
export function diagramAnswer(data: unknown): DiagramAnswer | undefined {
  switch (fieldOf(data, 'type')) {
    case 'ready':
      return { type: 'ready' };
    case 'drawn': {
      const height = fieldOf(data, 'height');
      if (typeof height !== 'number' || !(height > 0)) return undefined;
      return { type: 'drawn', height: Math.min(Math.ceil(height), diagramHeightMax) };
    }
    case 'failed': {
      const reason = fieldOf(data, 'reason');
      if (typeof reason !== 'string') return undefined;
      return { type: 'failed', reason: reason.slice(0, wordsUnitsMax) };
    }
    default:
      return undefined;
  }
}

/** `undefined`: it is no order of a page. */
export function diagramOrder(data: unknown): DiagramOrder | undefined {
  const text = fieldOf(data, 'text');
  const scheme = fieldOf(data, 'scheme');
  if (fieldOf(data, 'type') !== 'draw' || typeof text !== 'string') return undefined;
  if (whyTooLarge(text) !== undefined || (scheme !== 'light' && scheme !== 'dark')) return undefined;
  return { type: 'draw', text, scheme };
}

/** Why a text is not drawn at all; `undefined`: it may be drawn. */
export function whyTooLarge(text: string): string | undefined {
  if (text.length > diagramUnitsMax) {
    return `Its code is longer than ${diagramUnitsMax.toLocaleString('en')} characters.`;
  }
  // A semicolon ends a statement as a line does.
  return text.split(/[\n;]/).length > diagramLinesMax
    ? `Its code has more than ${diagramLinesMax} lines.`
    : undefined;
}

function fieldOf(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;
}
