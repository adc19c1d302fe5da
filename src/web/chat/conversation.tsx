/** One session: its messages, the work done for them, and the field for the next message. */
import { useEffect, useMemo } from 'preact/hooks';
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
import { Thread } from './thread.tsx';

const noRuns: readonly SessionRun[] = [];

export function Conversation({ model, open }: { readonly model: ChatModel; readonly open: OpenSession }) {
  const snapshot = open.snapshot.value;
  const known = new Set(snapshot.messages.map(({ id }) => String(id)));
  const outgoing = open.outbox.messages.value.filter(({ id }) => !known.has(id));
  const isAnswering = snapshot.activity !== 'idle';
  const offer = open.offer.value.value ?? undefined;
  const retry = open.retry.value.value ?? undefined;
  const { write, begin } = model.permissions.value;
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
  const calls = useMemo(() => (write ? open.calls : { ...open.calls, decide: undefined }), [open, write]);
  const { scroller, content, isAtEnd, toEnd } = useEndFollowing();
  const newest = outgoing.at(-1)?.id;
  useEffect(() => {
    // A message that the user sends must be visible.
    if (newest !== undefined) toEnd();
  }, [newest]);

  if (snapshot.status === 'deleted') {
    return (
      <Apology title="This session is gone" about="It was deleted, here or somewhere else.">
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
            drafts={model.drafts}
            actions={calls}
          />
          {outgoing.map((message) => (
            <OutgoingView key={message.id} open={open} message={message} />
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
        <ReadOnlyBar />
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
        <ClosedBar model={model} sessionId={open.id} isAnswering={isAnswering} />
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
