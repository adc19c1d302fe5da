/** A session's title, and the menu of what can be done with the session. */
import { useState } from 'preact/hooks';
import { conversationLimits } from '../../../schema/conversation-limits.ts';
import { Badge } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Dialog } from '../design/dialog.tsx';
import { Icon } from '../design/icon.tsx';
import type { ChatModel, OpenSession } from './chat-model.ts';
import { ModelChoice } from './model-choice.tsx';
import { ParticipantsView } from './participants-view.tsx';
import { shownTitle } from './session-title.ts';

type Asked = 'rename' | 'delete';

export function ConversationHeader({
  model,
  open,
}: {
  readonly model: ChatModel;
  readonly open: OpenSession;
}) {
  const [asked, setAsked] = useState<Asked>();
  const { inspect } = model.permissions.value;
  const { own } = open.permissions.value;
  const { info } = open.snapshot.value;
  const title = info === undefined ? undefined : shownTitle(info.title);
  const done = () => setAsked(undefined);
  return (
    <header class="conversation-header">
      <h1 title={title} dir="auto">
        {title ?? '…'}
      </h1>
      <ParticipantsView
        participants={open.participants.value.value ?? []}
        userId={model.principal.value?.id}
      />
      {info?.status === 'archived' ? <Badge tone="neutral">Archived</Badge> : null}
      {info?.closedAt === undefined ? null : <Badge tone="warn">Closed</Badge>}
      <div class="actions">
        {info === undefined || !own ? null : (
          <ModelChoice model={model} sessionId={open.id} chosen={info.options?.model} />
        )}
        {inspect ? (
          <a
            class="button quiet icon-only"
            href={`inspect?session=${open.id}`}
            aria-label="Inspect this session"
            title="Inspect this session"
          >
            <Icon name="inspect" />
          </a>
        ) : null}
        {own ? <Changes model={model} open={open} onAsked={setAsked} /> : null}
      </div>
      {asked === 'rename' && info !== undefined ? (
        <RenameDialog model={model} id={open.id} title={info.title} onDone={done} />
      ) : null}
      {asked === 'delete' ? (
        <Dialog
          title="Delete this session?"
          confirm="Delete"
          look="danger"
          onCancel={done}
          onConfirm={() => {
            done();
            void model.remove(open.id);
          }}
        >
          <p>“{title}” and all its messages are deleted for everybody. This cannot be undone.</p>
        </Dialog>
      ) : null}
    </header>
  );
}

/** The buttons that change the session. */
function Changes(props: {
  readonly model: ChatModel;
  readonly open: OpenSession;
  readonly onAsked: (what: Asked) => void;
}) {
  const { model, open, onAsked } = props;
  const { info } = open.snapshot.value;
  return (
    <>
      <Button look="quiet" icon="edit" label="Rename" onClick={() => onAsked('rename')} />
      {info === undefined || info.closedAt !== undefined ? null : (
        <Button look="quiet" icon="lock" label="Close" onClick={() => void model.closeSession(open.id)} />
      )}
      {info?.status === 'active' ? (
        <Button look="quiet" icon="archive" label="Archive" onClick={() => void model.archive(open.id)} />
      ) : null}
      {info?.status === 'archived' ? (
        <Button
          look="quiet"
          icon="unarchive"
          label="Unarchive"
          onClick={() => void model.unarchive(open.id)}
        />
      ) : null}
      <Button look="quiet" icon="delete" label="Delete" onClick={() => onAsked('delete')} />
    </>
  );
}

function RenameDialog(props: {
  readonly model: ChatModel;
  readonly id: string;
  readonly title: string;
  readonly onDone: () => void;
}) {
  const [title, setTitle] = useState(props.title);
  const [isBusy, setBusy] = useState(false);
  const wanted = title.trim();
  const save = async () => {
    setBusy(true);
    await props.model.rename(props.id, wanted);
    props.onDone();
  };
  return (
    <Dialog
      title="Rename session"
      confirm="Rename"
      isBusy={isBusy || wanted === ''}
      onConfirm={() => void save()}
      onCancel={props.onDone}
    >
      <label class="field">
        Title
        <input
          value={title}
          maxLength={conversationLimits.titleCharactersMax}
          autofocus
          onFocus={(event) => event.currentTarget.select()}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
    </Dialog>
  );
}
