/**
 * Goal: the chat page says below each question and answer how it ended, whoever answered. Method: conversations as the
 * client library lists them, with their runs.
 */
import { describe, expect, it } from 'vitest';
import type { ChatMessage, MessageStatus } from '../../../../schema/chat-message.ts';
import { engineErrorTable } from '../../../../schema/engine-error.ts';
import type { MessageId } from '../../../../schema/ids.ts';
import { traceIdSchema } from '../../../../schema/ids.ts';
import { runEndReasons } from '../../../../schema/run-end-reasons.ts';
import type { SessionRun } from '../../../../schema/session-run.ts';
import type { TraceMetadata } from '../../../../schema/trace.ts';
import { shown } from '../../../../src/client/session/session-state.ts';
import { endingOf } from '../../../../src/web/chat/ending.ts';
import { shownExchanges } from '../../../../src/web/chat/shown-exchanges.ts';
import { message, messageId } from '../../client/sample-frames.ts';

const question = (count: number) => message(count, 'A question', { role: 'user' });
const answer = (count: number, asked: number, status: MessageStatus = 'complete') =>
  message(count, 'An answer', { role: 'assistant', promptId: messageId(asked), status });
/** One to no question. */
const pushed = (count: number, status: MessageStatus = 'complete') => answer(count, count, status);

function run(of: number, metadata: TraceMetadata = {}): SessionRun {
  const at = '2026-01-01T00:00:00.000Z';
  const status = metadata['error'] === undefined ? 'completed' : 'failed';
  return {
    messageId: messageId(of),
    trace: {
      id: traceIdSchema.parse(`30000000-0000-4000-8000-${String(of).padStart(12, '0')}`),
      name: 'engine.run',
      status,
      createdAt: at,
      updatedAt: at,
      metadata,
    },
    toolCalls: [],
  };
}

const exchanges = (messages: readonly ChatMessage[], runs: readonly SessionRun[] = []) =>
  shownExchanges(
    messages.map(shown),
    Map.groupBy(runs, ({ messageId }) => messageId),
  );

type Parts = readonly (MessageId | undefined)[];
const idsOf = (messages: readonly ChatMessage[], runs: readonly SessionRun[] = []): readonly Parts[] =>
  exchanges(messages, runs).map(({ question, answer, run }) => [question?.id, answer?.id, run?.messageId]);
const ids = (...counts: readonly (number | undefined)[]): Parts =>
  counts.map((count) => (count === undefined ? undefined : messageId(count)));

describe('exchanges', () => {
  it('[WEB16] have the question with its answer, and what an agent said without being asked alone', () => {
    const messages = [question(1), answer(2, 1), pushed(3), pushed(4), question(5)];
    expect(idsOf(messages, [run(1), run(3), run(4), run(5)])).toEqual([
      ids(1, 2, 1),
      ids(undefined, 3, 3),
      ids(undefined, 4, 4),
      ids(5, undefined, 5),
    ]);
    expect(idsOf([pushed(1)], [run(1)])).toEqual([ids(undefined, 1, 1)]);
  });

  it('[WEB5] have the last run of a question that was asked again', () => {
    const [only] = exchanges([question(1), answer(3, 1)], [run(1, { error: 'A' }), run(1, { error: 'B' })]);
    expect(only?.run?.trace.metadata).toEqual({ error: 'B' });
  });

  it('[WEB5] keep every message, in its order, though it neither asks nor answers', () => {
    const told = message(3, 'A note', { role: 'assistant' });
    const rules = message(4, 'Be kind', { role: 'system' });
    const messages = [told, question(1), answer(2, 1), rules, pushed(5), question(6)];
    const all = exchanges(messages, [run(4)]);
    expect(all.flatMap((exchange) => exchange.messages.map(({ id }) => id))).toEqual(
      messages.map(({ id }) => id),
    );
    expect(all.map((exchange) => exchange.question?.id)).toEqual(ids(undefined, 1, 4, undefined, 6));
  });
});

describe('the ending', () => {
  const { agentSilent, agentEmpty, cancelled, serverStopped, serverStopping } = runEndReasons;
  const lost = 'The agent stopped responding before the answer was complete.';
  const stopped = 'The server stopped before the answer was complete.';
  const ended = (answer: ChatMessage | undefined, error?: string, agent?: string) => {
    const metadata = {
      ...(error === undefined ? {} : { error }),
      ...(agent === undefined ? {} : { agent }),
    };
    return endingOf({
      answer: answer === undefined ? undefined : shown(answer),
      run: error === undefined ? undefined : run(1, metadata),
    });
  };

  it.each<[MessageStatus, string | undefined, string]>([
    ['interrupted', agentSilent, lost],
    ['interrupted', undefined, lost],
    ['failed', 'No forecast today', 'The agent failed: No forecast today'],
    ['failed', agentEmpty, 'The agent finished without an answer'],
    ['failed', undefined, 'The agent failed.'],
    ['cancelled', cancelled, 'Cancelled'],
    ['cancelled', undefined, 'Cancelled'],
  ])('[WEB16] of a pushed answer that is %s, with the reason %j, is told', (status, reason, words) => {
    const look = status === 'cancelled' ? 'mark' : 'failure';
    expect(ended(pushed(1, status), reason, 'weather')).toEqual({ look, words });
  });

  it.each<[MessageStatus, string | undefined, string]>([
    ['interrupted', serverStopped, stopped],
    ['interrupted', serverStopping, stopped],
    ['interrupted', undefined, stopped],
    // An agent had claimed the question.
    ['interrupted', agentSilent, lost],
    ['failed', 'socket hang up', 'The answer failed. Ask again; the details say more.'],
    ['failed', undefined, 'The answer failed. Ask again.'],
    ['cancelled', cancelled, 'Cancelled'],
  ])('[WEB5] of an answer to a question that is %s, with the reason %j, is told', (status, reason, words) => {
    const look = status === 'cancelled' ? 'mark' : 'failure';
    expect(ended(answer(2, 1, status), reason)).toEqual({ look, words });
  });

  it('[WEB5] of a question to which nothing was said is that of its run', () => {
    expect(ended(undefined)).toBeUndefined();
    expect(ended(undefined, cancelled)).toEqual({ look: 'mark', words: 'Cancelled' });
    expect(ended(undefined, 'socket hang up')).toEqual({
      look: 'failure',
      words: 'The answer failed. Ask again; the details say more.',
    });
    expect(ended(undefined, agentSilent)).toEqual({ look: 'failure', words: lost });
  });

  it('[WEB5] of a failure of a known kind says what can be done, and not what the provider said', () => {
    for (const errorCode of Object.keys(engineErrorTable)) {
      const told = endingOf({
        answer: shown(answer(2, 1, 'failed')),
        run: run(1, { error: 'HTTP 418: teapot', errorCode }),
      });
      expect(told?.words).toMatch(/\. .|Ask again|Tell|Choose/);
      expect(told?.words).not.toContain('teapot');
    }
  });

  it('[WEB5] is not told of an answer that is whole or grows', () => {
    expect(ended(pushed(1))).toBeUndefined();
    expect(ended(pushed(1, 'streaming'))).toBeUndefined();
    expect(ended(answer(2, 1, 'cut-off'))?.look).toBe('mark');
  });
});
