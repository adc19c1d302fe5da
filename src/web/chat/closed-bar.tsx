/** In place of the composer, while the session is closed. */
import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import type { ChatModel } from './chat-model.ts';
import { StopButton } from './stop-button.tsx';

export function ClosedBar(props: {
  readonly model: ChatModel;
  readonly sessionId: string;
  readonly isAnswering: boolean;
  readonly canReopen: boolean;
}) {
  const { model, sessionId, isAnswering, canReopen } = props;
  const [isBusy, setBusy] = useState(false);
  const reopen = async () => {
    setBusy(true);
    await model.reopen(sessionId);
    setBusy(false);
  };
  return (
    <div class="composer">
      <div class="box closed" role="status">
        <Icon name="lock" />
        <p class="words">
          This session is closed: it takes no messages.
          {isAnswering ? ' What was asked before is still answered.' : ''}
        </p>
        {isAnswering ? <StopButton model={model} /> : null}
        {canReopen ? (
          <Button look="primary" disabled={isBusy} onClick={() => void reopen()}>
            Reopen
          </Button>
        ) : null}
      </div>
    </div>
  );
}
