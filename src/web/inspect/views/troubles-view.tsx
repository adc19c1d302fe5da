/** What waits for a person, and what failed in the last hour, of all sessions, whether they are in memory or not. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Inspector } from '../inspector.ts';
import { type Trouble, troublesOf } from '../time/troubles.ts';
import { durationText } from './duration.ts';
import { StandingMark } from './standing-mark.tsx';

const readEveryMs = 5000;
const hourMs = 3_600_000;
/** How many are listed. */
const listedMax = 50;

export function TroublesView({ inspector }: { readonly inspector: Inspector }) {
  const found = useSignal<readonly (readonly [sessionId: string, trouble: Trouble])[]>([]);
  const titles = useSignal<ReadonlyMap<string, string | undefined>>(new Map());
  const isRefused = inspector.refused.value !== null;
  useEffect(() => {
    if (isRefused) return;
    let isOver = false;
    const read = async () => {
      if (document.hidden) return;
      const troubles = troublesOf(await inspector.troubles());
      if (isOver) return;
      found.value = [...troubles]
        .filter(
          ([, { outcome, since }]) =>
            outcome === 'waiting' || sinceMs(since) > inspector.present.now() - hourMs,
        )
        .toSorted(
          ([, one], [, other]) => rank(other) - rank(one) || sinceMs(other.since) - sinceMs(one.since),
        );
      const untitled = found.value.slice(0, listedMax).filter(([id]) => !titles.value.has(id));
      const read = await Promise.all(untitled.map(([id]) => inspector.titleOf(id)));
      if (isOver || read.length === 0) return;
      titles.value = new Map([...titles.value, ...read]);
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
      <summary>{summaryOf(found.value.map(([, trouble]) => trouble))}</summary>
      <ul>
        {found.value.slice(0, listedMax).map(([id, trouble]) => (
          <li key={id}>
            <button
              type="button"
              onClick={() =>
                trouble.outcome === 'waiting'
                  ? inspector.select(`session.${id}`)
                  : inspector.replay(id, Number.MAX_SAFE_INTEGER)
              }
            >
              <b dir="auto">{titles.value.get(id) ?? id.slice(0, 8)}</b>
              <span>
                <StandingMark standing={trouble} />
                {trouble.since === null ? '' : `${durationText(now - sinceMs(trouble.since))} ago`}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}

function sinceMs(since: Trouble['since']): number {
  return since === null ? 0 : Date.parse(since);
}

function rank({ outcome }: Trouble): number {
  return outcome === 'waiting' ? 1 : 0;
}

function summaryOf(troubles: readonly Trouble[]): string {
  const waiting = troubles.filter(({ outcome }) => outcome === 'waiting').length;
  const failed = troubles.length - waiting;
  return [
    ...(waiting === 0 ? [] : [`${waiting} waiting for a person`]),
    ...(failed === 0 ? [] : [`${failed} failed in the last hour`]),
  ].join(', ');
}
