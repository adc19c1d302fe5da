/** What the agent of a session did for each message: traces and tool calls. */
import type { MessageId } from '../../../schema/ids.ts';
import { engineRunTraceName } from '../../../schema/run-trace-name.ts';
import type { SessionRun, ShownToolCall } from '../../../schema/session-run.ts';
import type { ToolEvent } from '../../../schema/tool-event.ts';
import type { Trace } from '../../../schema/trace.ts';
import type { EventFrame } from '../server-frame.ts';

/** How many runs of a session are kept; the newest ones are. */
export const runsMax = 500;

/**
 * The runs after an event, oldest first. Events do not say for which message a tool was called. A session answers one
 * message at a time, so it was the newest run that had begun by then.
 */
export function runsAfter(runs: readonly SessionRun[], event: EventFrame): readonly SessionRun[] | undefined {
  switch (event.event) {
    case 'trace.created':
    case 'trace.updated':
      return withTrace(runs, event.data);
    case 'tool.call':
    case 'tool.result':
      return withToolEvent(runs, event.data);
    case 'session.deleted':
      return undefined;
    default:
      return runs;
  }
}

function withTrace(runs: readonly SessionRun[], trace: Trace): readonly SessionRun[] {
  const at = runs.findLastIndex((run) => run.trace.id === trace.id);
  const known = runs[at];
  if (known !== undefined) {
    const isOld = known.trace.updatedAt > trace.updatedAt || isOver(known.trace);
    return isOld ? runs : runs.with(at, { ...known, trace });
  }
  const messageId = trace.metadata?.['messageId'];
  if (trace.origin === 'client' || trace.name !== engineRunTraceName || typeof messageId !== 'string')
    return runs;
  const run = { messageId: messageId as MessageId, trace, toolCalls: [] };
  const before = runs.findLastIndex((other) => other.trace.createdAt <= trace.createdAt);
  return runs.toSpliced(before + 1, 0, run).slice(-runsMax);
}

function withToolEvent(runs: readonly SessionRun[], event: ToolEvent): readonly SessionRun[] {
  const known = runs.findLastIndex((run) => run.toolCalls.some(({ id }) => id === event.id));
  const at = known < 0 ? runs.findLastIndex((run) => run.trace.createdAt <= event.timestamp) : known;
  const run = runs[at];
  if (run === undefined) return runs;
  const callAt = run.toolCalls.findIndex(({ id }) => id === event.id);
  const call = run.toolCalls[callAt];
  if (
    call !== undefined &&
    (call.timestamp > event.timestamp || call.status === 'completed' || call.status === 'failed')
  ) {
    return runs;
  }
  const next: ShownToolCall = { ...event, startedAt: call?.startedAt ?? event.timestamp };
  const toolCalls = call === undefined ? [...run.toolCalls, next] : run.toolCalls.with(callAt, next);
  return runs.with(at, { ...run, toolCalls });
}

function isOver({ status }: Trace): boolean {
  return status === 'completed' || status === 'failed';
}
