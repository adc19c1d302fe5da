/**
 * Runs in the frame of a diagram, whose origin is opaque: draws the text that the page sends, with Mermaid, which stands in a
 * script of its own before this one.
 */
import {
  type DiagramAnswer,
  type DiagramOrder,
  diagramEdgesMax,
  diagramOrder,
  diagramUnitsMax,
} from '../diagram-messages.ts';

/** Mermaid, as far as it is used. */
type Mermaid = {
  readonly initialize: (config: object) => void;
  readonly render: (id: string, text: string) => Promise<{ readonly svg: string }>;
};

/** The least part of its own width at which a diagram is shown: it scrolls then. */
const leastScale = 0.6;

/** What a text cannot change, neither by a directive nor in its front matter. */
const fixed = {
  startOnLoad: false,
  securityLevel: 'strict',
  suppressErrorRendering: true,
  maxTextSize: diagramUnitsMax,
  maxEdges: diagramEdgesMax,
  // Labels are text of the picture, never HTML.
  htmlLabels: false,
  fontFamily: 'system-ui, sans-serif',
  themeCSS: '',
  dompurifyConfig: {},
  arrowMarkerAbsolute: false,
  logLevel: 'fatal',
};

const place = document.createElement('main');
/** The newest order: what an older one made is thrown away. */
let newest: DiagramOrder | undefined;

// It holds nothing that the addressee must not see, and the page's origin is not told to the frame.
const tell = (answer: DiagramAnswer) => parent.postMessage(answer, '*');

async function draw(order: DiagramOrder): Promise<void> {
  newest = order;
  document.documentElement.style.colorScheme = order.scheme;
  try {
    const svg = await drawing(order);
    if (newest === order) show(svg);
  } catch (error) {
    if (newest === order)
      tell({ type: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
}

async function drawing({ text, scheme }: DiagramOrder): Promise<string> {
  const { mermaid } = globalThis as { readonly mermaid?: Mermaid };
  if (mermaid === undefined) throw new Error('Mermaid is missing.');
  mermaid.initialize({
    ...fixed,
    secure: ['secure', ...Object.keys(fixed)],
    theme: scheme === 'dark' ? 'dark' : 'default',
  });
  const { svg } = await mermaid.render('diagram', text);
  return svg;
}

function show(svg: string): void {
  place.innerHTML = svg;
  // A link would lead only the frame away, which its sandbox and the page's policy forbid anyway.
  for (const link of place.querySelectorAll('a')) link.replaceWith(...link.childNodes);
  const [picture] = place.getElementsByTagName('svg');
  const width = picture?.viewBox.baseVal.width ?? 0;
  if (picture !== undefined) picture.style.minWidth = `${Math.round(width * leastScale)}px`;
  tellHeight();
}

function tellHeight(): void {
  const { height } = place.getBoundingClientRect();
  // While the page shows the code instead, the frame has no size.
  if (height > 0 && place.firstElementChild !== null) tell({ type: 'drawn', height });
}

// Opened by itself, it has nothing to do.
if (parent !== window) {
  // What is larger than the frame is scrolled, also with the keyboard.
  place.tabIndex = 0;
  place.ariaLabel = 'Diagram';
  document.body.append(place);
  new ResizeObserver(tellHeight).observe(place);
  addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    const order = source === parent ? diagramOrder(data) : undefined;
    if (order !== undefined) void draw(order);
  });
  tell({ type: 'ready' });
}
