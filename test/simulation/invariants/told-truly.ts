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
  /** Where its text begins in its answer. */
  readonly continuesAt: number;
  readonly queuedAt: number;
  /** Where the text of each step ends. */
  readonly ends: Map<number, number>;
  readonly calls: Map<string, Call>;
  begun: boolean;
  outcome: TurnOutcome | null;
};

type Message = {
  readonly id: string;
  readonly role: MessageRole;
  content: string;
  readonly parentId: string | null;
  /** Is it an answer? */
  readonly promptId: string | undefined;
  readonly createdAt: string;
};

/** The events of one session, folded. */
class Life {
  readonly messages = new Map<string, Message>();
  readonly turns = new Map<string, Turn>();

  hear(event: DomainEvent): void {
    switch (event.type) {
      case 'message.created':
      case 'message.updated':
        this.messages.set(event.data.id, {
          ...event.data,
          parentId: event.data.parentId ?? null,
          promptId: event.data.promptId,
        });
        return;
      case 'message.deleted':
        this.#prune(event.data.id);
        return;
      case 'message.checkpoint': {
        const message = this.messages.get(event.data.messageId);
        if (message !== undefined)
          message.content = message.content.slice(0, event.data.offset) + event.data.text;
        return;
      }
      case 'turn.queued': {
        const { turnId, promptId, answerId, continuesAt = 0 } = event.data;
        // One that moves in the queue is known.
        if (this.turns.has(turnId)) return;
        this.turns.set(turnId, {
          promptId,
          answerId,
          continuesAt,
          queuedAt: event.at,
          ends: new Map(),
          calls: new Map(),
          begun: false,
          outcome: null,
        });
        return;
      }
      case 'turn.started': {
        const turn = this.turns.get(event.data.turnId);
        if (turn !== undefined) turn.begun = true;
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

  #prune(id: string): void {
    this.messages.delete(id);
    for (const [turnId, { promptId, answerId }] of this.turns) {
      if (promptId === id || answerId === id) this.turns.delete(turnId);
    }
    for (const { id: below, parentId } of [...this.messages.values()])
      if (parentId === id) this.#prune(below);
  }

  /** One list of lines for each message on the path to the one to answer, with what its turns did. */
  told(promptId: string): readonly (readonly string[])[] {
    const path: Message[] = [];
    for (let next = this.messages.get(promptId); next !== undefined; ) {
      path.unshift(next);
      next = next.parentId === null ? undefined : this.messages.get(next.parentId);
    }
    return path.flatMap((message, index) => {
      // An agent's answer to nothing is told in its own place.
      if (message.promptId === message.id) {
        const own = [...this.turns.values()].filter((turn) => turn.promptId === message.id);
        return [this.#livedIn(message.id, own)];
      }
      if (message.promptId !== undefined) return [];
      const line = lineOf(message.id === promptId ? 'user' : message.role, message.content);
      const lived = this.#livedFor(message, path[index + 1]);
      return [[...(line === null ? [] : [line]), ...lived]];
    });
  }

  /** `next`: what follows the message on the path; `undefined`: it is being answered. */
  #livedFor({ id }: Message, next: Message | undefined): readonly string[] {
    const asked = [...this.turns.values()].filter(({ promptId }) => promptId === id);
    const running = asked.findLast(({ outcome, begun }) => begun && outcome === null);
    if (next === undefined) return this.#livedIn(running?.answerId, asked);
    if (next.promptId === id) return this.#livedIn(next.id, asked);
    const silent = asked.findLast(
      ({ answerId, queuedAt, begun, outcome }) =>
        (begun || outcome !== null) && !this.messages.has(answerId) && queuedAt <= Date.parse(next.createdAt),
    );
    return silent === undefined ? [] : this.#livedIn(silent.answerId, asked);
  }

  /** What the turns of one answer did, one after the other. */
  #livedIn(answerId: string | undefined, asked: readonly Turn[]): readonly string[] {
    const mine = asked.filter((turn) => turn.answerId === answerId && (turn.begun || turn.outcome !== null));
    return mine.flatMap((turn, index) => {
      const lines = this.#lived(turn, mine[index + 1]?.continuesAt);
      return index === mine.length - 1 ? lines : [...lines, goOnLine];
    });
  }

  #lived(
    { answerId, ends, calls, outcome, continuesAt }: Turn,
    until: number | undefined,
  ): readonly string[] {
    const text = (this.messages.get(answerId)?.content ?? '').slice(continuesAt, until);
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

const goOnLine = 'user: [Go on with your answer exactly where it ends. Do not repeat what you have said.]';

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
