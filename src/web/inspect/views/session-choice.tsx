/** Chooses a stored session to replay. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ChatSession } from '../../../../schema/chat-session.ts';
import { Button } from '../../design/button.tsx';
import type { Inspector } from '../inspector.ts';
import { VirtualList } from './virtual-list.tsx';

const rowHeight = 46;
const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

export function SessionChoice({ inspector }: { readonly inspector: Inspector }) {
  const sessions = useSignal<readonly ChatSession[] | null>(null);
  const text = useSignal('');
  const active = useSignal(-1);
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
  }, [inspector, sessions]);
  const wanted = text.value.trim().toLowerCase();
  const shown = (sessions.value ?? []).filter(({ id, title }) =>
    `${id} ${title}`.toLowerCase().includes(wanted),
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
              <span class="title">{session.title}</span>
              <span class="time">{new Date(session.updatedAt).toLocaleString()}</span>
              <span class="details">
                {session.status} · {session.id}
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
