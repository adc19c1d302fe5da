/** Stops the answer that is being given. */
import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import type { ChatModel } from './chat-model.ts';

/** Show it only while there is an answer: it counts as pressed until it is gone. */
export function StopButton({ model }: { readonly model: ChatModel }) {
  const [isStopping, setStopping] = useState(false);
  const stop = async () => {
    setStopping(true);
    await model.stop();
  };
  return (
    <Button class="stop" icon="stop" disabled={isStopping} onClick={() => void stop()}>
      {isStopping ? 'Stopping…' : 'Stop'}
    </Button>
  );
}
