/** A message that waits until the answers before it have ended. */
import type { SessionMessage } from '../../client/client.ts';
import { Button } from '../design/button.tsx';
import { MessageView } from './message-view.tsx';

export function WaitingView(props: { readonly message: SessionMessage; readonly onRemove: () => void }) {
  const { message, onRemove } = props;
  return (
    <article class={`turn waiting ${message.role}`} data-message={message.id}>
      <MessageView message={message} />
      <p class="sending">
        Waits for its turn
        <Button look="quiet" icon="close" label="Remove" onClick={onRemove} />
      </p>
    </article>
  );
}
