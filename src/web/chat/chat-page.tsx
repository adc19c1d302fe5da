/** The whole page: sessions at the side, the conversation in the middle. */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { lazily } from '../design/lazily.tsx';
import type { ChatModel } from './chat-model.ts';
import { ConnectionBadge } from './connection-badge.tsx';
import { Conversation } from './conversation.tsx';
import { showMessage } from './message-place.ts';
import { NewSession } from './new-session.tsx';
import { NoNewSession } from './no-new-session.tsx';
import { pageTitle } from './page-title.ts';
import type { SearchDialogProps } from './search-dialog.tsx';
import { actionFor, type ShortcutAction } from './shortcuts.ts';
import { ShortcutsDialog } from './shortcuts-dialog.tsx';
import { Sidebar } from './sidebar.tsx';

const SearchDialog = lazily<SearchDialogProps>(
  async () => (await import('./search-dialog.tsx')).SearchDialog,
);

export function ChatPage({ model }: { readonly model: ChatModel }) {
  const isDrawerOpen = useSignal(false);
  const areShortcutsShown = useSignal(false);
  const isSearching = useSignal(false);
  const menu = useRef<HTMLButtonElement>(null);
  const open = model.openSession.value;
  const permissions = model.permissions.value;

  const closeDrawer = () => {
    if (!isDrawerOpen.value) return;
    isDrawerOpen.value = false;
    menu.current?.focus();
  };
  const show = (id: string | undefined) => {
    model.show(id);
    isDrawerOpen.value = false;
    requestAnimationFrame(focusComposer);
  };
  const act = (action: ShortcutAction): void => {
    switch (action) {
      case 'new':
        if (model.permissions.value.begin) show(undefined);
        return;
      case 'next':
      case 'previous': {
        const id = model.neighbour(action === 'next' ? 1 : -1);
        if (id !== undefined) show(id);
        return;
      }
      case 'write':
        focusComposer();
        return;
      case 'search':
        isSearching.value = true;
        return;
      case 'help':
        areShortcutsShown.value = true;
        return;
      case 'escape':
        if (isDrawerOpen.value) closeDrawer();
        else if (isAnswering(model)) void model.stop();
    }
  };

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      // While a dialog is open, shortcuts do not work.
      if (document.querySelector('dialog[open]') !== null) return;
      const action = actionFor(event);
      if (action === undefined) return;
      event.preventDefault();
      act(action);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);

  useSignalEffect(() => {
    const shown = model.openSession.value;
    const snapshot = shown?.snapshot.value;
    const waiting = model.waitingSessions.value;
    const isWaiting = shown !== undefined && waiting.has(shown.id);
    document.title = pageTitle({
      session: snapshot?.info?.title,
      isLost: model.connection.value === 'reconnecting' || model.connection.value === 'closed',
      isWaiting,
      isAnswering: snapshot !== undefined && snapshot.activity !== 'idle',
      othersWaiting: waiting.size - (isWaiting ? 1 : 0),
    });
  });

  return (
    <div class="chat-page">
      {(open === undefined ? permissions.begin : open.permissions.value.write) ? (
        <button type="button" class="skip" onClick={focusComposer}>
          Skip to the message field
        </button>
      ) : null}
      <Sidebar
        model={model}
        isOpen={isDrawerOpen.value}
        onShow={show}
        onClose={closeDrawer}
        onSearch={() => {
          isSearching.value = true;
        }}
        onHelp={() => {
          areShortcutsShown.value = true;
        }}
      />
      <main class="stage">
        <Button
          class="drawer-button"
          look="quiet"
          icon="menu"
          label="Show sessions"
          focus={menu}
          onClick={() => {
            isDrawerOpen.value = true;
          }}
        />
        {/* On a phone the sidebar, which says it otherwise, is out of sight. */}
        {model.connection.value === 'live' ? null : (
          <div class="stage-connection">
            <ConnectionBadge model={model} />
          </div>
        )}
        {open !== undefined ? (
          <Conversation key={open.id} model={model} open={open} />
        ) : permissions.begin ? (
          <NewSession model={model} />
        ) : (
          <NoNewSession permissions={permissions} />
        )}
      </main>
      {model.notice.value === undefined ? null : (
        <div class="notice" role="alert">
          <div>
            {model.notice.value.words}
            {model.notice.value.details === undefined ? null : (
              <details>
                <summary>Details</summary>
                <code>{model.notice.value.details}</code>
              </details>
            )}
          </div>
          <Button
            look="quiet"
            icon="close"
            label="Dismiss"
            onClick={() => {
              model.notice.value = undefined;
            }}
          />
        </div>
      )}
      {isSearching.value ? (
        <SearchDialog
          model={model}
          onShow={(id, messageId) => {
            show(id);
            if (messageId !== undefined) showMessage(messageId);
          }}
          onClose={() => {
            isSearching.value = false;
          }}
          onFailed={() => {
            isSearching.value = false;
            model.notice.value = { words: 'The search cannot be loaded just now. Try again in a moment.' };
          }}
        />
      ) : null}
      {areShortcutsShown.value ? (
        <ShortcutsDialog
          permissions={permissions}
          onClose={() => {
            areShortcutsShown.value = false;
          }}
        />
      ) : null}
    </div>
  );
}

function focusComposer(): void {
  document.querySelector<HTMLTextAreaElement>('#composer')?.focus();
}

function isAnswering(model: ChatModel): boolean {
  const activity = model.openSession.value?.snapshot.value.activity;
  return activity !== undefined && activity !== 'idle';
}
