/** The field in which the user writes a message. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { conversationLimits } from '../../../schema/conversation-limits.ts';
import type { FileId } from '../../../schema/ids.ts';
import type { Saying } from '../../client/client.ts';
import { Button } from '../design/button.tsx';
import { lazily } from '../design/lazily.tsx';
import type { AttachmentListProps } from './attachment-list.tsx';
import type { ChatModel } from './chat-model.ts';
import type { ChosenFiles } from './chosen-files.ts';
import { StopButton } from './stop-button.tsx';

export type ComposerProps = {
  readonly model: ChatModel;
  /** The session whose draft is written; `''` for a new one. */
  readonly draftKey: string;
  readonly isAnswering: boolean;
  /** True, or a promise of true, when the message is being sent: the text is kept until then. */
  readonly onSend: (said: Saying) => boolean | Promise<boolean>;
};

const charactersMax = conversationLimits.messageCharactersMax;
/** A longer text that is pasted becomes a file of the message, UTF-16 units and lines. */
const pastedUnitsMax = 50_000;
const pastedLinesMax = 2000;
/** From this length on, the remaining room is shown. */
const charactersNear = charactersMax * 0.9;

const AttachmentList = lazily<AttachmentListProps>(
  async () => (await import('./attachment-list.tsx')).AttachmentList,
);

export function Composer({ model, draftKey, isAnswering, onSend }: ComposerProps) {
  const [text, setText] = useState(model.drafts.get(draftKey) ?? '');
  const [isSending, setSending] = useState(false);
  const [attached, setAttached] = useState<ChosenFiles>();
  const [isDropped, setDropped] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const files = attached?.files.value ?? [];
  const isUploading = files.some(({ fileId, failure }) => fileId === undefined && failure === undefined);
  const isRefused = files.some(({ failure }) => failure !== undefined);
  // The server counts characters, not UTF-16 units.
  const characters = text.length > charactersNear ? [...text].length : text.length;
  const isTooLong = characters > charactersMax;
  const isEmpty = text.trim() === '' && files.length === 0;
  const cannotSend = isEmpty || isTooLong || isSending || isUploading || isRefused;

  const write = (next: string) => {
    setText(next);
    if (next === '') model.drafts.delete(draftKey);
    else model.drafts.set(draftKey, next);
  };
  const send = async () => {
    if (cannotSend) return;
    setSending(true);
    const ids = files.flatMap(({ fileId }) => fileId ?? []);
    if (await onSend(saying(text, ids))) {
      write('');
      attached?.clear();
    }
    setSending(false);
  };

  const attach = async (chosen: Iterable<File>) => {
    // A list of the browser's changes with its field.
    const list = [...chosen];
    if (list.length === 0) return;
    const all = await model.attached(draftKey);
    all.add(list);
    setAttached(all);
    field.current?.focus();
  };

  const { isKnown } = model.drafts;
  useEffect(() => {
    if (!isKnown.value) return;
    setText((now) => (now === '' ? (model.drafts.get(draftKey) ?? '') : now));
    if (model.drafts.files(draftKey).length > 0) model.attached(draftKey).then(setAttached, () => {});
  }, [isKnown.value]);

  useEffect(() => {
    // On a phone, focus would open a keyboard that covers half of the page.
    if (matchMedia('(hover: hover)').matches) field.current?.focus();
  }, []);

  return (
    <form
      class="composer"
      onDragOver={(event) => {
        if (event.dataTransfer?.types.includes('Files') !== true) return;
        event.preventDefault();
        setDropped(true);
      }}
      onDragLeave={() => setDropped(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDropped(false);
        void attach(event.dataTransfer?.files ?? []);
      }}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {attached === undefined ? null : <AttachmentList attached={attached} />}
      <div class={`box ${isTooLong ? 'too-long' : ''} ${isDropped ? 'dropped' : ''}`}>
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          aria-label="Files to attach"
          onChange={(event) => {
            void attach(event.currentTarget.files ?? []);
            event.currentTarget.value = '';
          }}
        />
        <Button look="quiet" icon="attach" label="Attach files" onClick={() => chooser.current?.click()} />
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
          onPaste={(event) => {
            const pasted = pastedFiles(event.clipboardData);
            if (pasted.length === 0) return;
            event.preventDefault();
            void attach(pasted);
          }}
          onKeyDown={(event) => {
            // While an input method composes characters, Enter belongs to it.
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void send();
          }}
        />
        {isAnswering ? <StopButton model={model} /> : null}
        <Button type="submit" look="primary" icon="send" label="Send" disabled={cannotSend} />
      </div>
      <p id="composer-hint" class="hint">
        {isSending && model.connection.value !== 'live' ? (
          'It is sent as soon as the connection is there.'
        ) : isUploading ? (
          'It can be sent when its files are there.'
        ) : isRefused ? (
          'Remove the files that could not be sent.'
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

/**
 * The files that were pasted. A very long text is one, too: in the field, the browser would be busy with it at each key. But
 * models are not given a file of more than some bytes, whereas a message may be longer.
 */
function pastedFiles(pasted: DataTransfer | null): readonly File[] {
  const files = [...(pasted?.files ?? [])];
  const text = files.length > 0 ? '' : (pasted?.getData('text/plain') ?? '');
  const isLong = text.length > pastedUnitsMax || text.split('\n', pastedLinesMax + 1).length > pastedLinesMax;
  const file = new File(isLong ? [text] : [], 'Pasted text.txt', { type: 'text/plain' });
  return isLong && file.size <= conversationLimits.attachedTextBytesMax ? [file] : files;
}

/** Plain text where it is short enough; parts may be longer, and hold files. */
function saying(text: string, fileIds: readonly FileId[]): Saying {
  const isPlain = fileIds.length === 0 && text.length <= conversationLimits.contentCharactersMax;
  if (isPlain) return text;
  const files = fileIds.map((fileId) => ({ type: 'file' as const, fileId }));
  return text.trim() === '' ? files : [{ type: 'text', text }, ...files];
}
