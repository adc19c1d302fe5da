/**
 * A conversation as every provider takes it, whichever one made the calls in it: ids and names of ours, each call with
 * its one result, no blank text, and what an engine wants back only where it came from. Pure; the request builders turn
 * the outcome into their formats.
 */
import type { EngineRequest, ModelMessage, ToldToolCall } from '../../../../actors/ports.ts';
import { jsonDepth } from '../../../../schema/json-depth.ts';
import type { JsonValue } from '../../../../schema/json-value.ts';
import { limits } from '../../../../schema/limits.ts';
import { isBlank } from '../../../../schema/text.ts';
import { objectOf, parsedJson } from '../foreign-json.ts';
import { CallIds } from './call-ids.ts';
import { ToolNames } from './tool-names.ts';

export type ToldCall = {
  readonly id: string;
  readonly name: string;
  /** JSON text of an object. */
  readonly argumentsJson: string;
  readonly result: string;
  readonly failed: boolean;
  readonly continuation: JsonValue | undefined;
};

export type ToldMessage =
  | { readonly role: 'user' | 'system'; readonly text: string }
  | {
      readonly role: 'assistant';
      /** Empty when it said nothing; then there are calls. */
      readonly text: string;
      readonly calls: readonly ToldCall[];
      readonly continuation: JsonValue | undefined;
    };

export type ToldConversation = {
  /** System messages at the beginning. */
  readonly system: string | undefined;
  readonly messages: readonly ToldMessage[];
  readonly names: ToolNames;
};

/** What a provider's format can carry. */
export type ConversationManners = {
  /** `<provider>/<model>` that is asked. */
  readonly origin: string;
  /** `keep`: system messages may stand anywhere. `asUser`: one in the middle is told as a user's, marked as what it is. */
  readonly lateSystem: 'keep' | 'asUser';
  /** `strict`: a user begins, and users and the assistant take turns; results are followed by the assistant. */
  readonly turns: 'any' | 'strict';
};

type Asked = Pick<EngineRequest, 'conversation' | 'tools'>;

export function toldConversation(request: Asked, manners: ConversationManners): ToldConversation {
  const { conversation, tools } = request;
  const firstOther = conversation.findIndex(({ role }) => role !== 'system');
  const lead = firstOther < 0 ? conversation.length : firstOther;
  const system = conversation
    .slice(0, lead)
    .map(({ content }) => content)
    .filter((text) => !isBlank(text))
    .join('\n\n');
  const names = new ToolNames(tools);
  const ids = new CallIds();
  const told = stepsOf(conversation.slice(lead)).flatMap((step) => {
    return tools.length === 0 || step.isDropped ? stepAsText(step) : toldStep(step, names, ids);
  });
  const messages = told.map((message) =>
    message.role === 'system' ? lateSystem(message, manners) : message,
  );
  return {
    system: system === '' ? undefined : system,
    messages: manners.turns === 'strict' ? inTurns(messages) : messages,
    names,
  };

  /** Each message with the results that belong to it. */
  function stepsOf(given: readonly ModelMessage[]): readonly Step[] {
    const steps: Step[] = [];
    for (const message of given) {
      if (message.role !== 'tool') {
        steps.push({ message, results: [], ...wantedBack(message, manners.origin) });
        continue;
      }
      const last = steps.at(-1);
      const isAsked =
        last?.message.role === 'assistant' &&
        last.message.toolCalls.some(({ callId }) => callId === message.callId) &&
        last.results.every(({ callId }) => callId !== message.callId);
      if (isAsked) last.results.push(message);
      else steps.push({ message, results: [], continuation: undefined, isDropped: false });
    }
    return steps;
  }
}

type ToolResult = Extract<ModelMessage, { role: 'tool' }>;
type WantedBack = {
  readonly step: JsonValue | undefined;
  readonly calls: Readonly<Record<string, JsonValue>>;
};
type Step = {
  readonly message: ModelMessage;
  readonly results: ToolResult[];
  /** What the one that is asked wants back. */
  readonly continuation: WantedBack | undefined;
  /** It wants something back that was too long to keep, and would refuse the calls without it. */
  readonly isDropped: boolean;
};

function wantedBack(message: ModelMessage, origin: string): Pick<Step, 'continuation' | 'isDropped'> {
  if (message.role !== 'assistant' || message.continuation?.origin !== origin) {
    return { continuation: undefined, isDropped: false };
  }
  const { dropped, step, calls } = message.continuation;
  return dropped === true
    ? { continuation: undefined, isDropped: true }
    : { continuation: { step, calls: calls ?? {} }, isDropped: false };
}

