/** Finds sessions by their titles and messages. It is loaded when it is first used. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FoundSession } from '../../client/administration.ts';
import { Icon } from '../design/icon.tsx';
import type { ChatModel } from './chat-model.ts';
import { RelativeTime } from './relative-time.tsx';
import { shownTitle } from './session-title.ts';
import { snippetWords } from './snippet-words.ts';

/** How long the user may pause between two letters before it is looked for, ms. */
const pauseMs = 150;
const sessionsMax = 20;
/** What the server takes, characters. */
const wordsCharactersMax = 200;

type Choice = { readonly sessionId: string; readonly messageId: string | undefined };
type Found = { readonly words: string; readonly sessions: readonly FoundSession[] | undefined };

export type SearchDialogProps = {
  readonly model: ChatModel;
  readonly onShow: (sessionId: string, messageId: string | undefined) => void;
  readonly onClose: () => void;
};

export function SearchDialog({ model, onShow, onClose }: SearchDialogProps) {
  const [words, setWords] = useState('');
  const [found, setFound] = useState<Found>();
  const [at, setAt] = useState(0);
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useLayoutEffect(() => {
    const { current: shown } = dialog;
    shown?.showModal();
    return () => shown?.close();
  }, []);

  const sought = words.trim();
  useEffect(() => {
    setAt(0);
    if (sought === '') {
      setFound(undefined);
      return;
    }
    let isOver = false;
    const timer = setTimeout(async () => {
      const sessions = await model.find({ q: sought, limit: sessionsMax });
      if (!isOver) setFound({ words: sought, sessions });
    }, pauseMs);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [sought]);

  const choices = (found?.sessions ?? []).flatMap(({ id: sessionId, snippets = [] }): Choice[] => [
    { sessionId, messageId: undefined },
    ...snippets.map(({ messageId }) => ({ sessionId, messageId })),
  ]);
  const choose = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    onClose();
    onShow(choice.sessionId, choice.messageId);
  };
  const move = (step: number) => {
    const next = Math.max(0, Math.min(choices.length - 1, at + step));
    setAt(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
  };
  const option = (choice: Choice, content: preact.ComponentChildren) => {
    const index = choices.findIndex(
      ({ sessionId, messageId }) => sessionId === choice.sessionId && messageId === choice.messageId,
    );
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keyboard, as in every combobox
      <div
        id={`${id}-${index}`}
        key={`${choice.sessionId} ${choice.messageId}`}
        role="option"
        tabIndex={-1}
        aria-selected={index === at}
        class={choice.messageId === undefined ? 'found-session' : 'found-message'}
        onClick={() => choose(choice)}
      >
        {content}
      </div>
    );
  };

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={dialog}
      class="dialog search"
      aria-label="Search"
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="search-field">
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-label="Search titles and messages"
          aria-expanded={choices.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={choices.length > 0 ? `${id}-${at}` : undefined}
          placeholder="Search titles and messages"
          dir="auto"
          autofocus
          autocomplete="off"
          maxLength={wordsCharactersMax}
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.isComposing) return;
            if (event.key === 'ArrowDown') move(1);
            else if (event.key === 'ArrowUp') move(-1);
            else if (event.key === 'Enter') choose(choices[at]);
            else return;
            event.preventDefault();
          }}
        />
        <button type="button" class="link" onClick={onClose}>
          Close
        </button>
      </div>
      <p class={choices.length > 0 ? 'unseen' : 'search-words'} role="status">
        {statusWords(sought, found)}
      </p>
      <div class="found" id={`${id}-list`} role="listbox" aria-label="Found sessions">
        {found?.sessions?.map(({ id: sessionId, title, updatedAt, closedAt, status, snippets = [] }) => (
          // biome-ignore lint/a11y/useSemanticElements: options cannot be in a fieldset
          <div role="group" aria-label={shownTitle(title)} key={sessionId}>
            {option(
              { sessionId, messageId: undefined },
              <>
                <span class="title" dir="auto">
                  {shownTitle(title)}
                </span>
                {status === 'archived' ? <Icon name="archive" /> : null}
                {closedAt === undefined ? null : <Icon name="lock" />}
                <RelativeTime at={updatedAt} />
              </>,
            )}
            {snippets.map(({ messageId, text }) =>
              option({ sessionId, messageId }, <span dir="auto">{snippetWords(text)}</span>),
            )}
          </div>
        ))}
      </div>
    </dialog>
  );
}

function statusWords(sought: string, found: Found | undefined): string {
  if (sought === '') return 'Words of a title or a message find its session.';
  if (found?.words !== sought) return 'Searching…';
  if (found.sessions === undefined) return 'The search failed. Try again in a moment.';
  if (found.sessions.length === 0) return `Nothing has “${sought}”.`;
  return `${found.sessions.length} sessions found`;
}
