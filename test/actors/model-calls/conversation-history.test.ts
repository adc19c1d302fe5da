/**
 * Conversation history. Goal: what a model is told is what happened. Method: lives of sessions that are drawn at random
 * and lived by the real actors, against what somebody remembers who was there; and examples of what the rows say.
 */
import { describe, expect, it } from 'vitest';
import { cutResult, exchangesOf } from '../../../actors/model-calls/conversation-history.ts';
import type { MessageFact, MessageRole } from '../../../schema/chat-message.ts';
import type { ConversationWindow, PastCall, PastTurn } from '../../../schema/conversation-window.ts';
import type { MessageId, SessionId, ToolCallId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';
import { passes } from '../../named-property.ts';
import { toldLines } from '../../property/history/remembered-life.ts';
import { history } from '../../property/history.ts';

const sessionId = idOf<SessionId>(idKinds.session, 1);

function message(count: number, content: string, role: MessageRole = 'user'): MessageFact {
  const id = idOf<MessageId>(idKinds.prompt, count);
  return { id, sessionId, role, content, createdAt: '2026-11-27T12:00:00.000Z' };
}

function turn(prompt: MessageFact, told: Partial<PastTurn>): PastTurn {
  return { promptId: prompt.id, status: 'completed', text: '', steps: [], calls: [], ...told };
}

const call = (count: number, step: number, result: string | null, failed = false): PastCall => ({
  id: idOf<ToolCallId>(idKinds.call, count),
  step,
  name: `tool${count}`,
  argumentsJson: '{}',
  result,
  resultCharacters: result?.length ?? 0,
  failed,
});

const ended = (step: number, answerUnits: number) =>
  ({ step, answerUnits, finishReason: 'tool-calls', usage: {} }) as const;

/** Everything before the prompt, as lines. */
function told(messages: readonly MessageFact[], turns: readonly PastTurn[]): readonly string[] {
  const window: ConversationWindow = {
    path: [],
    messages: [...messages, message(99, 'next')],
    turns,
    continued: [],
    isCut: false,
  };
  const all = exchangesOf(window).flatMap((one) =>
    (one.pinned === null ? [] : [one.pinned]).concat(one.messages),
  );
  return toldLines(all.map((one) => one.message));
}

describe('the history that a model is told', () => {
  it('[I14] [HIS1] [HIS2] [HIS3] [HIS4] [MDL6] is what happened, whatever became of the turns', async () => {
    const { counts } = await passes(history);
    expect(counts['model calls']).toBeGreaterThan(500);
    expect(counts['bounded model calls']).toBeGreaterThan(50);
  }, 300_000);

  it('[HIS1] keeps steps as steps: text, its calls, their results, the next text', () => {
    const asked = message(1, 'q');
    const lived = turn(asked, {
      text: 'First A.Now B.Done.',
      steps: [ended(1, 8), ended(2, 14)],
      calls: [call(1, 1, 'a'), call(2, 2, 'b')],
    });
    expect(told([asked], [lived])).toEqual([
      'user: q',
      'assistant: First A. tool1({})',
      'result of tool1: a',
      'assistant: Now B. tool2({})',
      'result of tool2: b',
      'assistant: Done.',
    ]);
  });

  it('[HIS2] says of a call without a result that there is none', () => {
    const asked = message(1, 'q');
    expect(told([asked], [turn(asked, { status: 'interrupted', calls: [call(1, 1, null)] })])).toEqual([
      'user: q',
      'assistant:  tool1({})',
      'failure of tool1: Interrupted: there is no result',
      'assistant: [This answer was interrupted before it was complete.]',
    ]);
  });

  it('[HIS3] adds what became of a turn that did not end well to what it said last', () => {
    const [one, two, three] = [message(1, '1'), message(2, '2'), message(3, '3')];
    const turns = [
      turn(one, { status: 'cancelled', text: 'Half of' }),
      turn(two, { status: 'failed', text: 'Let me see.', steps: [ended(1, 11)], calls: [call(1, 1, 'a')] }),
      turn(three, { status: 'cancelled' }),
    ];
    expect(told([one, two, three], turns)).toEqual([
      'user: 1',
      'assistant: Half of\n\n[This answer was cancelled before it was complete.]',
      'user: 2',
      'assistant: Let me see. tool1({})',
      'result of tool1: a',
      'assistant: [This answer failed before it was complete.]',
      'user: 3',
      'assistant: [This answer was cancelled before it was complete.]',
    ]);
  });

  it('[HIS4] gives no provider a blank text', () => {
    const [one, two] = [message(1, '\n \t'), message(2, 'q')];
    const stored = message(3, ' ', 'assistant');
    const turns = [
      turn(one, { text: '\n\n ' }),
      turn(two, { text: '  so', steps: [ended(1, 2)], calls: [call(1, 1, ' \n')] }),
    ];
    expect(told([one, two, stored, message(4, ' ', 'system'), message(5, '', 'tool')], turns)).toEqual([
      'user: [an empty message]',
      'assistant: [This answer failed before it was complete.]',
      'user: q',
      'assistant:  tool1({})',
      'result of tool1: [nothing]',
      'assistant: so',
      'user: Result of a tool: [nothing]',
    ]);
  });

  it('[HIS1] tells the calls of a turn from before steps were kept, before its text', () => {
    const asked = message(1, 'q');
    expect(told([asked], [turn(asked, { text: 'Done.', calls: [call(1, 1, 'a')] })])).toEqual([
      'user: q',
      'assistant:  tool1({})',
      'result of tool1: a',
      'assistant: Done.',
    ]);
  });

  it('[MDL6] cuts long results and says of how much', () => {
    const long = 'x'.repeat(limits.toolResultModelUnitsMax + 5);
    expect(cutResult(long, long.length, limits.toolResultModelUnitsMax)).toMatch(
      /^x+\n\[cut: 5 of \d+ characters are left out\]$/,
    );
    expect(cutResult('😀'.repeat(10), 10, 10)).toBe(
      `${'😀'.repeat(5)}\n[cut: 5 of 10 characters are left out]`,
    );
  });
});
