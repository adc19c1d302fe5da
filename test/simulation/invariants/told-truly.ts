/**
 * I14. What a model is given is the life of its session as the journal has it, told in order: by the events alone,
 * without the rows that the system reads.
 */
import type { ModelMessage } from '../../../actors/ports.ts';
import type { MessageRole } from '../../../schema/chat-message.ts';
import type { DomainEvent, DomainEventOf } from '../../../schema/event-catalogue.ts';
import type { TurnOutcome } from '../../../schema/turn-record.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('I14');

type Call = { readonly name: string; readonly step: number; result: string | null; failed: boolean };

type Turn = {
  readonly promptId: string;
  readonly answerId: string;
  readonly failureId: string;
  /** Where the text of each step ends. */
  readonly ends: Map<number, number>;
  readonly calls: Map<string, Call>;
  outcome: TurnOutcome | null;
};

type Message = { readonly id: string; readonly role: MessageRole; content: string };

/** The events of one session, folded. */
class Life {
  readonly messages = new Map<string, Message>();
  readonly turns = new Map<string, Turn>();

  hear(event: DomainEvent): void {
    switch (event.type) {
      case 'message.created':
      case 'message.updated':
        this.messages.set(event.data.id, { ...event.data });
        return;
      case 'message.checkpoint': {
        const message = this.messages.get(event.data.messageId);
        if (message !== undefined)
          message.content = message.content.slice(0, event.data.offset) + event.data.text;
        return;
      }
      case 'turn.queued': {
        const { turnId, promptId, answerId, failureId } = event.data;
        this.turns.set(turnId, {
          promptId,
          answerId,
          failureId,
          ends: new Map(),
          calls: new Map(),
          outcome: null,
        });
        return;
      }
      case 'turn.step.ended':
        this.turns.get(event.data.turnId)?.ends.set(event.data.step, event.data.answerUnits);
        return;
      case 'tool.call':
      case 'tool.result':
        this.#hearCall(event);
        return;
      case 'turn.ended': {
        const turn = this.turns.get(event.data.turnId);
        if (turn !== undefined) turn.outcome = event.data.outcome;
        return;
      }
      default:
        return;
    }
  }

  #hearCall({ data, record }: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>): void {
    const calls = this.turns.get(record.turnId)?.calls;
    const call = calls?.get(data.id) ?? {
      name: data.name,
      step: record.step ?? 1,
      result: null,
      failed: false,
    };
    call.result = record.result ?? null;
    call.failed = data.status === 'failed';
    calls?.set(data.id, call);
  }

  /** One list of lines for each message up to the one to answer, with what its turn did. */
  told(promptId: string): readonly (readonly string[])[] {
    const turns = [...this.turns.values()];
    const ofTurns = new Set(turns.flatMap(({ answerId, failureId }) => [answerId, failureId]));
    const said = [...this.messages.values()].filter(({ id }) => !ofTurns.has(id));
    const at = said.findIndex(({ id }) => id === promptId);
    return said.slice(0, at + 1).map(({ id, role, content }) => {
      const turn = turns.find((one) => one.promptId === id);
      const line = lineOf(id === promptId ? 'user' : role, content);
      return [...(line === null ? [] : [line]), ...(turn === undefined ? [] : this.#lived(turn))];
    });
  }

  #lived({ answerId, ends, calls, outcome }: Turn): readonly string[] {
    const text = this.messages.get(answerId)?.content ?? '';
    const lines: string[] = [];
    let from = 0;
    for (const step of [...new Set([...calls.values()].map((call) => call.step))].sort((a, b) => a - b)) {
      const to = ends.get(step) ?? from;
      const asked = [...calls.values()].filter((call) => call.step === step);
      const piece = text.slice(from, to);
      lines.push(`assistant: ${isBlank(piece) ? '' : piece} calls ${asked.map(({ name }) => name).join()}`);
      for (const { name, result, failed } of asked) lines.push(resultLine(name, result ?? '', failed));
      from = to;
    }
    const rest = text.slice(from);
    const note = outcome === null || (outcome === 'completed' && !isBlank(text)) ? null : noteOf(outcome);
    const last = [isBlank(rest) ? null : rest, note].filter((one) => one !== null);
    return last.length === 0 ? lines : [...lines, `assistant: ${last.join('\n\n')}`];
  }
}

const isBlank = (text: string) => /^[\s\p{Cc}\p{Cf}]*$/u.test(text);

function noteOf(outcome: TurnOutcome): string {
  const ended = outcome === 'cancelled' || outcome === 'interrupted' ? `was ${outcome}` : 'failed';
  return `[This answer ${ended} before it was complete.]`;
}

function lineOf(role: MessageRole, content: string): string | null {
  if (role === 'user') return `user: ${isBlank(content) ? '[an empty message]' : content}`;
  if (role === 'tool') return `user: Result of a tool: ${isBlank(content) ? '[nothing]' : content}`;
  if (isBlank(content)) return null;
  return `${role === 'assistant' ? 'assistant' : 'system'}: ${content}`;
}

/** A result that had to make room is known by its beginning. */
function resultLine(name: string, result: string, failed: boolean): string {
  return `${failed ? 'failure' : 'result'} of ${name}: ${isBlank(result) ? '[nothing]' : result.slice(0, 300)}`;
}

function givenLine(message: ModelMessage): string {
  if (message.role === 'tool') return resultLine(message.name, message.content, message.failed);
  if (message.role !== 'assistant') return `${message.role}: ${message.content}`;
  const calls = message.toolCalls.map(({ name }) => name).join();
  return `assistant: ${message.content}${calls === '' ? '' : ` calls ${calls}`}`;
}

const isMarker = (line: string) =>
  line.startsWith('system: [') && line.includes('left out: there was no room');

export const toldTruly: Invariant = {
  name: 'I14',
  says: 'What a model is given is what happened: every started call with its one result, in order.',
  watch: () => {
    const lives = new Map<string, Life>();
    return {
      hear: (fact) => {
        if (fact.kind === 'committed') {
          const { event } = fact;
          if (event.sessionId === null) return;
          const life = lives.get(event.sessionId) ?? new Life();
          lives.set(event.sessionId, life);
          life.hear(event);
        } else if (fact.kind === 'modelCalled') {
          const told = lives.get(fact.sessionId)?.told(fact.promptId) ?? [];
          const given = fact.conversation.map(givenLine);
          const fits = given.some(isMarker) ? endsAlike(given, told) : isSame(given, told.flat());
          holds(
            fits,
            () => `the model was given ${shown(given)}, and what happened is ${shown(told.flat())}`,
          );
        }
      },
    };
  },
};

/** The newest of it, whole: what was said as system may go for longer. */
function endsAlike(given: readonly string[], told: readonly (readonly string[])[]): boolean {
  const isTalk = (line: string) => !line.startsWith('system: ');
  const talk = given.filter(isTalk);
  let expected: readonly string[] = [];
  for (const lines of told.toReversed()) {
    if (expected.length >= talk.length) break;
    expected = [...lines.filter(isTalk), ...expected];
  }
  return isSame(talk, expected);
}

function isSame(given: readonly string[], expected: readonly string[]): boolean {
  return given.length === expected.length && given.every((line, index) => line === expected[index]);
}

function shown(lines: readonly string[]): string {
  return JSON.stringify(lines.map((line) => (line.length > 100 ? `${line.slice(0, 100)}…` : line)));
}
