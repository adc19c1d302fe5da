/** A message that waits until the answers before it have ended. */
import type { SessionMessage } from '../../client/client.ts';
import { Button } from '../design/button.tsx';
import type { MessageActions } from './message-actions.ts';
import { MessageView } from './message-view.tsx';

export function WaitingView(props: {
  readonly message: SessionMessage;
  /** `undefined`: the user may not. */
  readonly onRemove: MessageActions['remove'] | undefined;
}) {
  const { message, onRemove } = props;
  return (
    <article class={`turn waiting ${message.role}`} data-message={message.id}>
      <MessageView message={message} />
      <p class="sending">
        Waits for its turn
        {onRemove === undefined ? null : (
          <Button look="quiet" icon="close" label="Remove" onClick={() => onRemove(message.id)} />
        )}
      </p>
    </article>
  );
}
