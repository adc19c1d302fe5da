/** The tool calls of all sessions that wait for a person. */
import type { ToolEvent } from '../../../schema/tool-event.ts';
import type { EventFrame } from '../server-frame.ts';

export type WaitingCall = Pick<ToolEvent, 'id' | 'sessionId' | 'name'>;

/** The calls after an event, oldest first. */
export function waitingCallsAfter(calls: readonly WaitingCall[], event: EventFrame): readonly WaitingCall[] {
  switch (event.event) {
    case 'tool.call':
    case 'tool.result': {
      const { id, sessionId, name, status } = event.data;
      const isKnown = calls.some((call) => call.id === id);
      if (status === 'awaitingApproval') return isKnown ? calls : [...calls, { id, sessionId, name }];
      return isKnown ? calls.filter((call) => call.id !== id) : calls;
    }
    default:
      return calls;
  }
}
