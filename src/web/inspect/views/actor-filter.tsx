/** The filter of the actor tree. */
import type { ActorKind } from '../../../../schema/actor-view.ts';
import { Checkbox } from '../../design/checkbox.tsx';
import type { Inspector } from '../inspector.ts';
import { everything, statesPresent } from '../tree/actor-tree.ts';
import { kindChoices, kindWords } from './state-words.ts';

const waits: readonly (readonly [ms: number, text: string])[] = [
  [0, 'any time'],
  [1000, 'over 1 s'],
  [5000, 'over 5 s'],
  [15_000, 'over 15 s'],
  [60_000, 'over 1 min'],
  [600_000, 'over 10 min'],
];

export function ActorFilterBar({ inspector }: { readonly inspector: Inspector }) {
  const filter = inspector.filter.value;
  const change = (part: Partial<typeof filter>) => {
    inspector.filter.value = { ...filter, ...part };
  };
  const [kind = ''] = filter.kinds;
  return (
    <search class="filter">
      <input
        type="search"
        aria-label="Search actors"
        placeholder="Search label, id, state, event"
        value={filter.text}
        onInput={(event) => change({ text: event.currentTarget.value })}
      />
      <select
        aria-label="Kind"
        value={kind}
        onChange={(event) => {
          const chosen = kindChoices.find((each) => each === event.currentTarget.value);
          change({ kinds: new Set<ActorKind>(chosen === undefined ? [] : [chosen]) });
        }}
      >
        <option value="">every kind</option>
        {kindChoices.map((each) => (
          <option key={each} value={each}>
            {kindWords[each]}
          </option>
        ))}
      </select>
      <StateChoice inspector={inspector} onChange={(state) => change({ state })} />
      <select
        aria-label="Time in its state"
        value={String(filter.longerThanMs)}
        onChange={(event) => change({ longerThanMs: Number(event.currentTarget.value) })}
      >
        {waits.map(([ms, text]) => (
          <option key={ms} value={String(ms)}>
            {text}
          </option>
        ))}
      </select>
      <Checkbox isChecked={filter.onlyBusy} onChange={(onlyBusy) => change({ onlyBusy })}>
        busy only
      </Checkbox>
      {filter === everything ? null : (
        <button
          type="button"
          class="link"
          onClick={() => {
            inspector.filter.value = everything;
          }}
        >
          Reset
        </button>
      )}
    </search>
  );
}

/** The choices are computed when the menu opens, not at every change of the tree. */
function StateChoice(props: { readonly inspector: Inspector; readonly onChange: (state: string) => void }) {
  const { inspector, onChange } = props;
  const { state } = inspector.filter.value;
  inspector.tick.value;
  const states = new Set([
    ...statesPresent(inspector.actors.peek().all.values()),
    ...(state === '' ? [] : [state]),
  ]);
  return (
    <select aria-label="State" value={state} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">every state</option>
      {[...states].map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  );
}
