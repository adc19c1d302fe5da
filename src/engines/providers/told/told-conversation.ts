/**
 * A conversation as every provider takes it, whichever one made the calls in it: ids and names of ours, each call with
 * its one result, no blank text, and what an engine wants back only where it came from. Pure; the request builders turn
 * the outcome into their formats.
 */
import type { EngineRequest, ModelMessage, ToldToolCall } from '../../../../actors/ports.ts';
import type { Attachment } from '../../../../schema/attachment.ts';
import { isJsonDeeper } from '../../../../schema/json-depth.ts';
import type { JsonValue } from '../../../../schema/json-value.ts';
import { limits } from '../../../../schema/limits.ts';
import { isBlank } from '../../../../schema/text.ts';
import { objectOf, parsedJson } from '../foreign-json.ts';
import { CallIds } from './call-ids.ts';
import {
  joinedWithFiles,
  type ReadFiles,
  type TextWithFiles,
  type ToldFile,
  withFiles,
} from './told-files.ts';
import { ToolNames } from './tool-names.ts';

export type ToldCall = {
  readonly id: string;
  readonly name: string;
  /** JSON text of an object. */
  readonly argumentsJson: string;
  readonly result: string;
  /** What the tool returned beside its result; empty where the format cannot carry it in a result. */
  readonly files: readonly ToldFile[];
  readonly failed: boolean;
  readonly continuation: JsonValue | undefined;
};

export type ToldMessage =
  | { readonly role: 'system'; readonly text: string }
  | ({
      /** Its text is blank only when there are files. */
      readonly role: 'user';
    } & TextWithFiles)
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
  /** Whether a result of a tool can have files in it, or a user's message behind the results tells of them. */
  readonly resultFiles: 'inside' | 'behind';
};

type Asked = Pick<EngineRequest, 'conversation' | 'tools'>;

export function toldConversation(
  request: Asked,
  manners: ConversationManners,
  files: ReadFiles = new Map(),
): ToldConversation {
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
    return tools.length === 0 || step.isDropped
      ? stepAsText(step, files)
      : toldStep(step, { names, ids, files, resultFiles: manners.resultFiles });
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

type Telling = {
  readonly names: ToolNames;
  readonly ids: CallIds;
  readonly files: ReadFiles;
  readonly resultFiles: ConversationManners['resultFiles'];
};

function toldStep(step: Step, { names, ids, files, resultFiles }: Telling): readonly ToldMessage[] {
  const { message, results, continuation } = step;
  if (message.role !== 'assistant' || message.toolCalls.length === 0) return plainMessage(step, files);
  const calls = message.toolCalls.map((call) => ({
    id: ids.next(call.callId),
    name: names.told(call.name),
    argumentsJson: objectJson(call.argumentsJson),
    ...resultOf(call, results, files),
    continuation: continuation?.calls[call.callId],
  }));
  const text = isBlank(message.content) ? '' : message.content;
  const said = { role: 'assistant' as const, text, continuation: continuation?.step };
  const behind = calls.filter((call) => call.files.length > 0);
  if (resultFiles === 'inside' || behind.length === 0) return [{ ...said, calls }];
  return [
    { ...said, calls: calls.map((call) => ({ ...call, files: [] })) },
    { role: 'user', ...behind.map(filesOfCall).reduce((one, other) => joinedWithFiles(one, '\n', other)) },
  ];
}

function filesOfCall({ name, files }: ToldCall): TextWithFiles {
  const lead = `[Files that the tool ${name} returned]\n`;
  return { text: lead, files: files.map((file) => ({ ...file, offset: lead.length })) };
}

function stepAsText(step: Step, files: ReadFiles): readonly ToldMessage[] {
  const { message, results } = step;
  if (message.role !== 'assistant' || message.toolCalls.length === 0) return plainMessage(step, files);
  const told = message.toolCalls.map((call): TextWithFiles => {
    const { result, failed, files: returned } = resultOf(call, results, files);
    const text = `The tool ${call.name} was called with ${call.argumentsJson}. ${failed ? 'It failed' : 'Its result'}: ${result}`;
    return { text, files: returned.map((file) => ({ ...file, offset: text.length })) };
  });
  const said = plainMessage(
    { ...step, message: { ...message, toolCalls: [] }, continuation: undefined },
    files,
  );
  return [...said, { role: 'user', ...told.reduce((one, other) => joinedWithFiles(one, '\n\n', other)) }];
}

function plainMessage({ message, continuation }: Step, read: ReadFiles): readonly ToldMessage[] {
  const { content } = message;
  switch (message.role) {
    case 'user': {
      const { text, files } = withFiles(content, message.attachments ?? [], read);
      const isEmpty = isBlank(text) && files.length === 0;
      return [{ role: 'user', text: isEmpty ? '[an empty message]' : text, files }];
    }
    case 'system':
      return isBlank(content) ? [] : [{ role: 'system', text: content }];
    case 'tool':
      return [
        { role: 'user', ...withFiles(`Result of ${message.name}: ${content}`, placedBehind(message), read) },
      ];
    case 'assistant':
      return isBlank(content)
        ? []
        : [{ role: 'assistant', text: content, calls: [], continuation: continuation?.step }];
  }
}

/** Whatever is put before a result, its files come after it. */
function placedBehind({ attachments = [] }: ToolResult): readonly Attachment[] {
  return attachments.map((file) => ({ ...file, offset: Number.POSITIVE_INFINITY }));
}

function resultOf(
  call: ToldToolCall,
  results: readonly ToolResult[],
  read: ReadFiles,
): Pick<ToldCall, 'result' | 'failed' | 'files'> {
  const found = results.find(({ callId }) => callId === call.callId);
  if (found === undefined) return { result: 'There is no result', failed: true, files: [] };
  const content = isBlank(found.content) ? '[nothing]' : found.content;
  const { text, files } = withFiles(content, placedBehind(found), read);
  return { result: text, failed: found.failed, files };
}

/** What a model wrote may be no JSON, no object, or nested so deep that nobody can write it again; providers take objects only when they are told of it again. */
function objectJson(argumentsJson: string): string {
  const isShallow = !isJsonDeeper(argumentsJson, limits.toolArgumentsDepthMax);
  if (isShallow && objectOf(parsedJson(argumentsJson)) !== undefined) return argumentsJson;
  return isBlank(argumentsJson) ? '{}' : JSON.stringify({ unreadableArguments: argumentsJson });
}

function lateSystem(
  message: { readonly text: string },
  { lateSystem: manner }: ConversationManners,
): ToldMessage {
  return manner === 'keep'
    ? { role: 'system', text: message.text }
    : { role: 'user', text: `<system>\n${message.text}\n</system>`, files: [] };
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

const leftOut: ToldMessage = {
  role: 'user',
  text: '[the beginning of this conversation is left out]',
  files: [],
};
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
  if (one.role === 'user' && other.role === 'user')
    return { role: 'user', ...joinedWithFiles(one, '\n\n', other) };
  return one.role === other.role ? { ...one, text: `${one.text}\n\n${other.text}` } : undefined;
}
