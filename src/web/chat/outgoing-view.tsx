/** A message that the server has not accepted yet. */
import { Button } from '../design/button.tsx';
import { PlainText } from '../design/plain-text.tsx';
import type { OpenSession } from './chat-model.ts';
import { SpeakerName } from './speaker-name.tsx';
import { type OutgoingMessage, saidText } from './unsent-messages.ts';

export function OutgoingView({
  open,
  message,
  isNamed,
}: {
  readonly open: OpenSession;
  readonly message: OutgoingMessage;
  /** Whether messages say who wrote them. */
  readonly isNamed: boolean;
}) {
  const { id, said, failure } = message;
  const files = typeof said === 'string' ? 0 : said.filter(({ type }) => type === 'file').length;
  return (
    <article class="turn user">
      <div class={`message user ${failure === undefined ? 'under-way' : 'refused'}`}>
        <h2 class={isNamed ? 'speaker' : 'unseen'}>
          <SpeakerName speaker={{ who: 'you' }} />
        </h2>
        <div class="plain" dir="auto">
          <PlainText text={saidText(said)} />
        </div>
        {files === 0 ? null : <p>{files === 1 ? 'With a file' : `With ${files} files`}</p>}
      </div>
      {failure === undefined ? (
        <p class="sending">Sending…</p>
      ) : (
        <div class="run-failure" role="alert">
          <span>{failure}</span>
          <Button onClick={() => open.outbox.send(open.session, said, id)}>Send again</Button>
          <Button look="quiet" onClick={() => open.outbox.remove(id)}>
            Discard
          </Button>
        </div>
      )}
    </article>
  );
}
