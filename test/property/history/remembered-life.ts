/**
 * A life as somebody remembers it who was there: what was said, called and answered, in the order in which it
 * happened, and how a model would be told of it. It knows nothing of how the system keeps it.
 */
import type { ModelMessage } from '../../../actors/ports.ts';
import type { MessageRole } from '../../../schema/chat-message.ts';

export type RememberedCall = {
  readonly name: string;
  readonly argumentsJson: string;
  result: string | null;
  failed: boolean;
};

export type RememberedStep = { text: string; readonly calls: RememberedCall[]; wantsBack: boolean };

export type RememberedTurn = {
  readonly steps: RememberedStep[];
  outcome: 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled' | 'interrupted';
};

export type RememberedMessage = {
  readonly id: string;
  readonly role: MessageRole;
  readonly content: string;
  readonly turn: RememberedTurn | null;
};

const isBlank = (text: string) => text.trim() === '';

/** What goes together: a message and all that its turn did, as one line per message that a model is given. */
export type Told = {
  readonly said: string | null;
  readonly isSystem: boolean;
  readonly done: readonly string[];
};

/** Everything up to the message `id`, which is the last, with what its turn did so far. */
export function toldUpTo(messages: readonly RememberedMessage[], id: string): readonly Told[] {
  const at = messages.findIndex((message) => message.id === id);
  return messages.slice(0, at + 1).map((message, index) => ({
    said: lineOf(message, index === at),
    isSystem: index !== at && (message.role === 'system' || message.role === 'developer'),
    done: message.turn === null ? [] : turnLines(message.turn),
  }));
}

function lineOf({ role, content }: RememberedMessage, isAsked: boolean): string | null {
  if (isAsked || role === 'user') return `user: ${isBlank(content) ? '[an empty message]' : content}`;
  if (role === 'tool') return `user: Result of a tool: ${isBlank(content) ? '[nothing]' : content}`;
  if (isBlank(content)) return null;
  return role === 'assistant' ? `assistant: ${content}` : `system: ${content}`;
}

const notes: Readonly<Record<RememberedTurn['outcome'], string | null>> = {
  waiting: null,
  running: null,
  completed: null,
  failed: '[This answer failed before it was complete.]',
  cancelled: '[This answer was cancelled before it was complete.]',
  interrupted: '[This answer was interrupted before it was complete.]',
};

function turnLines({ steps, outcome }: RememberedTurn): readonly string[] {
  const lines: string[] = [];
  let rest: string | null = null;
  for (const [index, { text, calls, wantsBack }] of steps.entries()) {
    const said = isBlank(text) ? '' : text;
    const back = wantsBack ? wanting : '';
    if (calls.length === 0) {
      // The last step: what it wants back is kept if there were steps before it.
      if (said !== '') rest = `${said}${index === 0 ? '' : back}`;
      continue;
    }
    const asked = calls.map(({ name, argumentsJson }) => ` ${name}(${argumentsJson})`).join('');
    lines.push(`assistant: ${said}${asked}${back}`);
    for (const { name, result, failed } of calls) {
      if (result === null) throw new Error(`nobody knows what came of ${name}`);
      lines.push(`${failed ? 'failure' : 'result'} of ${name}: ${isBlank(result) ? '[nothing]' : result}`);
    }
  }
  const end = [rest, notes[outcome]].filter((one) => one !== null);
  return end.length === 0 ? lines : [...lines, `assistant: ${end.join('\n\n')}`];
}

const wanting = ' and wants something back';

/** What a model was given, in the same words. */
export function toldLines(conversation: readonly ModelMessage[]): readonly string[] {
  return conversation.map((message) => {
    if (message.role === 'tool')
      return `${message.failed ? 'failure' : 'result'} of ${message.name}: ${message.content}`;
    if (message.role !== 'assistant') return `${message.role}: ${message.content}`;
    const asked = message.toolCalls.map(({ name, argumentsJson }) => ` ${name}(${argumentsJson})`).join('');
    const back = message.continuation === undefined ? '' : wanting;
    return `assistant: ${message.content}${asked}${back}`;
  });
}

/** A call ends once. */
export function settle(call: RememberedCall, result: string, failed: boolean): void {
  if (call.result !== null) return;
  call.result = result;
  call.failed = failed;
}

export function openCalls({ steps }: RememberedTurn): readonly RememberedCall[] {
  return steps.flatMap(({ calls }) => calls.filter(({ result }) => result === null));
}
