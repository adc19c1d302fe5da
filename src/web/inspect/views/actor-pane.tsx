/** The left side: the tree of actors with its filter, or the list of stored sessions. */

import { eventText } from '../chart/chart-words.ts';
import type { Inspector } from '../inspector.ts';
import { noActorText } from '../time/history-steps.ts';
import type { TreeRow } from '../tree/actor-tree.ts';
import { ActorFilterBar } from './actor-filter.tsx';
import { durationText } from './duration.ts';
import { SessionChoice } from './session-choice.tsx';
import { countsText, kindWords, stateText, titleOf, urgencyTones } from './state-words.ts';
import { TroublesView } from './troubles-view.tsx';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 46;

export function ActorPane(props: { readonly inspector: Inspector; readonly onChosen: () => void }) {
  const { inspector, onChosen } = props;
  if (inspector.isChoosing.value) return <SessionChoice inspector={inspector} />;
  return (
    <section class="actor-pane" aria-label="Actors">
      <div>
        {inspector.isPast.value ? null : <TroublesView inspector={inspector} />}
        <ActorFilterBar inspector={inspector} />
      </div>
      <ActorTree inspector={inspector} onChosen={onChosen} />
    </section>
  );
}

function ActorTree({
  inspector,
  onChosen,
}: {
  readonly inspector: Inspector;
  readonly onChosen: () => void;
}) {
  const rows = inspector.rows.value;
  inspector.tick.value;
  const now = inspector.now();
  const selectedId = inspector.selectedId.value;
  const active = rows.findIndex(({ view }) => view.id === selectedId);
  const fold = (row: TreeRow | undefined, isOpen: boolean) => {
    if (row === undefined || !row.isParent || row.isOpen === isOpen) return;
    const closed = new Set(inspector.closed.value);
    if (isOpen) closed.delete(row.view.id);
    else closed.add(row.view.id);
    inspector.closed.value = closed;
  };
  const onKey = (key: string): boolean => {
    const row = rows[active];
    if (row === undefined) return false;
    if (key === 'Enter') onChosen();
    else if (key === 'ArrowRight') fold(row, true);
    else if (key === 'ArrowLeft') {
      if (row.isParent && row.isOpen) fold(row, false);
      else if (row.depth > 0 && row.view.parentId !== null) inspector.select(row.view.parentId);
    } else return false;
    return true;
  };
  return (
    <VirtualList
      label="Actors"
      role="tree"
      count={rows.length}
      rowHeight={rowHeight}
      active={active}
      onActive={(index) => inspector.select(rows[index]?.view.id ?? null)}
      onKey={onKey}
      rowAttributes={(index) => ({
        'aria-level': (rows[index]?.depth ?? 0) + 1,
        'aria-expanded': rows[index]?.isParent === true ? rows[index].isOpen : undefined,
        onDblClick: onChosen,
      })}
      row={(index) => {
        const row = rows[index];
        return row === undefined ? null : (
          <ActorRow row={row} now={now} onFold={() => fold(row, !row.isOpen)} />
        );
      }}
      empty={<p>{emptyText(inspector)}</p>}
    />
  );
}

function emptyText(inspector: Inspector): string {
  if (inspector.actors.value.all.size > 0) return 'No actor matches the filter.';
  if (inspector.isPast.value) return noActorText(inspector.past.step.value?.basis ?? null);
  return inspector.present.isComplete.value
    ? 'Nothing is running. Send a message and its actors will appear here.'
    : 'Connecting…';
}

/** Actors below this depth are indented no further. */
const depthMax = 4;

function ActorRow({
  row,
  now,
  onFold,
}: {
  readonly row: TreeRow;
  readonly now: number;
  readonly onFold: () => void;
}) {
  const { view, depth, isParent, isOpen, isMatch, urgency } = row;
  const time = view.since === null ? '' : `${view.sinceExact ? '' : '≥ '}${durationText(now - view.since)}`;
  const details = [view.lastEvent === null ? '' : eventText(view.lastEvent.type), countsText(view.counts)];
  return (
    <div
      class={`actor depth-${Math.min(depth, depthMax)} ${isMatch ? '' : 'is-context'} ${view.status === 'active' ? '' : 'has-ended'}`}
    >
      <span
        class={`fold ${isParent ? '' : 'is-leaf'} ${isOpen ? 'is-open' : ''}`}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onFold();
        }}
      />
      <span class={`kind kind-${view.kind}`}>{kindWords[view.kind]}</span>
      <span class="title">{titleOf(view) === kindWords[view.kind] ? '' : titleOf(view)}</span>
      <span class={`state-chip ${urgencyTones[urgency]}`}>{stateText(view)}</span>
      <span class="details">{details.filter((text) => text !== '').join(' · ')}</span>
      <span class="time">{time}</span>
    </div>
  );
}
