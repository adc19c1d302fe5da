/**
 * Conversation history: what happened in a session, told as a model understands it, in the order in which it happened
 * (I14). Pure.
 *
 * A message is followed at once by the whole life of its turn, whatever was queued meanwhile: per step its text, its
 * calls, their results, then the rest of the text. A turn that did not end well adds that it did not, in words of ours.
 */
import type { MessageFact } from '../../schema/chat-message.ts';
import type { ConversationWindow, PastCall, PastTurn } from '../../schema/conversation-window.ts';
import { limits } from '../../schema/limits.ts';
import { characterCount, isBlank } from '../../schema/text.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { ModelMessage } from '../ports.ts';
import { attachmentsOf, toldInWords } from './attachment-words.ts';

/** A message, and what is left of it when room is short: less of a long result. */
export type HistoryMessage = { readonly message: ModelMessage; readonly brief: ModelMessage };

/** What is told together or not at all: a message, and what its turn did. */
export type Exchange = {
  /** Said as `system` or `developer`: it goes before the rest when room is short. */
  readonly pinned: HistoryMessage | null;
  readonly messages: readonly HistoryMessage[];
  /** Messages that people would count in `messages`. */
  readonly count: number;
};

/** Everything before the message to answer, oldest first. */
export function exchangesOf({ messages, turns }: ConversationWindow): readonly Exchange[] {
  const byPrompt = Map.groupBy(turns, ({ promptId }) => promptId);
  return messages.slice(0, -1).map((message) => {
    const life = answerLife(byPrompt.get(message.id) ?? []);
    // What an agent has pushed is told as its turn did it.
    const said = message.role === 'assistant' && life.length > 0 ? null : saidBy(message);
    const isPinned = message.role === 'system' || message.role === 'developer';
    const answers = life.length === 0 ? 0 : 1;
    return isPinned || said === null
      ? { pinned: said, messages: life, count: answers }
      : { pinned: null, messages: [said, ...life], count: 1 + answers };
  });
}

/** The message to answer, whatever its role. */
export function promptMessage({ content, marks }: Pick<MessageFact, 'content' | 'marks'>): ModelMessage {
  const attachments = attachmentsOf(marks);
  if (attachments.length > 0) return { role: 'user', content, attachments };
  return { role: 'user', content: isBlank(content) ? blankQuestion : content };
}

/** Providers refuse blank text. */
const blankQuestion = '[an empty message]';
const blankResult = '[nothing]';

/** A conversation that is kept in memory is told again and again: what each message and turn is told as, is kept with it. */
const toldMessages = new WeakMap<MessageFact, HistoryMessage | null>();
const toldTurns = new WeakMap<PastTurn, readonly HistoryMessage[]>();

function saidBy(message: MessageFact): HistoryMessage | null {
  let said = toldMessages.get(message);
  if (said === undefined) {
    said = saidAs(message);
    toldMessages.set(message, said);
  }
  return said;
}

/** `null`: there is nothing in it that could be told. */
function saidAs(message: MessageFact): HistoryMessage | null {
  const { role, name } = message;
  const attachments = attachmentsOf(message.marks);
  switch (role) {
    case 'system':
    case 'developer': {
      const { content } = toldInWords(message.content, attachments, () => onlyUsers);
      return isBlank(content) ? null : plain({ role: 'system', content });
    }
    case 'user':
      return plain(promptMessage(message));
    case 'tool': {
      // A client stored it: there is no call that it could answer.
      const lead = `Result of ${name ?? 'a tool'}: `;
      const result = isBlank(message.content) && attachments.length === 0 ? blankResult : message.content;
      const moved = attachments.map((file) => ({ ...file, offset: file.offset + lead.length }));
      const files = moved.length === 0 ? {} : { attachments: moved };
      return plain({ role: 'user', content: lead + result, ...files });
    }
    case 'assistant': {
      const { content } = toldInWords(message.content, attachments, () => onlyUsers);
      return isBlank(content) ? null : text(content);
    }
    default:
      return unreachable(role);
  }
}

/** No provider takes files in what the system or the assistant says. */
const onlyUsers = 'it is no part of what a user said';

function plain(message: ModelMessage): HistoryMessage {
  return { message, brief: message };
}

function text(content: string): HistoryMessage {
  return plain({ role: 'assistant', content, toolCalls: [] });
}

/** What was done for one answer: by its turn, and by those that went on with it. */
function answerLife(turns: readonly PastTurn[]): readonly HistoryMessage[] {
  const [only] = turns;
  if (only !== undefined && turns.length === 1) return turnLife(only);
  return turns.flatMap((turn, index) =>
    index === turns.length - 1 ? turnLife(turn) : [...turnLife(turn), plain(goOn)],
  );
}

