/** A stored tool call as listed in a session's runs: the data of its last event, with previews, and when it began. */
import type { ShownToolCall } from '../../schema/session-run.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { toolEvent } from '../../schema/tool-event.ts';
import type { StoredToolCall } from '../ports.ts';

export function shownToolCall(call: StoredToolCall): ShownToolCall {
  const event = toolEvent({ ...call, arguments: call.argumentsJson, at: call.endedAt ?? call.startedAt });
  return { ...event, startedAt: isoTimestamp(call.startedAt) };
}
