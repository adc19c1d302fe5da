/** How a stored session stands, and the choices that filter by it. */
import { Badge, type BadgeTone } from '../../design/badge.tsx';
import {
  type SessionOutcome,
  type Standing,
  type StandingFilter,
  sessionOutcomes,
} from '../time/standing.ts';
import { durationText } from './duration.ts';

const outcomeWords: Readonly<Record<SessionOutcome, readonly [word: string, tone: BadgeTone]>> = {
  waiting: ['waits for a person', 'warn'],
  failed: ['failed', 'bad'],
  interrupted: ['interrupted', 'bad'],
  running: ['running', 'good'],
  queued: ['queued', 'good'],
  cancelled: ['cancelled', 'neutral'],
  completed: ['completed', 'neutral'],
};

export function StandingMark({ standing }: { readonly standing: Standing }) {
  const { outcome, durationMs, reason } = standing;
  if (outcome === null) return null;
  const [word, tone] = outcomeWords[outcome];
  return (
    <>
      <Badge tone={tone}>{word}</Badge>{' '}
      {durationMs === null || outcome === 'waiting' ? '' : `${durationText(durationMs)} · `}
      {reason === null ? '' : `${reason} · `}
    </>
  );
}

export function StandingFilters(props: {
  readonly filter: StandingFilter;
  readonly standings: readonly Standing[];
  readonly onFilter: (filter: StandingFilter) => void;
}) {
  const { filter, standings, onFilter } = props;
  const choice = (
    name: 'outcome' | 'state' | 'tool' | 'model',
    label: string,
    choices: readonly (readonly [value: string, word: string])[],
  ) => (
    <select
      aria-label={label}
      value={filter[name]}
      onChange={(event) => onFilter({ ...filter, [name]: event.currentTarget.value })}
    >
      <option value="">every {label.toLowerCase()}</option>
      {choices.map(([value, word]) => (
        <option key={value} value={value}>
          {word}
        </option>
      ))}
    </select>
  );
  const day = (name: 'from' | 'to', label: string) => (
    <label class="day">
      {label}
      <input
        type="date"
        value={filter[name]}
        onInput={(event) => onFilter({ ...filter, [name]: event.currentTarget.value })}
      />
    </label>
  );
  return (
    <div class="standing-filters">
      {choice(
        'outcome',
        'Outcome',
        sessionOutcomes.map((outcome) => [outcome, outcomeWords[outcome][0]]),
      )}
      {choice('state', 'State', [
        ['active', 'active'],
        ['closed', 'closed'],
        ['archived', 'archived'],
      ])}
      {choice(
        'tool',
        'Tool',
        named(standings, ({ tools }) => tools),
      )}
      {choice(
        'model',
        'Model',
        named(standings, ({ models }) => models),
      )}
      {day('from', 'from')}
      {day('to', 'to')}
    </div>
  );
}

function named(
  standings: readonly Standing[],
  of: (standing: Standing) => ReadonlySet<string>,
): readonly (readonly [string, string])[] {
  const names = new Set(standings.flatMap((standing) => [...of(standing)]));
  return [...names].sort().map((name) => [name, name]);
}
