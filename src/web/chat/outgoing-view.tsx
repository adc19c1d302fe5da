/** A message that the server has not accepted yet. */
import { Button } from '../design/button.tsx';
import type { OpenSession } from './chat-model.ts';
import type { OutgoingMessage } from './unsent-messages.ts';

export function OutgoingView({
  open,
  message,
}: {
  readonly open: OpenSession;
  readonly message: OutgoingMessage;
}) {
  const { id, content, failure } = message;
  return (
    <article class="turn user">
      <div class={`message user ${failure === undefined ? 'under-way' : 'refused'}`}>
        <h2 class="unseen">You</h2>
        <div class="plain">{content}</div>
      </div>
      {failure === undefined ? (
        <p class="sending">Sending…</p>
      ) : (
        <div class="run-failure" role="alert">
          <span>{failure}</span>
          <Button onClick={() => open.outbox.send(open.session, content, id)}>Send again</Button>
          <Button look="quiet" onClick={() => open.outbox.remove(id)}>
            Discard
          </Button>
        </div>
      )}
    </article>
  );
}
