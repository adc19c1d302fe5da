/** A tool run whose progress is ignored and whose signal never aborts. */
import type { ToolRun } from '../../actors/tool-ports.ts';
import { sessionIdSchema, toolCallIdSchema } from '../../schema/ids.ts';
import { refusal, refused } from '../../schema/refusal.ts';

export function toolRun(over: Partial<ToolRun> = {}): ToolRun {
  return {
    sessionId: sessionIdSchema.parse('11111111-1111-4111-8111-111111111111'),
    callId: toolCallIdSchema.parse('33333333-3333-4333-8333-333333333333'),
    argumentsJson: '',
    signal: new AbortController().signal,
    progress: () => {},
    attach: async () => refused(refusal('unavailable', 'nothing is kept')),
    ...over,
  };
}
