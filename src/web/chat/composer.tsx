/** The field in which the user writes a message. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { conversationLimits } from '../../../schema/conversation-limits.ts';
import { Button } from '../design/button.tsx';
import type { ChatModel } from './chat-model.ts';
import { StopButton } from './stop-button.tsx';

export type ComposerProps = {
  readonly model: ChatModel;
  /** The session whose draft is written; `''` for a new one. */
  readonly draftKey: string;
  readonly isAnswering: boolean;
  /** True, or a promise of true, when the message is being sent: the text is kept until then. */
  readonly onSend: (text: string) => boolean | Promise<boolean>;
};

const charactersMax = conversationLimits.contentCharactersMax;
/** From this length on, the remaining room is shown. */
const charactersNear = charactersMax * 0.9;

export function Composer({ model, draftKey, isAnswering, onSend }: ComposerProps) {
  const [text, setText] = useState(model.drafts.get(draftKey) ?? '');
  const [isSending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  // The server counts characters, not UTF-16 units.
  const characters = text.length > charactersNear ? [...text].length : text.length;
  const isTooLong = characters > charactersMax;
  const isEmpty = text.trim() === '';

  const write = (next: string) => {
    setText(next);
    if (next === '') model.drafts.delete(draftKey);
    else model.drafts.set(draftKey, next);
  };
  const send = async () => {
    if (isEmpty || isTooLong || isSending) return;
    setSending(true);
    if (await onSend(text)) write('');
    setSending(false);
  };

  useEffect(() => {
    // On a phone, focus would open a keyboard that covers half of the page.
    if (matchMedia('(hover: hover)').matches) field.current?.focus();
  }, []);

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class={`box ${isTooLong ? 'too-long' : ''}`}>
        <label class="unseen" for="composer">
          Message
        </label>
        <textarea
          id="composer"
          ref={field}
          rows={1}
          value={text}
          placeholder={isAnswering ? 'Write the next message…' : 'Write a message…'}
          aria-describedby="composer-hint"
          aria-invalid={isTooLong}
          onInput={(event) => write(event.currentTarget.value)}
          onKeyDown={(event) => {
            // While an input method composes characters, Enter belongs to it.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        {isAnswering ? <StopButton model={model} /> : null}
        <Button
          type="submit"
          look="primary"
          icon="send"
          label="Send"
          disabled={isEmpty || isTooLong || isSending}
        />
      </div>
      <p id="composer-hint" class="hint">
        {isSending && model.connection.value !== 'live' ? (
          'It is sent as soon as the connection is there.'
        ) : characters > charactersNear ? (
          <span class={isTooLong ? 'failure' : ''} role={isTooLong ? 'alert' : undefined}>
            {isTooLong
              ? `${characters - charactersMax} characters too many: a message has at most ${charactersMax}.`
              : `${charactersMax - characters} characters left`}
          </span>
        ) : (
          <>
            <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> begins a line, <kbd>Esc</kbd> stops
          </>
        )}
      </p>
    </form>
  );
}
