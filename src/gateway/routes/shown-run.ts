/** A session's run as REST shows it: each tool call as its last event, with previews, and when it began. */
import type { StoredRun, StoredToolCall } from '../../../actors/stored-rows.ts';
import type { SessionRun, ShownToolCall } from '../../../schema/session-run.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import { shownToolEvent, toolFact } from '../../../schema/tool-event.ts';

export function shownRun({ messageId, trace, toolCalls }: StoredRun, previewUnitsMax: number): SessionRun {
  return { messageId, trace, toolCalls: toolCalls.map((call) => shownToolCall(call, previewUnitsMax)) };
}

function shownToolCall(call: StoredToolCall, previewUnitsMax: number): ShownToolCall {
  const fact = toolFact({ ...call, at: call.endedAt ?? call.startedAt });
  const whole = { arguments: call.argumentsJson, result: call.result };
  return { ...shownToolEvent(fact, whole, previewUnitsMax), startedAt: isoTimestamp(call.startedAt) };
}
