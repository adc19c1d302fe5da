/** The list of sessions, and the state of the connection. On a phone it is a drawer. */
import { useState } from 'preact/hooks';
import type { ListedSession } from '../../client/followed.ts';
import { Account } from '../access/account.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import type { ChatModel } from './chat-model.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { minutes } from './relative-time.tsx';
import { sessionGroups } from './session-groups.ts';
import { SessionRow } from './session-row.tsx';
import { ThemePicker } from './theme-picker.tsx';

export type SidebarProps = {
  readonly model: ChatModel;
  readonly isOpen: boolean;
  readonly onShow: (id: string | undefined) => void;
  readonly onClose: () => void;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
};

const searchKeys = navigator.userAgent.includes('Mac') ? '⌘ K' : 'Ctrl K';

/** Rows that are shown at first, and with each *Show more*. */
const rowsShown = 200;

export function Sidebar({ model, isOpen, onShow, onClose, onSearch, onHelp }: SidebarProps) {
  const { value, error } = model.sessions.value;
  const archived = model.archivedSessions.value;
  const shown = model.openSession.value?.id;
  const { begin, write } = model.permissions.value;
  const waiting = model.waitingSessions.value;
  const [rowsMax, setRowsMax] = useState(rowsShown);
  const active = model.activeSessions.value;
  // What waits is shown wherever it is in the list, archived or not.
  const first = active.filter(({ id }, index) => index < rowsMax || waiting.has(id) || id === shown);
  const listed = [...first, ...archived.filter(({ id }) => waiting.has(id))];
  const groups = sessionGroups(listed, waiting, new Date(minutes.value));
  const rows = (sessions: readonly ListedSession[]) =>
    sessions.map((session) => (
      <SessionRow
        key={session.id}
        session={session}
        isShown={session.id === shown}
        isWaiting={waiting.has(session.id)}
        onShow={onShow}
        {...(session.status === 'archived' && write
          ? { onUnarchive: (id: string) => void model.unarchive(id) }
          : {})}
      />
    ));
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: what it does, the button and Escape do as well */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: see above */}
      <div class={`veil ${isOpen ? 'open' : ''}`} onClick={onClose} />
      <nav class={`sidebar ${isOpen ? 'open' : ''}`} aria-label="Sessions">
        <header>
          <span class="brand">
            <img src="web/icon.svg" alt="" width="26" height="26" />
            Callboard
          </span>
          <Button class="drawer-button" look="quiet" icon="close" label="Hide sessions" onClick={onClose} />
        </header>
        {begin ? (
          <Button class="new" icon="add" onClick={() => onShow(undefined)}>
            New session
          </Button>
        ) : null}
        <Button class="new" look="quiet" icon="search" onClick={onSearch}>
          Search <kbd>{searchKeys}</kbd>
        </Button>
        <div class="lists">
          {value === undefined && error === undefined ? <RowsToCome /> : null}
          {error === undefined ? null : (
            <p class="empty">
              The sessions cannot be read just now. They appear as soon as the server answers.
            </p>
          )}
          {value?.length === 0 ? (
            <p class="empty">
              {begin ? 'Sessions appear here as soon as you send a message.' : 'No session is open to you.'}
            </p>
          ) : null}
          {groups.map(({ title, sessions }) => (
            <section key={title} aria-label={title}>
              <h2>{title}</h2>
              <ul>{rows(sessions)}</ul>
            </section>
          ))}
          {active.length <= rowsMax ? null : (
            <Button look="quiet" onClick={() => setRowsMax(rowsMax + rowsShown)}>
              Show more
            </Button>
          )}
          {archived.length === 0 ? null : (
            <details open={archived.some(({ id }) => id === shown)}>
              <summary>
                <Icon name="archive" /> Archived ({archived.length})
              </summary>
              <ul>{rows(archived)}</ul>
            </details>
          )}
        </div>
        <footer>
          <Account principal={model.principal.value} onSignOut={model.signOut} />
          <ConnectionBadge model={model} />
          <div class="links">
            <ThemePicker model={model} />
            <button type="button" class="link" onClick={onHelp}>
              Keyboard
            </button>
            <a class="link" href="openapi">
              API
            </a>
          </div>
        </footer>
      </nav>
    </>
  );
}

function RowsToCome() {
  return (
    <div class="rows-to-come" aria-hidden="true">
      <span />
      <span />
      <span />
    </div>
  );
}
