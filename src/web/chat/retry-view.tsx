/** A model call that failed and is made again: why, when, and how often it was tried. */
import { useEffect, useState } from 'preact/hooks';
import type { TurnRetrying } from '../../client/followed.ts';

export function RetryView({ retry }: { readonly retry: TurnRetrying }) {
  const { attempt, attemptsMax } = retry;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [retry]);
  const seconds = Math.ceil((Date.parse(retry.retryAt) - now) / 1000);
  return (
    <span class="retry">
      {seconds > 0
        ? `${reasonOf(retry)}, trying again in ${seconds} s, attempt ${attempt} of ${attemptsMax}`
        : `Trying again, attempt ${attempt} of ${attemptsMax}…`}
    </span>
  );
}

/** Read out once for each attempt, so without a number that changes. */
export function retryWords(retry: TurnRetrying): string {
  return `${reasonOf(retry)}, trying again soon, attempt ${retry.attempt} of ${retry.attemptsMax}`;
}

function reasonOf({ errorCode }: TurnRetrying): string {
  switch (errorCode) {
    case 'rate_limited':
    case 'overloaded':
      return 'Busy';
    case 'timeout':
      return 'No answer in time';
    default:
      return 'The model cannot be reached';
  }
}
