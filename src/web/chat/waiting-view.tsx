/** A message that waits until the answers before it have ended. */
import { Button } from '../design/button.tsx';
import { MessageTurn, type MessageTurnProps } from './message-turn.tsx';

export function WaitingView(props: Pick<MessageTurnProps, 'message' | 'tools' | 'speakerOf' | 'drafts'>) {
  const { message } = props;
  const { actions } = props.tools;
  return (
    <MessageTurn {...props} versions={undefined}>
      <p class="sending">
        Waits for its turn
        {actions === undefined ? null : (
          <Button look="quiet" icon="close" label="Remove" onClick={() => actions.remove(message.id)} />
        )}
      </p>
    </MessageTurn>
  );
}
