/** Finds faults in a journal's entries alone: events that come twice, things without an end, wrong order. */
import type { JournalEntry } from '../../actors/ports.ts';

/** The names that occurred before. */
export function duplicates(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

/** The identity of an event that may come only once per thing; `null` for other events. */
function onceOnly(entry: JournalEntry): string | null {
  switch (entry.type) {
    case 'session.created':
    case 'session.deleted':
    case 'message.created':
    case 'message.deleted':
    case 'trace.created':
      return `${entry.type} ${entry.data.id}`;
    case 'trace.span.appended':
      return `${entry.type} ${entry.data.traceId} ${entry.data.id}`;
    case 'session.imported':
      return `${entry.type} ${entry.data.sessionId}`;
    case 'tool.call':
      // A call waits once and runs once; its progress may be sent often.
      return entry.data.progress === undefined ? `${entry.type} ${entry.data.id} ${entry.data.status}` : null;
    case 'tool.result':
      return `${entry.type} ${entry.data.id}`;
    case 'turn.queued':
      // Once more for each command that changes its place or its options, or lets it be heard next where it stands.
      return `${entry.type} ${entry.data.turnId} ${entry.commandId}`;
    case 'turn.ended':
      return `${entry.type} ${entry.data.turnId}`;
    case 'turn.step.started':
      return `${entry.type} ${entry.data.turnId} ${entry.data.step} ${entry.data.attempt ?? 1}`;
    case 'turn.step.ended':
      return `${entry.type} ${entry.data.turnId} ${entry.data.step}`;
    case 'command.completed':
      return `${entry.type} ${entry.data.key}`;
    default:
      return null;
  }
}

/** Events that happened twice (I4–I7, I10). */
export function duplicatedEvents(log: readonly JournalEntry[]): readonly string[] {
  const prompts = log.flatMap((entry) =>
    entry.type === 'message.created' && entry.data.role === 'user'
      ? [`${entry.data.sessionId} ${entry.data.content}`]
      : [],
  );
  return [...duplicates(log.map(onceOnly).filter((name) => name !== null)), ...duplicates(prompts)];
}

/** Turns, tool calls and traces without an end (I5, I6, I11). */
export function unterminatedIn(log: readonly JournalEntry[]): readonly string[] {
  const open = new Set<string>();
  for (const entry of log) {
    if (entry.type === 'turn.queued') open.add(`turn ${entry.data.turnId}`);
    if (entry.type === 'turn.ended') open.delete(`turn ${entry.data.turnId}`);
    if (entry.type === 'tool.call') open.add(`tool call ${entry.data.id}`);
    if (entry.type === 'tool.result') open.delete(`tool call ${entry.data.id}`);
    if (entry.type === 'trace.created') open.add(`trace ${entry.data.id}`);
    if (entry.type === 'trace.updated' && entry.data.status !== 'running')
      open.delete(`trace ${entry.data.id}`);
  }
  return [...open];
}

/** I4–I8 over the journal, session by session. */
export function disordered(log: readonly JournalEntry[]): readonly string[] {
  const faults: string[] = [];
  const bySession = Map.groupBy(log, (entry) => entry.sessionId);
  for (const [session, entries] of bySession) {
    if (session === null) continue;
    const seen = new Set<string>();
    const activities: string[] = [];
    for (const [index, entry] of entries.entries()) {
      const missing = prerequisite(entry).filter((name) => !seen.has(name));
      if (missing.length > 0) faults.push(`${entry.type} of ${session} without ${missing.join(', ')}`);
      if (ranUnseen(entry)) faults.push(`a call of ${session} runs without its approval`);
      if (entry.type === 'participant.added' && seen.has(`participant ${entry.data.id}`)) {
        faults.push(`participant ${entry.data.id} was added to ${session} twice`);
      }
      for (const name of established(entry)) seen.add(name);
      if (entry.type === 'message.deleted') seen.delete(`message ${entry.data.id}`);
      if (entry.type === 'participant.removed') seen.delete(`participant ${entry.data.id}`);
      if (entry.type === 'agent.activity') activities.push(entry.data.state);
      if (
        entry.type === 'session.deleted' &&
        index !== entries.length - 1 &&
        !isBookkeeping(entries.slice(index + 1))
      ) {
        faults.push(`something of ${session} follows session.deleted`);
      }
    }
    if (activities.length > 0 && activities.at(-1) !== 'idle') faults.push(`${session} does not end idle`);
  }
  return faults;
}

/** True when a call that needs approval runs, and nobody has approved it. */
function ranUnseen(entry: JournalEntry): boolean {
  return (
    entry.type === 'tool.call' &&
    entry.data.status === 'running' &&
    entry.record.needsApproval === true &&
    entry.data.approval?.decision !== 'approved'
  );
}

/** The stored answer of the deletion itself may follow it. */
function isBookkeeping(entries: readonly JournalEntry[]): boolean {
  return entries.every((entry) => entry.type === 'command.completed');
}

function prerequisite(entry: JournalEntry): readonly string[] {
  switch (entry.type) {
    case 'session.created':
    case 'command.completed':
      return [];
    case 'message.updated':
      return [`message ${entry.data.id}`];
    case 'message.deleted':
      return [`message ${entry.data.id}`];
    case 'participant.updated':
    case 'participant.removed':
      return [`participant ${entry.data.id}`];
    case 'branch.selected':
      return entry.data.leafId === null ? ['session'] : [`message ${entry.data.leafId}`];
    case 'message.checkpoint':
      return [`message ${entry.data.messageId}`];
    case 'tool.result':
      return [`tool call ${entry.data.id}`];
    case 'trace.updated':
      return [`trace ${entry.data.id}`];
    case 'trace.span.appended':
      return [`trace ${entry.data.traceId}`];
    case 'turn.started':
    case 'turn.ended':
      return [`turn ${entry.data.turnId}`];
    case 'turn.step.started':
      return [`started ${entry.data.turnId}`];
    case 'turn.step.ended':
      return [`step ${entry.data.turnId} ${entry.data.step}`];
    default:
      return ['session'];
  }
}

function established(entry: JournalEntry): readonly string[] {
  switch (entry.type) {
    case 'session.created':
      return ['session'];
    case 'message.created':
      return [`message ${entry.data.id}`];
    case 'participant.added':
      return [`participant ${entry.data.id}`];
    case 'session.imported':
      return entry.data.messages.map(({ id }) => `message ${id}`);
    case 'tool.call':
      return [`tool call ${entry.data.id}`];
    case 'trace.created':
      return [`trace ${entry.data.id}`];
    case 'turn.queued':
      return [`turn ${entry.data.turnId}`];
    case 'turn.started':
      return [`started ${entry.data.turnId}`];
    case 'turn.step.started':
      return [`step ${entry.data.turnId} ${entry.data.step}`];
    default:
      return [];
  }
}
