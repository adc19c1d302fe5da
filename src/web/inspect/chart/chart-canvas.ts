/** Draws a chart into the page once, then only changes which elements are lit. */
import { chartDrawing } from './chart-drawing.ts';
import type { PlacedChart } from './chart-layout.ts';
import { bearingOf, isLit, type Lighting, litClasses } from './chart-lighting.ts';
import type { SvgNode } from './svg-node.ts';

const svgNamespace = 'http://www.w3.org/2000/svg';

function svgElement({ tag, attributes, children }: SvgNode): SVGElement {
  const element = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.map((child) => (typeof child === 'string' ? child : svgElement(child))));
  return element;
}

export type ChartCanvas = { readonly element: SVGElement; readonly light: (lighting: Lighting) => void };

export function chartCanvas(placed: PlacedChart): ChartCanvas {
  const element = svgElement(chartDrawing(placed));
  const bearers = [
    ...element.querySelectorAll<SVGElement>('[data-state], [data-transition], [data-transitions]'),
  ].map((bearer) => ({ bearer, bearing: bearingOf((name) => bearer.getAttribute(name) ?? undefined) }));
  return {
    element,
    light(lighting) {
      for (const { bearer, bearing } of bearers) {
        for (const name of litClasses) bearer.classList.toggle(name, isLit(name, bearing, lighting));
      }
    },
  };
}
