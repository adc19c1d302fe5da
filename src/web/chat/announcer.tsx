/** Tells assistive technology that an answer has begun, and reads it once it has ended; not every piece of it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionSnapshot } from '../../client/client.ts';
import type { TurnRetrying } from '../../client/followed.ts';
import { retryWords } from './retry-view.tsx';

/** How much of a long answer is read out, UTF-16 units. */
const unitsMax = 400;

export function Announcer(props: {
  readonly snapshot: SessionSnapshot;
  /** Whether what is asked waits for an outside agent. */
  readonly isOffered: boolean;
  /** A model call that is made again. */
  readonly retry: TurnRetrying | undefined;
}) {
  const { snapshot, isOffered, retry } = props;
  const [words, setWords] = useState('');
  const wasAnswering = useRef(false);
  const isAnswering = snapshot.activity !== 'idle';
  const last = snapshot.messages.findLast(({ queueRank }) => queueRank === undefined);
  useEffect(() => {
    if (isAnswering) setWords(isOffered ? 'Waiting for an agent…' : 'Answering…');
    else if (wasAnswering.current && last?.role === 'assistant') setWords(spoken(last.content));
    wasAnswering.current = isAnswering;
  }, [isAnswering, isOffered]);
  useEffect(() => {
    if (retry !== undefined) setWords(retryWords(retry));
  }, [retry]);
  return (
    <div class="unseen" role="log" aria-live="polite">
      {words}
    </div>
  );
}

function spoken(content: string): string {
  const isLong = content.length > unitsMax;
  return `Answer: ${content.slice(0, unitsMax).toWellFormed()}${isLong ? ' … and more.' : ''}`;
}
