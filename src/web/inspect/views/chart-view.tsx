/** The chart of the selected actor: lit live, moved with mouse, fingers and keys, exported as SVG or Mermaid. */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../../design/button.tsx';
import { Checkbox } from '../../design/checkbox.tsx';
import { copyText } from '../../design/copy-text.ts';
import { saveFile } from '../../design/save-file.ts';
import { type ChartCanvas, chartCanvas } from '../chart/chart-canvas.ts';
import { chartFile } from '../chart/chart-export.ts';
import type { PlacedChart } from '../chart/chart-layout.ts';
import { type ChartLayouts, createChartLayouts } from '../chart/chart-layouts.ts';
import { chartMermaid } from '../chart/chart-mermaid.ts';
import { fittedView, type Size, type View } from '../chart/pan-zoom.ts';
import { followedView, readableView } from '../chart/readable-view.ts';
import { usePanZoom } from '../chart/use-pan-zoom.ts';
import type { Inspector } from '../inspector.ts';
import { kindWords } from './state-words.ts';

let layouts: ChartLayouts | undefined;

function layoutsOfPage(): ChartLayouts {
  layouts ??= createChartLayouts(document.documentElement.dataset['worker'] ?? '');
  return layouts;
}

export function ChartView({ inspector }: { readonly inspector: Inspector }) {
  const frame = useRef<SVGSVGElement>(null);
  const stage = useRef<SVGGElement>(null);
  const canvas = useRef<ChartCanvas | null>(null);
  const size = useSignal<Size>({ width: 1, height: 1 });
  /** The same chart, laid out in each direction. */
  const candidates = useSignal<readonly PlacedChart[]>([]);
  const placed = useComputed(() => largest(candidates.value, size.value));
  const showsActions = useSignal(false);
  const view = useSignal<View>({ x: 0, y: 0, scale: 1 });
  const chartId = useComputed(() => inspector.chart.value?.id ?? null);

  const fitAll = () => {
    const chart = placed.peek();
    if (chart !== null) view.value = fittedView(chart, size.peek());
  };
  const showReadably = () => {
    const chart = placed.peek();
    if (chart !== null) view.value = readableView(chart, size.peek(), inspector.lighting.peek());
  };

  useSignalEffect(() => {
    const wanted = chartId.value;
    const options = { actions: showsActions.value };
    const chart = inspector.chart.peek();
    if (wanted === null || chart === null) {
      candidates.value = [];
      return;
    }
    let isStale = false;
    const layout = layoutsOfPage();
    Promise.all(directions.map((direction) => layout(chart, { ...options, direction }))).then(
      (made) => {
        if (!isStale) candidates.value = made;
      },
      (error: unknown) => {
        inspector.notice.value = `The chart could not be laid out: ${error}`;
      },
    );
    return () => {
      isStale = true;
    };
  });

  useSignalEffect(() => {
    const chart = placed.value;
    const group = stage.current;
    if (group === null) return;
    if (chart === null) {
      canvas.current = null;
      group.replaceChildren();
      return;
    }
    canvas.current = chartCanvas(chart);
    canvas.current.light(inspector.lighting.peek());
    group.replaceChildren(canvas.current.element);
    showReadably();
  });

  useSignalEffect(() => {
    // Reads the signal even while there is no chart, or this effect would not run when the lighting changes.
    const lighting = inspector.lighting.value;
    canvas.current?.light(lighting);
    const chart = placed.peek();
    if (chart !== null) view.value = followedView(view.peek(), chart, size.peek(), lighting);
  });

  useSignalEffect(() => {
    const { x, y, scale } = view.value;
    stage.current?.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`);
  });

  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      const { width, height } = element.getBoundingClientRect();
      if (width > 0 && height > 0) size.value = { width, height };
      showReadably();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const { zoomBy, ...gestures } = usePanZoom(frame, view, fitAll);
  const selected = inspector.selected.value;
  const name = inspector.chart.value?.id ?? 'chart';
  const saveSvg = () => {
    if (placed.value === null) return;
    const style = getComputedStyle(document.documentElement);
    const file = chartFile(placed.value, inspector.lighting.value, {
      rules: chartRules(document.styleSheets),
      variable: (variable) => style.getPropertyValue(variable).trim(),
    });
    saveFile(`${name}.svg`, new Blob([file], { type: 'image/svg+xml' }));
  };
  const mermaid = () =>
    placed.value === null ? '' : chartMermaid(placed.value.chart, selected?.states ?? []);
  return (
    <div class="chart-pane">
      <svg
        ref={frame}
        class="chart-frame"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys pan and zoom it.
        tabIndex={0}
        role="img"
        aria-label={chartLabel(inspector)}
        {...gestures}
      >
        <g ref={stage} />
      </svg>
      {selected !== null && selected.chartId === null ? (
        <p class="no-chart">
          The {kindWords[selected.kind]} is code that runs to its end: it has no states.{' '}
          {selected.parentId === null ? null : (
            <button type="button" class="link" onClick={() => inspector.select(selected.parentId)}>
              Show the actor that runs it
            </button>
          )}
        </p>
      ) : null}
      {chartId.value === null ? null : (
        <div class="chart-tools" role="toolbar" aria-label="Chart">
          <Button look="quiet" icon="less" label="Zoom out" onClick={() => zoomBy(1 / 1.25)} />
          <Button look="quiet" icon="add" label="Zoom in" onClick={() => zoomBy(1.25)} />
          <Button look="quiet" icon="fit" label="Fit the chart" onClick={fitAll} />
          <Checkbox
            isChecked={showsActions.value}
            onChange={(isChecked) => {
              showsActions.value = isChecked;
            }}
          >
            actions
          </Checkbox>
          <span class="gap" />
          <Button look="quiet" icon="download" onClick={saveSvg}>
            SVG
          </Button>
          <Button
            look="quiet"
            icon="download"
            onClick={() => saveFile(`${name}.mmd`, new Blob([mermaid()], { type: 'text/vnd.mermaid' }))}
          >
            Mermaid
          </Button>
          <Button
            look="quiet"
            icon="copy"
            label="Copy as Mermaid"
            onClick={() => {
              void copyText(mermaid()).then((isCopied) => {
                inspector.notice.value = isCopied ? 'Copied as Mermaid' : 'The browser did not allow copying';
              });
            }}
          />
        </div>
      )}
    </div>
  );
}

const directions = ['DOWN', 'RIGHT'] as const;

/** The layout that is shown largest in a frame of that size. */
function largest(candidates: readonly PlacedChart[], size: Size): PlacedChart | null {
  const scales = candidates.map((chart) => fittedView(chart, size).scale);
  return candidates[scales.indexOf(Math.max(...scales))] ?? null;
}

function chartLabel(inspector: Inspector): string {
  const chart = inspector.chart.value;
  const states = inspector.selected.value?.states.filter((path) => path !== '') ?? [];
  if (chart === null) return 'No chart';
  return `Statechart ${chart.id}, active: ${states.length === 0 ? 'nothing' : states.join(', ')}`;
}

/** Selects the rules of the page's style sheets that style charts. */
function chartRules(sheets: Iterable<CSSStyleSheet>): readonly string[] {
  return [...sheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) =>
      rule instanceof CSSStyleRule && rule.selectorText.startsWith('.chart') ? [rule.cssText] : [],
    ),
  );
}
