/**
 * One exchange as the peers run it: the events of docs/protocol.md A4 in their order, around the same engine. Nothing
 * is stored or validated: a real application of a peer would add that cost.
 */
import { randomUUID } from 'node:crypto';
import { messageIdSchema, sessionIdSchema } from '../../schema/ids.ts';
import type { BenchEngine } from '../engine/bench-engine.ts';

export type Emit = (event: string, data: object) => void;

/** `delta`: each token by itself, as in `callboard.v1`. `whole`: the content so far with each token (A3). */
export type TextStyle = 'delta' | 'whole';

export function newSession(title: string) {
  const now = new Date().toISOString();
  return { id: randomUUID(), title, status: 'active', createdAt: now, updatedAt: now };
}

/** An exchange whose answer is being given. */
export type Exchange = {
  readonly token: (text: string) => void;
  readonly end: () => void;
};

/** Answers `content` in the session `id`; resolves when the exchange is over. */
export async function runExchange(
  engine: BenchEngine,
  id: string,
  content: string,
  style: TextStyle,
  emit: Emit,
): Promise<void> {
  const exchange = beginExchange(id, content, style, emit);
  const prompt = { id: randomUUID(), sessionId: id, role: 'user' as const, content, createdAt: now() };
  const request = {
    sessionId: sessionIdSchema.parse(id),
    step: 1,
    prompt: { ...prompt, id: messageIdSchema.parse(prompt.id), sessionId: sessionIdSchema.parse(id) },
    attempt: 1,
    options: {},
    conversation: [],
    tools: [],
    toolResults: [],
  };
  for await (const part of engine.stream(request, new AbortController().signal)) {
    if (part.type === 'text') exchange.token(part.text);
  }
  exchange.end();
}

/** The events before the answer's first token. */
export function beginExchange(id: string, content: string, style: TextStyle, emit: Emit): Exchange {
  const session = { ...newSession('bench'), id };
  const prompt = { id: randomUUID(), sessionId: id, role: 'user' as const, content, createdAt: now() };
  emit('message.created', prompt);
  emit('session.updated', { ...session, updatedAt: now() });
  const trace = {
    id: randomUUID(),
    sessionId: id,
    name: 'engine.run',
    status: 'running',
    metadata: { messageId: prompt.id },
    createdAt: now(),
    updatedAt: now(),
  };
  emit('trace.created', trace);
  emit('agent.activity', { sessionId: id, state: 'thinking', timestamp: now() });
  const answer = { id: randomUUID(), sessionId: id, role: 'assistant', content: '', createdAt: now() };
  return {
    token: (text) => {
      const offset = answer.content.length;
      answer.content += text;
      if (offset === 0) {
        emit('message.created', answer);
        emit('session.updated', { ...session, updatedAt: now() });
      }
      if (style === 'whole') emit('message.partial', answer);
      else emit('message.delta', { sessionId: id, messageId: answer.id, offset, text });
    },
    end: () => {
      emit('agent.activity', { sessionId: id, state: 'idle', timestamp: now() });
      emit('message.updated', answer);
      emit('trace.updated', { ...trace, status: 'completed', durationMs: 1, updatedAt: now() });
    },
  };
}

function now(): string {
  return new Date().toISOString();
}