/** What the answer that is being given has said in earlier turns, each followed by the request to go on. */
export function continuedMessages(turns: readonly PastTurn[]): readonly HistoryMessage[] {
  return turns.flatMap((turn) => [...turnLife(turn), plain(goOn)]);
}

const goOn: ModelMessage = {
  role: 'user',
  content: '[Go on with your answer exactly where it ends. Do not repeat what you have said.]',
};

function turnLife(turn: PastTurn): readonly HistoryMessage[] {
  let life = toldTurns.get(turn);
  if (life === undefined) {
    life = turnToldAs(turn);
    toldTurns.set(turn, life);
  }
  return life;
}

/** What a turn did, and how it ended if it did not end well. */
function turnToldAs(turn: PastTurn): readonly HistoryMessage[] {
  const { messages: steps, told } = turnSteps(turn);
  const rest = turn.text.slice(told);
  const life = isBlank(rest) ? steps : [...steps, text(rest)];
  const last = life.at(-1)?.message;
  const saidLast = last?.role === 'assistant' && last.toolCalls.length === 0 ? last : null;
  const note = endingNote(turn);
  if (note === null) return life;
  // What goes back to a provider with its signature stays as it was.
  if (saidLast === null || saidLast.continuation !== undefined) return [...life, text(note)];
  return [...life.slice(0, -1), text(`${saidLast.content}\n\n${note}`)];
}

/** The steps of a turn as far as they have ended; `told`: how much of its text they say, UTF-16 units. */
export function turnSteps({ text, steps, calls }: Pick<PastTurn, 'text' | 'steps' | 'calls'>): {
  readonly messages: readonly HistoryMessage[];
  readonly told: number;
} {
  const ended = new Map(steps.map((step) => [step.step, step]));
  const callsOf = Map.groupBy(calls, ({ step }) => step);
  const numbers = [...new Set([...ended.keys(), ...callsOf.keys()])].sort((one, other) => one - other);
  let told = 0;
  const messages = numbers.flatMap((number): readonly HistoryMessage[] => {
    const step = ended.get(number);
    const from = told;
    // Its text may be shorter than it was: what was not checkpointed is lost with the process.
    told = Math.max(from, Math.min(step?.answerUnits ?? from, text.length));
    const asked = callsOf.get(number) ?? [];
    const said = text.slice(from, told);
    if (asked.length === 0 && isBlank(said)) return [];
    const toolCalls = asked.map(({ id, name, argumentsJson }) => ({ callId: id, name, argumentsJson }));
    const { continuation } = step ?? {};
    return [
      plain({
        role: 'assistant',
        content: isBlank(said) ? '' : said,
        toolCalls,
        ...(continuation === undefined ? {} : { continuation }),
      }),
      ...asked.map(resultOf),
    ];
  });
  return { messages, told };
}

function resultOf({ id, name, result, resultCharacters, failed, files = [] }: PastCall): HistoryMessage {
  const why = result ?? 'Interrupted: there is no result';
  const told = (unitsMax: number): ModelMessage => {
    const content = isBlank(why) ? blankResult : cutResult(why, resultCharacters, unitsMax);
    const attachments = files.map(({ fileId, name, mediaType, bytes }) => {
      return { fileId, name, mediaType, bytes, offset: content.length };
    });
    return {
      role: 'tool',
      callId: id,
      name,
      content,
      failed: failed || result === null,
      ...(attachments.length === 0 ? {} : { attachments }),
    };
  };
  const message = told(limits.toolResultModelUnitsMax);
  return { message, brief: why.length <= briefResultUnits ? message : told(briefResultUnits) };
}

/** What is left of a result that had to make room, UTF-16 units. */
const briefResultUnits = 400;

/** Never the words of a provider: they are for the operators. */
function endingNote({ status, text }: PastTurn): string | null {
  switch (status) {
    case 'completed':
      // Stores have answers of white space alone from the time when those were taken for answers.
      return isBlank(text) ? failedNote : null;
    case 'failed':
      return failedNote;
    case 'cancelled':
      return '[This answer was cancelled before it was complete.]';
    case 'interrupted':
      return '[This answer was interrupted before it was complete.]';
    case 'queued':
    case 'running':
      return null;
    default:
      return unreachable(status);
  }
}

const failedNote = '[This answer failed before it was complete.]';

/** `characters`: the length of the whole result, of which `result` may be the beginning only. */
export function cutResult(result: string, characters: number, unitsMax: number): string {
  if (result.length <= unitsMax) return result;
  const kept = result.slice(0, unitsMax).toWellFormed();
  return `${kept}\n[cut: ${characters - characterCount(kept)} of ${characters} characters are left out]`;
}
