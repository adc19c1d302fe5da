/** The transitions that the selected actor can take next or, in the past, could have taken instead. */
import type { ChartTransition } from '../chart/chart.ts';
import { targetText, transitionText } from '../chart/chart-words.ts';
import type { Inspector } from '../inspector.ts';

export function NextView({ inspector }: { readonly inspector: Inspector }) {
  const chart = inspector.chart.value;
  const view = inspector.selected.value;
  if (view === null || chart === null) return <p class="hint">This actor has no chart.</p>;
  const untaken = new Set(inspector.untaken.value);
  const transitions = showsUntaken(inspector)
    ? chart.transitions.filter(({ id }) => untaken.has(id))
    : inspector.possible.value;
  const blocked = inspector.commands.value.filter(({ reason }) => reason !== null);
  return (
    <div class="next">
      <p class="hint">{introduction(inspector, transitions.length)}</p>
      <ul>
        {transitions.map((transition) => (
          <li key={transition.id}>
            <Transition inspector={inspector} transition={transition} />
          </li>
        ))}
      </ul>
      {blocked.map(({ command, label, reason }) => (
        <p class="hint" key={command}>
          {label}: {reason}
        </p>
      ))}
    </div>
  );
}

/** In the past what could have been; in the present, and in what-if, what can be. */
function showsUntaken(inspector: Inspector): boolean {
  return inspector.isPast.value && !inspector.isHypothetical.value;
}

function introduction(inspector: Inspector, count: number): string {
  if (showsUntaken(inspector)) {
    return count === 0
      ? 'At this step it could take no other transition, or did nothing.'
      : 'At this step it could have taken one of these instead:';
  }
  return count === 0
    ? 'It has ended.'
    : 'It takes the first of these that is triggered and whose condition holds:';
}

function Transition(props: { readonly inspector: Inspector; readonly transition: ChartTransition }) {
  const { inspector, transition } = props;
  const chart = inspector.chart.value;
  if (chart === null) return null;
  return (
    <>
      <code>{transitionText(chart, transition)}</code>
      <span class="target">{targetText(chart, transition)}</span>
      <span class="from">from {transition.source === '' ? 'any state' : transition.source}</span>
      {transition.actions.length === 0 ? null : <span class="does">{transition.actions.join(', ')}</span>}
    </>
  );
}
