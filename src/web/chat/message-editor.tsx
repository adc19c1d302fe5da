/** Edits a question in its place. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Saying, SessionMessage } from '../../client/client.ts';
import { Button } from '../design/button.tsx';

export type MessageEditorProps = {
  readonly message: SessionMessage;
  /** The text that was written before and not sent; `undefined`: there is none. */
  readonly draft: string | undefined;
  /** `undefined`: nothing need be kept. */
  readonly onDraft: (text: string | undefined) => void;
  /** False when the server refused it: the text stays. */
  readonly onSend: (said: Saying) => Promise<boolean>;
  readonly onClose: () => void;
};

export function MessageEditor({ message, draft, onDraft, onSend, onClose }: MessageEditorProps) {
  const [text, setText] = useState(draft ?? message.content);
  const [isSending, setSending] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const waits = message.queueRank !== undefined;
  const isEmpty = text.trim() === '';

  useEffect(() => {
    const { current } = field;
    current?.focus();
    current?.setSelectionRange(current.value.length, current.value.length);
  }, []);

  const close = () => {
    onDraft(undefined);
    onClose();
  };
  const send = async () => {
    if (isEmpty || isSending) return;
    if (text === message.content && waits) return close();
    setSending(true);
    if (!(await onSend(saidAgain(message, text)))) return setSending(false);
    close();
    // Another message stands here now. On a phone, focus would open a keyboard that covers half of the page.
    if (!waits && matchMedia('(hover: hover)').matches)
      document.querySelector<HTMLElement>('#composer')?.focus();
  };
  return (
    <form
      class="message-editor"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        value={text}
        aria-label="Edit message"
        onInput={(event) => {
          setText(event.currentTarget.value);
          onDraft(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') {
            // Escape would stop the answer.
            event.stopPropagation();
            close();
          } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <div class="actions">
        <Button look="quiet" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" look="primary" disabled={isEmpty || isSending}>
          {waits ? 'Save' : 'Send'}
        </Button>
      </div>
    </form>
  );
}

/** The message with another text: what else it consists of, such as its files, stays. */
function saidAgain({ parts }: SessionMessage, text: string): Saying {
  return [
    { type: 'text', text },
    ...parts.flatMap((part): Exclude<Saying, string> => {
      if (part.type === 'file') return [{ type: part.type, fileId: part.fileId }];
      return part.type === 'source' || part.type === 'data' ? [part] : [];
    }),
  ];
}
