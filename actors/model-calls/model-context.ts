/**
 * Model context: what a model is given of a conversation, bounded by tokens (docs/tools.md). Pure.
 *
 * The policy: the system prompt, the prompt and the steps of this turn always go; so does what people said as `system`
 * or `developer`. Of the rest the newest goes that fits, in whole exchanges, and a marker says how much is missing.
 */
import { failureText } from '../../machines/turn-actions.ts';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { Continuation } from '../../schema/continuation.ts';
import { limits } from '../../schema/limits.ts';
import type { ModelMessage, TokenEstimate, ToldToolCall, ToolDefinition } from '../ports.ts';

/** A call with its result. */
export type EndedCall = ToldToolCall & { readonly result: string; readonly failed: boolean };

/** One model call of this turn that is over: what it said and what it called. */
export type CalledStep = {
  readonly text: string;
  readonly calls: readonly EndedCall[];
  readonly continuation?: Continuation | undefined;
};

export type ModelContextInput = {
  readonly systemPrompt: string | undefined;
  /** What came before the prompt, oldest first. */
  readonly history: readonly ChatMessage[];
  /** Calls that belong to answers in `history`, by the id of the answer, in their order. */
  readonly earlierCalls: ReadonlyMap<string, readonly EndedCall[]>;
  readonly prompt: ChatMessage;
  readonly steps: readonly CalledStep[];
  readonly tools: readonly ToolDefinition[];
  readonly tokensMax: number;
  readonly estimate: TokenEstimate;
};

/** About four characters of English are a token; other scripts cost more, which the marker's slack must bear. */
export const quarterOfCharacters: TokenEstimate = (text) => Math.ceil(text.length / 4);

/** Tokens that a message costs beside its text. */
const messageOverheadTokens = 4;

export function modelContext(input: ModelContextInput): readonly ModelMessage[] {
  const { systemPrompt, prompt, estimate } = input;
  const cost = (messages: readonly ModelMessage[]) =>
    messages.reduce((sum, message) => sum + tokensOf(message, estimate), 0);
  const head: ModelMessage[] =
    systemPrompt === undefined || systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }];
  const asked: ModelMessage = { role: 'user', content: prompt.content };
  const toolTokens = input.tools.reduce((sum, tool) => sum + estimate(JSON.stringify(tool)), 0);
  const fixed = cost([...head, asked]) + toolTokens;
  const steps = fittingSteps(input, input.tokensMax - fixed);
  let left = input.tokensMax - fixed - cost(steps);

  const exchanges = input.history.flatMap((message) => exchangeOf(message, input.earlierCalls));
  const kept = new Set<Exchange>();
  // What people said as system comes first, the newest of it should there be too much.
  for (const exchange of exchanges.toReversed().filter(({ pinned }) => pinned)) {
    const price = cost(exchange.messages);
    if (price > left / 2) break;
    left -= price;
    kept.add(exchange);
  }
  for (const exchange of exchanges.toReversed().filter(({ pinned }) => !pinned)) {
    const price = cost(exchange.messages);
    if (price > left) break;
    left -= price;
    kept.add(exchange);
  }
  const dropped = exchanges.length - kept.size;
  const marker: ModelMessage[] = dropped === 0 ? [] : [{ role: 'system', content: droppedNote(dropped) }];
  const before = exchanges.filter((exchange) => kept.has(exchange)).flatMap(({ messages }) => messages);
  return [...head, ...marker, ...before, asked, ...steps];
}

function droppedNote(count: number): string {
  return count === 1
    ? '[1 earlier message of this conversation is left out: there was no room for it]'
    : `[${count} earlier messages of this conversation are left out: there was no room for them]`;
}

/** Messages that go together or not at all. */
type Exchange = { readonly messages: readonly ModelMessage[]; readonly pinned: boolean };

function exchangeOf(
  message: ChatMessage,
  earlierCalls: ModelContextInput['earlierCalls'],
): readonly Exchange[] {
  const { role, content } = message;
  switch (role) {
    case 'system':
    case 'developer':
      return [{ messages: [{ role: 'system', content }], pinned: true }];
    case 'user':
      return [{ messages: [{ role: 'user', content }], pinned: false }];
    case 'tool':
      // A client stored it: there is no call that it could answer.
      return [
        {
          messages: [{ role: 'user', content: `Result of ${message.name ?? 'a tool'}: ${content}` }],
          pinned: false,
        },
      ];
    case 'assistant': {
      // Told to people in place of an answer; a model would take it for its own words.
      if (content === failureText) return [];
      const calls = earlierCalls.get(message.id) ?? [];
      const answer: ModelMessage = { role: 'assistant', content, toolCalls: [] };
      return [
        { messages: calls.length === 0 ? [answer] : [...calledStep('', calls), answer], pinned: false },
      ];
    }
  }
}

function calledStep(
  text: string,
  calls: readonly EndedCall[],
  continuation?: Continuation | undefined,
): readonly ModelMessage[] {
  return [
    {
      role: 'assistant',
      content: text,
      toolCalls: calls.map(({ callId, name, argumentsJson }) => ({ callId, name, argumentsJson })),
      ...(continuation === undefined ? {} : { continuation }),
    },
    ...calls.map(({ callId, name, result, failed }): ModelMessage => {
      return { role: 'tool', callId, name, content: trimmedResult(result), failed };
    }),
  ];
}

/** The steps of this turn; when they are too long, the results of the oldest become notes, one after the other. */
function fittingSteps({ steps, estimate }: ModelContextInput, tokensMax: number): readonly ModelMessage[] {
  const messages = steps.flatMap(({ text, calls, continuation }) => calledStep(text, calls, continuation));
  let excess = messages.reduce((sum, message) => sum + tokensOf(message, estimate), 0) - tokensMax;
  return messages.map((message) => {
    if (excess <= 0 || message.role !== 'tool' || message.content.length <= shortResultUnits) return message;
    const short = { ...message, content: cutResult(message.content, shortResultUnits) };
    excess -= tokensOf(message, estimate) - tokensOf(short, estimate);
    return short;
  });
}

/** What is left of a result that had to make room, UTF-16 units. */
const shortResultUnits = 400;

/** A tool's result as a model is given it. */
export function trimmedResult(result: string): string {
  return cutResult(result, limits.toolResultModelUnitsMax);
}

function cutResult(result: string, unitsMax: number): string {
  if (result.length <= unitsMax) return result;
  const kept = result.slice(0, unitsMax).toWellFormed();
  return `${kept}\n[cut: ${result.length - unitsMax} of ${result.length} characters are left out]`;
}

function tokensOf(message: ModelMessage, estimate: TokenEstimate): number {
  const calls =
    message.role === 'assistant'
      ? message.toolCalls.reduce((sum, call) => sum + estimate(call.name) + estimate(call.argumentsJson), 0) +
        (message.continuation === undefined ? 0 : estimate(JSON.stringify(message.continuation)))
      : 0;
  return messageOverheadTokens + estimate(message.content) + calls;
}
