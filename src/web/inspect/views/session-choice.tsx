/** Chooses a stored session to replay. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ChatSession } from '../../../../schema/chat-session.ts';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import {
  anyStanding,
  noStanding,
  passesFilter,
  type Standing,
  type StandingFilter,
  sessionStates,
  standingsOf,
} from '../time/standing.ts';
import { StandingFilters, StandingMark } from './standing-filters.tsx';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 46;
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export function SessionChoice({ inspector }: { readonly inspector: Inspector }) {
  const sessions = useSignal<readonly ChatSession[] | null>(null);
  const text = useSignal('');
  const active = useSignal(-1);
  const standings = useSignal<ReadonlyMap<string, Standing>>(new Map());
  const filter = useSignal<StandingFilter>(anyStanding);
  useEffect(() => {
    inspector.sessions().then(
      (read) => {
        sessions.value = read;
      },
      (error: unknown) => {
        sessions.value = [];
        inspector.notice.value = String(error);
      },
    );
    inspector.work().then(
      (work) => {
        standings.value = standingsOf(work);
      },
      (error: unknown) => {
        inspector.notice.value = String(error);
      },
    );
  }, [inspector, sessions, standings]);
  const standingOf = (sessionId: string) => standings.value.get(sessionId) ?? noStanding;
  const wanted = text.value.trim().toLowerCase();
  const shown = (sessions.value ?? []).filter(
    (session) =>
      `${session.id} ${session.title}`.toLowerCase().includes(wanted) &&
      passesFilter(filter.value, session, standingOf(session.id)),
  );
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
        <StandingFilters
          filter={filter.value}
          standings={[...standings.value.values()]}
          onFilter={(next) => {
            filter.value = next;
          }}
        />
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
                <StandingMark standing={standingOf(session.id)} />
                {sessionStates(session).join(', ')} · {session.id}
              </span>
            </div>
          );
        }}
        empty={
          id === undefined ? (
            <p>{sessions.value === null ? 'Reading…' : 'No session matches.'}</p>
          ) : (
            <Button onClick={() => inspector.replay(id, 0)}>Open the history of {id.slice(0, 8)}</Button>
          )
        }
      />
    </section>
  );
}
