/** The log as a sequence diagram: arrows between lifelines. */
import { useComputed } from '@preact/signals';
import { eventText } from '../chart/chart-words.ts';
import { fittedText, textWidth } from '../chart/text-width.ts';
import type { Inspector } from '../inspector.ts';
import { type Arrow, type Lifeline, sequenceOf } from '../log/sequence.ts';
import { clockText, gapText } from './duration.ts';
import { LogBar } from './event-log-view.tsx';
import { nameOfActor } from './state-words.ts';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 34;
const gap = 132;
const margin = 150;
const labelSize = 11;

export function SequenceView({ inspector }: { readonly inspector: Inspector }) {
  const sequence = useComputed(() =>
    sequenceOf(inspector.shownLog.value, (id) => nameOfActor(id, inspector.actors.peek().all)),
  );
  const { lifelines, arrows } = sequence.value;
  const isPast = inspector.isPast.value;
  const seq = inspector.past.step.value?.seq ?? null;
  const active = isPast ? arrows.findIndex(({ entry }) => entry.key === seq) : -1;
  const width = margin + gap * lifelines.length;
  return (
    <div class="log">
      <LogBar inspector={inspector} />
      <div class="sequence">
        <div class="sequence-page" style={{ width: `${width}px` }}>
          <svg class="lifeline-heads" width={width} height={30} role="img" aria-label="Actors of the diagram">
            {lifelines.map(({ id, name }, place) => (
              <g key={id}>
                <rect x={lineX(place) - 58} y={3} width={116} height={23} rx={5} />
                <text x={lineX(place)} y={19} text-anchor="middle">
                  {fittedText(name, labelSize, 106)}
                  <title>{id}</title>
                </text>
              </g>
            ))}
          </svg>
          <VirtualList
            label="Messages"
            role="listbox"
            count={arrows.length}
            rowHeight={rowHeight}
            active={active}
            followsEnd={!isPast}
            onActive={(index) => {
              const { entry } = arrows[index] ?? {};
              if (isPast && entry !== undefined) inspector.moveTo(Math.ceil(entry.key));
            }}
            row={(index) => (
              <ArrowRow
                arrow={arrows[index]}
                before={arrows[index - 1]}
                lifelines={lifelines}
                width={width}
              />
            )}
            empty={<p>Nothing has been said yet.</p>}
          />
        </div>
      </div>
    </div>
  );
}

function lineX(place: number): number {
  return margin + gap * place - 40;
}

function ArrowRow(props: {
  readonly arrow: Arrow | undefined;
  readonly before: Arrow | undefined;
  readonly lifelines: readonly Lifeline[];
  readonly width: number;
}) {
  const { arrow, before, lifelines, width } = props;
  if (arrow === undefined) return null;
  const { entry } = arrow;
  const from = lineX(arrow.from);
  const to = lineX(arrow.to);
  const isSelf = from === to;
  const y = 24;
  const count = entry.count > 1 ? ` ×${entry.count}` : '';
  const text = `${entry.kind === 'spawned' ? 'new ' : ''}${eventText(entry.type)}${count}`;
  const middle = isSelf ? from + 34 + textWidth(text, labelSize) / 2 : (from + to) / 2;
  const time = before === undefined ? clockText(entry.at) : gapText(entry.at - before.entry.at);
  return (
    <svg class={`arrow-row ${entry.kind}`} width={width} height={rowHeight} role="img">
      <title>{`${lifelines[arrow.from]?.name} to ${lifelines[arrow.to]?.name}: ${text}`}</title>
      {lifelines.map(({ id }, place) => (
        <path key={id} class="lifeline" d={`M${lineX(place)},0 v${rowHeight}`} />
      ))}
      <text class="time" x={4} y={y}>
        {time}
      </text>
      <path
        class="message"
        d={isSelf ? `M${from},12 h24 v12 h-18` : `M${from},${y} H${to + Math.sign(from - to) * 6}`}
      />
      <path class="head" d={headAt(isSelf ? from : to, y, isSelf || to < from ? 1 : -1)} />
      <text class="what" x={middle} y={isSelf ? 22 : 18} text-anchor="middle">
        {text}
      </text>
    </svg>
  );
}

/** `side` is 1 when the arrow points to the left. */
function headAt(x: number, y: number, side: 1 | -1): string {
  return `M${x},${y} l${side * 8},-4 v8 Z`;
}
