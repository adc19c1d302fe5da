/** What waits for a person, and what failed in the last hour, of all sessions, whether they are in memory or not. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Inspector } from '../inspector.ts';
import { type Standing, standingsOf } from '../time/standing.ts';
import { durationText } from './duration.ts';
import { StandingMark } from './standing-filters.tsx';

const readEveryMs = 5000;
const hourMs = 3_600_000;
/** How many are listed. */
const listedMax = 50;

export function TroublesView({ inspector }: { readonly inspector: Inspector }) {
  const found = useSignal<readonly (readonly [sessionId: string, standing: Standing])[]>([]);
  const titles = useSignal<ReadonlyMap<string, string>>(new Map());
  const isRefused = inspector.refused.value !== null;
  useEffect(() => {
    if (isRefused) return;
    let isOver = false;
    const read = async () => {
      if (document.hidden) return;
      const standings = standingsOf(await inspector.troubles());
      if (isOver) return;
      found.value = [...standings]
        .filter(
          ([, { outcome, since }]) =>
            outcome === 'waiting' || (since ?? 0) > inspector.present.now() - hourMs,
        )
        .toSorted(([, one], [, other]) => rank(other) - rank(one) || (other.since ?? 0) - (one.since ?? 0));
      if (found.value.some(([id]) => !titles.value.has(id))) {
        const sessions = await inspector.sessions();
        titles.value = new Map(sessions.map(({ id, title }) => [id, title]));
      }
    };
    // A server that does not answer is told by the badge already; the next time may succeed.
    const tryToRead = () => void read().catch(() => {});
    tryToRead();
    const timer = setInterval(tryToRead, readEveryMs);
    return () => {
      isOver = true;
      clearInterval(timer);
    };
  }, [inspector, found, titles, isRefused]);
  inspector.tick.value;
  if (found.value.length === 0) return null;
  const now = inspector.present.now();
  return (
    <details class="troubles" open>
      <summary>{summaryOf(found.value.map(([, standing]) => standing))}</summary>
      <ul>
        {found.value.slice(0, listedMax).map(([id, standing]) => (
          <li key={id}>
            <button
              type="button"
              onClick={() =>
                standing.outcome === 'waiting'
                  ? inspector.select(`session.${id}`)
                  : inspector.replay(id, Number.MAX_SAFE_INTEGER)
              }
            >
              <b dir="auto">{titles.value.get(id) ?? id.slice(0, 8)}</b>
              <span>
                <StandingMark standing={standing} />
                {standing.since === null ? '' : `${durationText(now - standing.since)} ago`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function rank({ outcome }: Standing): number {
  return outcome === 'waiting' ? 1 : 0;
}

function summaryOf(standings: readonly Standing[]): string {
  const waiting = standings.filter(({ outcome }) => outcome === 'waiting').length;
  const failed = standings.length - waiting;
  return [
    ...(waiting === 0 ? [] : [`${waiting} waiting for a person`]),
    ...(failed === 0 ? [] : [`${failed} failed in the last hour`]),
  ].join(', ');
}
