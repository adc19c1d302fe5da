/** Chooses a stored session to replay. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ChatSession } from '../../../../schema/chat-session.ts';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import { anyRecording, type RecordingFilter } from '../time/recordings.ts';
import { RecordingFilterBar } from './recording-filter-bar.tsx';
import { StandingMark } from './standing-mark.tsx';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 46;
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
/** How long the user may pause between two letters before it is looked for, ms. */
const pauseMs = 150;

export function SessionChoice({ inspector }: { readonly inspector: Inspector }) {
  const recordings = useMemo(() => inspector.recordings(), [inspector]);
  const text = useSignal('');
  const active = useSignal(-1);
  const timer = useRef<number>(undefined);
  const filterBy = (changed: Partial<RecordingFilter>) => {
    clearTimeout(timer.current);
    active.value = -1;
    recordings.show({ ...recordings.filter.peek(), ...changed });
  };
  useEffect(() => {
    recordings.show(anyRecording);
    return () => clearTimeout(timer.current);
  }, [recordings]);
  const shown = recordings.found.value;
  const wanted = text.value.trim();
  /** A deleted session is not listed, but its history is kept for a while and can be opened by its id. */
  const id = uuid.exec(wanted)?.[0];
  return (
    <section class="actor-pane" aria-label="Stored sessions">
      <search class="filter">
        <input
          type="search"
          aria-label="Search sessions"
          placeholder="Search title, or paste an id"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
            clearTimeout(timer.current);
            timer.current = window.setTimeout(() => filterBy({ q: text.peek().trim() }), pauseMs);
          }}
        />
        <Button
          look="quiet"
          icon="close"
          label="Back to the actors"
          onClick={() => {
            inspector.isChoosing.value = false;
          }}
        />
        <RecordingFilterBar recordings={recordings} onFilter={filterBy} />
      </search>
      <VirtualList
        label="Stored sessions"
        role="listbox"
        count={shown.length}
        rowHeight={rowHeight}
        active={active.value}
        onActive={(index) => {
          active.value = index;
        }}
        onKey={(key) => {
          const session = shown[active.value];
          if (key !== 'Enter' || session === undefined) return false;
          inspector.replay(session.id, 0);
          return true;
        }}
        rowAttributes={(index) => ({ onClick: () => inspector.replay(shown[index]?.id ?? '', 0) })}
        row={(index) => {
          const session = shown[index];
          return session === undefined ? null : (
            <div class="stored-session">
              <span class="title" dir="auto">
                {session.title}
              </span>
              <span class="time">{new Date(session.updatedAt).toLocaleString()}</span>
              <span class="details">
                <StandingMark standing={session.standing} />
                {stateWords(session)} · {session.id}
              </span>
            </div>
          );
        }}
        empty={
          id === undefined ? (
            <p>{recordings.isReading.value ? 'Reading…' : 'No session matches.'}</p>
          ) : (
            <Button onClick={() => inspector.replay(id, 0)}>Open the history of {id.slice(0, 8)}</Button>
          )
        }
      />
      {shown.length > 0 && recordings.next.value !== null ? (
        <Button look="quiet" disabled={recordings.isReading.value} onClick={() => recordings.more()}>
          {recordings.isReading.value ? 'Reading…' : 'Show more'}
        </Button>
      ) : null}
    </section>
  );
}

function stateWords({ status, closedAt }: Pick<ChatSession, 'status' | 'closedAt'>): string {
  return closedAt === undefined ? status : `${status}, closed`;
}
