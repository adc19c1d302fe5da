/** The list of sessions, and the state of the connection. On a phone it is a drawer. */
import type { ListedSession } from '../../client/followed.ts';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import type { ChatModel } from './chat-model.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { SessionRow } from './session-row.tsx';
import { ThemePicker } from './theme-picker.tsx';

export type SidebarProps = {
  readonly model: ChatModel;
  readonly isOpen: boolean;
  readonly onShow: (id: string | undefined) => void;
  readonly onClose: () => void;
  readonly onHelp: () => void;
};

export function Sidebar({ model, isOpen, onShow, onClose, onHelp }: SidebarProps) {
  const { value, error } = model.sessions.value;
  const archived = model.archivedSessions.value;
  const shown = model.openSession.value?.id;
  const { begin } = model.permissions.value;
  const rows = (sessions: readonly ListedSession[]) =>
    sessions.map((session) => (
      <SessionRow key={session.id} session={session} isShown={session.id === shown} onShow={onShow} />
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
        <div class="lists">
          {value === undefined && error === undefined ? <RowsToCome /> : null}
          {error === undefined ? null : <p class="empty">The sessions cannot be read: {error.message}</p>}
          {value?.length === 0 ? (
            <p class="empty">
              {begin ? 'Sessions appear here as soon as you send a message.' : 'No session is open to you.'}
            </p>
          ) : null}
          <ul>{rows(model.activeSessions.value)}</ul>
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
