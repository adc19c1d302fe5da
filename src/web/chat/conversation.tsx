/** One session: its messages, the work done for them, and the field for the next message. */
import { useEffect, useMemo } from 'preact/hooks';
import type { Participant } from '../../client/administration.ts';
import type { SessionRun } from '../../client/followed.ts';
import { Button } from '../design/button.tsx';
import { Announcer } from './announcer.tsx';
import type { ChatModel, OpenSession } from './chat-model.ts';
import { ClosedBar } from './closed-bar.tsx';
import { Composer } from './composer.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import { useEndFollowing } from './end-following.ts';
import { choicesOf } from './model-choice.tsx';
import { OutgoingView } from './outgoing-view.tsx';
import { ReadOnlyBar } from './read-only-bar.tsx';
import { isShared, speakersOf } from './speakers.ts';
import { Thread } from './thread.tsx';

const nobody: readonly Participant[] = [];
const noRuns: readonly SessionRun[] = [];

export function Conversation({ model, open }: { readonly model: ChatModel; readonly open: OpenSession }) {
  const snapshot = open.snapshot.value;
  const known = new Set(snapshot.messages.map(({ id }) => String(id)));
  const outgoing = open.outbox.messages.value.filter(({ id }) => !known.has(id));
  const isAnswering = snapshot.activity !== 'idle';
  const offer = open.offer.value.value ?? undefined;
  const retry = open.retry.value.value ?? undefined;
  const { begin } = model.permissions.value;
  const { write, own } = open.permissions.value;
  const participants = open.participants.value.value ?? nobody;
  const user = model.principal.value;
  const names = isShared(snapshot.messages, participants, user);
  // The same as long as it says the same: messages are drawn again with another one.
  const speakerOf = useMemo(
    () => (names && user !== undefined ? speakersOf(participants, user) : undefined),
    [names, participants, user?.id],
  );
  const providers = model.providers.value;
  const isOpen = snapshot.info !== undefined && snapshot.info.closedAt === undefined;
  // The same objects as long as they say the same: each message is drawn with them.
  const tools = useMemo(
    () => ({
      client: model.client,
      actions: write ? open.messages : undefined,
      choices: choicesOf(providers ?? []),
      canFork: begin,
      isOpen,
    }),
    [open, write, providers, begin, isOpen],
  );
  const calls = useMemo(() => (own ? open.calls : { ...open.calls, decide: undefined }), [open, own]);
  const { scroller, content, isAtEnd, toEnd } = useEndFollowing();
  const newest = outgoing.at(-1)?.id;
  useEffect(() => {
    // A message that the user sends must be visible.
    if (newest !== undefined) toEnd();
  }, [newest]);

  const isClosedToUser = open.participants.value.error?.code === 'not_found';
  if (snapshot.status === 'deleted' || isClosedToUser) {
    const about =
      snapshot.status === 'deleted'
        ? 'It was deleted, here or somewhere else.'
        : 'You take part in it no longer, or it was deleted.';
    return (
      <Apology title="This session is gone" about={about}>
        {begin ? (
          <Button look="primary" icon="add" onClick={() => model.show(undefined)}>
            New session
          </Button>
        ) : null}
      </Apology>
    );
  }
  if (snapshot.status === 'failed') {
    return (
      <Apology title="This session cannot be read" about={snapshot.error?.message ?? ''}>
        <Button look="primary" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </Apology>
    );
  }
  return (
    <div class="conversation">
      <ConversationHeader model={model} open={open} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <section class="scroller" ref={scroller} tabIndex={0} aria-label="Conversation">
        <div class="thread" ref={content}>
          {snapshot.status === 'loading' ? <p class="loading">Reading the session…</p> : null}
          {snapshot.status === 'current' && snapshot.messages.length + outgoing.length === 0 ? (
            <p class="loading">Nothing was said here yet.</p>
          ) : null}
          <Thread
            snapshot={snapshot}
            runs={open.runs.value.value ?? noRuns}
            offer={offer}
            retry={retry}
            versions={open.versions.value}
            tools={tools}
            speakerOf={speakerOf}
            drafts={model.drafts}
            actions={calls}
          />
          {outgoing.map((message) => (
            <OutgoingView key={message.id} open={open} message={message} isNamed={speakerOf !== undefined} />
          ))}
        </div>
      </section>
      {isAtEnd ? null : (
        <Button class="to-end" icon="down" onClick={toEnd}>
          Latest
        </Button>
      )}
      <Announcer snapshot={snapshot} isOffered={offer !== undefined} retry={retry} />
      {!write ? (
        <ReadOnlyBar isByRole={model.permissions.value.write} />
      ) : snapshot.info?.closedAt === undefined ? (
        <Composer
          model={model}
          draftKey={open.id}
          isAnswering={isAnswering}
          onSend={(said) => {
            model.send(open, said);
            return true;
          }}
        />
      ) : (
        <ClosedBar model={model} sessionId={open.id} isAnswering={isAnswering} canReopen={own} />
      )}
    </div>
  );
}

function Apology(props: {
  readonly title: string;
  readonly about: string;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <div class="apology" role="alert">
      <h1>{props.title}</h1>
      <p>{props.about}</p>
      {props.children}
    </div>
  );
}
