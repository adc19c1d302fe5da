/** One what-if move: what was let happen, and in words what came of it. */
import type { WaitingTimer } from '../../../../actors/replay/sandbox-timers.ts';
import { eventText, shortened, targetText, transitionText } from '../chart/chart-words.ts';
import type { Inspector } from '../inspector.ts';
import { nameOfPath } from '../log/sequence.ts';
import { isIgnored, type Moved } from '../what-if/outcome.ts';
import { durationText } from './duration.ts';

export function MovedItem({ inspector, moved }: { readonly inspector: Inspector; readonly moved: Moved }) {
  const lines = linesOf(inspector, moved);
  return (
    <>
      <b dir="auto">{moved.label}</b>
      {moved.to === null ? <p>Nobody was there to hear it.</p> : null}
      {moved.to !== null && isIgnored(moved) ? (
        <p>Nothing: in its present state {shortened(nameOfPath(moved.to))} does not handle it.</p>
      ) : null}
      {moved.refusal === null ? null : <p class="bad">Refused: {moved.refusal}</p>}
      {moved.failure === null ? null : <p class="bad">The machines failed: {moved.failure}</p>}
      <ul>
        {lines.map(({ what, text }, index) => (
          <li key={index}>
            <span class="what">{what}</span> <code dir="auto">{text}</code>
          </li>
        ))}
      </ul>
    </>
  );
}

type Line = { readonly what: string; readonly text: string };

function linesOf(inspector: Inspector, { taken, said, started, wouldRun, timers }: Moved): readonly Line[] {
  return [
    ...taken.flatMap(({ actorId, transitions }) =>
      transitions.map((id) => ({
        what: `${nameOfPath(actorId)} takes`,
        text: transitionWordsOf(inspector, actorId, id),
      })),
    ),
    ...started.map((path) => ({ what: 'starts', text: nameOfPath(path) })),
    ...wouldRun.map((path) => ({ what: 'would run', text: `${nameOfPath(path)} (not run here)` })),
    ...timers.map((timer) => ({
      what: 'sets a timer',
      text: `${timerText(timer)}, ${durationText(timer.delayMs)} (waits here)`,
    })),
    ...said.map(({ type, count, preview }) => ({
      what: 'would say',
      text: `${type}${count > 1 ? ` ×${count}` : ''}${preview === null ? '' : ` ${brief(preview)}`}`,
    })),
  ];
}

function transitionWordsOf(inspector: Inspector, actorId: string, id: string): string {
  const chartId = inspector.actors.value.all.get(actorId)?.chartId ?? nameOfPath(actorId);
  const chart = inspector.charts.value.get(chartId);
  const transition = chart?.transitions.find((one) => one.id === id);
  if (chart === undefined || transition === undefined) return eventText(id);
  return `${transitionText(chart, transition)} ${targetText(chart, transition)}`;
}

export function timerText({ event }: WaitingTimer): string {
  return eventText(event);
}

function brief(preview: string): string {
  return preview.length > 160 ? `${preview.slice(0, 159).toWellFormed()}…` : preview;
}
