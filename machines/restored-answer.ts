/** An answer as its stored message tells it, for a turn that goes on with it. */
import type { MessageFact } from '../schema/chat-message.ts';
import type { MessageMark } from '../schema/message-part.ts';
import { millisecondsOf } from '../schema/timestamp.ts';
import type { RestoredAnswer } from './answer.ts';

/** All its reasoning has ended: what was open is lost with its actor, or is known from the turn's last step. */
export function restoredAnswer({
  content,
  marks = [],
  createdAt,
  usage,
  model,
  author,
}: MessageFact): RestoredAnswer {
  const reasoning = reasoningOf(marks);
  return {
    text: content,
    createdAt: millisecondsOf(createdAt),
    marks,
    reasoning: reasoning === '' ? null : { text: reasoning, open: false },
    ...(usage === undefined ? {} : { usage }),
    ...(model === undefined ? {} : { model }),
    ...(author === undefined ? {} : { author }),
  };
}

function reasoningOf(marks: readonly MessageMark[]): string {
  return marks.map(({ part }) => (part?.type === 'reasoning' ? part.text : '')).join('');
}
