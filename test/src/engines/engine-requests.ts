/** Requests for engines under test, and a function that collects an engine's parts. */
import type { Engine, EnginePart, EngineRequest, EngineToolResult } from '../../../actors/ports.ts';
import { messageIdSchema, sessionIdSchema } from '../../../schema/ids.ts';
import type { ManualClock } from './manual-clock.ts';

const sessionId = sessionIdSchema.parse('11111111-1111-4111-8111-111111111111');

export function requestOf(
  content: string,
  later: {
    readonly step?: number;
    readonly toolResults?: readonly EngineToolResult[];
    readonly tools?: EngineRequest['tools'];
  } = {},
): EngineRequest {
  return {
    sessionId,
    step: later.step ?? 1,
    attempt: 1,
    prompt: {
      id: messageIdSchema.parse('22222222-2222-4222-8222-222222222222'),
      sessionId,
      role: 'user',
      content,
      createdAt: '2026-11-23T12:00:00.000Z',
    },
    options: {},
    conversation: [],
    tools: later.tools ?? [
      { name: 'clock', description: 'Tells the time.', inputSchema: { type: 'object' } },
    ],
    toolResults: later.toolResults ?? [],
  };
}

/** Drives the clock, timer by timer, until the stream ends. */
export async function partsOf(
  engine: Engine,
  request: EngineRequest,
  clock: ManualClock,
): Promise<{ readonly parts: readonly EnginePart[]; readonly at: readonly number[] }> {
  const parts: EnginePart[] = [];
  const at: number[] = [];
  const stream = engine.stream(request, new AbortController().signal)[Symbol.asyncIterator]();
  for (;;) {
    const next = stream.next();
    let settled = false;
    const settle = () => {
      settled = true;
    };
    next.then(settle, settle);
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!settled) clock.runNext();
    }
    const result = await next;
    if (result.done === true) return { parts, at };
    parts.push(...[result.value].flat());
    at.push(clock.now());
  }
}

export function textOf(parts: readonly EnginePart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

export function countOf(parts: readonly EnginePart[], type: EnginePart['type']): number {
  return parts.filter((part) => part.type === type).length;
}
