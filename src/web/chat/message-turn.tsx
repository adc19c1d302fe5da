/** A message with what belongs to it: the reasoning, the work done for it, and the buttons under it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionMessage } from '../../client/client.ts';
import { lazily } from '../design/lazily.tsx';
import type { KeptDrafts } from './kept-drafts.ts';
import type { MessageBarProps, MessageTools } from './message-bar.tsx';
import type { MessageEditorProps } from './message-editor.tsx';
import type { MessageFilesProps } from './message-files.tsx';
import { MessageView } from './message-view.tsx';
import type { SpeakerOf } from './speakers.ts';

// What the user does with messages is loaded after the messages.
const MessageBar = lazily<MessageBarProps>(async () => (await import('./message-bar.tsx')).MessageBar);
const MessageEditor = lazily<MessageEditorProps>(
  async () => (await import('./message-editor.tsx')).MessageEditor,
);
const MessageFiles = lazily<MessageFilesProps>(
  async () => (await import('./message-files.tsx')).MessageFiles,
);

export type MessageTurnProps = {
  readonly message: SessionMessage;
  readonly tools: MessageTools;
  readonly versions: MessageBarProps['versions'];
  /** Who wrote it. */
  readonly speakerOf: SpeakerOf;
  /** Unsent texts; that of an edited message is kept under {@link editKey}. */
  readonly drafts: KeptDrafts;
  /** Above the message. */
  readonly before?: ComponentChildren;
  /** Below the buttons. */
  readonly children?: ComponentChildren;
};

export function MessageTurn(props: MessageTurnProps) {
  const { message, tools, versions, speakerOf, drafts, before, children } = props;
  const { id, role, queueRank, streaming, parts } = message;
  const files = parts.filter((part) => part.type === 'file');
  const [isEdited, setEdited] = useState(drafts.get(editKey(id)) !== undefined);
  const { actions } = tools;
  const isOfOther = role === 'user' && speakerOf !== undefined && speakerOf(message).who !== 'you';
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEdited = useRef(isEdited);
  useEffect(() => {
    if (wasEdited.current && !isEdited) editButton.current?.focus();
    wasEdited.current = isEdited;
  }, [isEdited]);
  return (
    <article
      class={`turn ${role} ${isOfOther ? 'other' : ''} ${queueRank === undefined ? '' : 'waiting'}`}
      data-message={id}
    >
      {before}
      {isEdited && actions !== undefined ? (
        <MessageEditor
          message={message}
          draft={drafts.get(editKey(id))}
          onDraft={(text) => {
            if (text === undefined) drafts.delete(editKey(id));
            else drafts.set(editKey(id), text);
          }}
          onSend={(said) => actions.edit(id, said)}
          onClose={() => setEdited(false)}
        />
      ) : (
        <MessageView message={message} speakerOf={speakerOf} />
      )}
      {files.length === 0 ? null : <MessageFiles client={tools.client} files={files} />}
      {isEdited || streaming ? null : (
        <div class="message-bar">
          <MessageBar
            message={message}
            tools={tools}
            versions={versions}
            onEdit={role === 'user' ? () => setEdited(true) : undefined}
            editButton={editButton}
          />
        </div>
      )}
      {children}
    </article>
  );
}

function editKey(messageId: string): string {
  return `edit ${messageId}`;
}
