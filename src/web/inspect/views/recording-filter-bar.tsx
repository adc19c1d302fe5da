/** The choices that filter recordings by how they stand. */
import type { RecordingFilter, Recordings } from '../time/recordings.ts';
import { outcomeWords } from './standing-mark.tsx';

export function RecordingFilterBar(props: {
  readonly recordings: Pick<Recordings, 'filter' | 'tools' | 'models'>;
  readonly onFilter: (filter: RecordingFilter) => void;
}) {
  const { recordings, onFilter } = props;
  const filter = recordings.filter.value;
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
        Object.entries(outcomeWords).map(([outcome, [word]]) => [outcome, word]),
      )}
      {choice('state', 'State', [
        ['active', 'active'],
        ['closed', 'closed'],
        ['archived', 'archived'],
      ])}
      {choice('tool', 'Tool', named(recordings.tools.value))}
      {choice('model', 'Model', named(recordings.models.value))}
      {day('from', 'from')}
      {day('to', 'to')}
    </div>
  );
}

function named(names: ReadonlySet<string>): readonly (readonly [string, string])[] {
  return [...names].map((name) => [name, name]);
}