function toldStep(step: Step, names: ToolNames, ids: CallIds): readonly ToldMessage[] {
  const { message, results, continuation } = step;
  if (message.role !== 'assistant' || message.toolCalls.length === 0) return plainMessage(step);
  const calls = message.toolCalls.map((call) => ({
    id: ids.next(call.callId),
    name: names.told(call.name),
    argumentsJson: objectJson(call.argumentsJson),
    ...resultOf(call, results),
    continuation: continuation?.calls[call.callId],
  }));
  const text = isBlank(message.content) ? '' : message.content;
  return [{ role: 'assistant', text, calls, continuation: continuation?.step }];
}

function stepAsText(step: Step): readonly ToldMessage[] {
  const { message, results } = step;
  if (message.role !== 'assistant' || message.toolCalls.length === 0) return plainMessage(step);
  const told = message.toolCalls.map((call) => {
    const { result, failed } = resultOf(call, results);
    return `The tool ${call.name} was called with ${call.argumentsJson}. ${failed ? 'It failed' : 'Its result'}: ${result}`;
  });
  const said = plainMessage({ ...step, message: { ...message, toolCalls: [] }, continuation: undefined });
  return [...said, { role: 'user', text: told.join('\n\n') }];
}

function plainMessage({ message, continuation }: Step): readonly ToldMessage[] {
  const { content } = message;
  switch (message.role) {
    case 'user':
      return [{ role: 'user', text: isBlank(content) ? '[an empty message]' : content }];
    case 'system':
      return isBlank(content) ? [] : [{ role: 'system', text: content }];
    case 'tool':
      return [{ role: 'user', text: `Result of ${message.name}: ${content}` }];
    case 'assistant':
      return isBlank(content)
        ? []
        : [{ role: 'assistant', text: content, calls: [], continuation: continuation?.step }];
  }
}

function resultOf(call: ToldToolCall, results: readonly ToolResult[]): Pick<ToldCall, 'result' | 'failed'> {
  const found = results.find(({ callId }) => callId === call.callId);
  if (found === undefined) return { result: 'There is no result', failed: true };
  return { result: isBlank(found.content) ? '[nothing]' : found.content, failed: found.failed };
}

/** What a model wrote may be no JSON, no object, or nested so deep that nobody can write it again; providers take objects only when they are told of it again. */
function objectJson(argumentsJson: string): string {
  const isShallow = jsonDepth(argumentsJson) <= limits.toolArgumentsDepthMax;
  if (isShallow && objectOf(parsedJson(argumentsJson)) !== undefined) return argumentsJson;
  return isBlank(argumentsJson) ? '{}' : JSON.stringify({ unreadableArguments: argumentsJson });
}

function lateSystem(
  message: { readonly text: string },
  { lateSystem: manner }: ConversationManners,
): ToldMessage {
  return manner === 'keep'
    ? { role: 'system', text: message.text }
    : { role: 'user', text: `<system>\n${message.text}\n</system>` };
}

function inTurns(messages: readonly ToldMessage[]): readonly ToldMessage[] {
  const ordered: ToldMessage[] = [];
  for (const message of messages) {
    const last = ordered.at(-1);
    if (last === undefined && message.role === 'assistant') ordered.push(leftOut);
    if (message.role === 'user' && last?.role === 'assistant' && last.calls.length > 0)
      ordered.push(notAnswered);
    const joined =
      last !== undefined && isText(last) && isText(message) ? joinedText(last, message) : undefined;
    if (joined === undefined) ordered.push(message);
    else ordered[ordered.length - 1] = joined;
  }
  return ordered;
}

const leftOut: ToldMessage = { role: 'user', text: '[the beginning of this conversation is left out]' };
const notAnswered: ToldMessage = {
  role: 'assistant',
  text: '[no answer was given]',
  calls: [],
  continuation: undefined,
};

/** Nothing but text, so that it may be joined with more of the same role. */
function isText(message: ToldMessage): boolean {
  return message.role !== 'assistant' || (message.calls.length === 0 && message.continuation === undefined);
}

function joinedText(one: ToldMessage, other: ToldMessage): ToldMessage | undefined {
  return one.role === other.role ? { ...one, text: `${one.text}\n\n${other.text}` } : undefined;
}
