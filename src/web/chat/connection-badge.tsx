/** Shows how the page is connected, and when it will try again. */
import { useEffect, useState } from 'preact/hooks';
import type { RetryWait } from '../../client/client.ts';
import { Badge } from '../design/badge.tsx';
import type { ChatModel } from './chat-model.ts';

export function ConnectionBadge({ model }: { readonly model: ChatModel }) {
  return (
    <div class="connection" role="status">
      <ConnectionWords model={model} />
    </div>
  );
}

function ConnectionWords({ model }: { readonly model: ChatModel }) {
  const seconds = useSecondsLeft(model.retry.value);
  switch (model.connection.value) {
    case 'live':
      return <Badge tone="good">Connected</Badge>;
    case 'closed':
      return <Badge tone="bad">Disconnected; reload the page</Badge>;
    case 'connecting':
    case 'reconnecting': {
      const what = navigator.onLine ? 'Reconnecting' : 'Offline';
      if (seconds === undefined) {
        return (
          <Badge tone="warn" busy>
            {model.connection.value === 'connecting' ? 'Connecting…' : `${what}…`}
          </Badge>
        );
      }
      return (
        <>
          <Badge tone="warn" busy>
            {what}
            {/* Seconds that pass are not read out one by one. */}
            <span aria-hidden="true">{` in ${seconds} s`}</span>
          </Badge>
          <button type="button" class="link" onClick={model.client.retryNow}>
            Now
          </button>
        </>
      );
    }
  }
}

/** Whole seconds until the wait is over; `undefined` without a wait. */
function useSecondsLeft(wait: RetryWait | undefined): number | undefined {
  const [left, setLeft] = useState<number>();
  useEffect(() => {
    if (wait === undefined) {
      setLeft(undefined);
      return;
    }
    const end = performance.now() + wait.delayMs;
    const count = () => setLeft(Math.max(1, Math.ceil((end - performance.now()) / 1000)));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [wait]);
  return left;
}
