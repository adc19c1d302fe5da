/** Exchanges: the parts into which a conversation falls, each with a question and what came of it. */
import type { SessionMessage } from '../../client/client.ts';
import type { SessionRun } from '../../client/followed.ts';

export type ShownExchange = {
  /** `undefined`: nobody asked. An agent outside has begun to speak, or the messages were only stored. */
  readonly question: SessionMessage | undefined;
  /** `undefined`: nothing was said. */
  readonly answer: SessionMessage | undefined;
  /** The last run for the question or, where nobody asked, that of the answer; `undefined`: it is not known. */
  readonly run: SessionRun | undefined;
  /** All of its messages, in order. */
  readonly messages: readonly SessionMessage[];
};

type Growing = ShownExchange & { answer: ShownExchange['answer']; readonly messages: SessionMessage[] };

/** `said`: the messages of a branch, oldest first. */
export function shownExchanges(
  said: readonly SessionMessage[],
  runsOf: ReadonlyMap<SessionRun['messageId'], readonly SessionRun[]>,
): readonly ShownExchange[] {
  const exchanges: Growing[] = [];
  for (const message of said) {
    const isQuestion = message.promptId === undefined && (message.role === 'user' || runsOf.has(message.id));
    const last = exchanges.at(-1);
    if (last === undefined || isQuestion || isUnasked(message)) {
      const question = isQuestion ? message : undefined;
      const answer = message.promptId === undefined ? undefined : message;
      exchanges.push({
        question,
        answer,
        run: runsOf.get(message.promptId ?? message.id)?.at(-1),
        messages: [message],
      });
    } else {
      if (message.promptId !== undefined) last.answer = message;
      last.messages.push(message);
    }
  }
  return exchanges;
}

/** Whether it is an answer that an agent outside gave to no question: it is told as an answer to itself. */
export function isUnasked({ id, promptId }: Pick<SessionMessage, 'id' | 'promptId'>): boolean {
  return promptId === id;
}
