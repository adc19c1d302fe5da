/**
 * Arbitrary journals over few ids, so that entries affect each other: events of deleted sessions, messages written
 * again, checkpoints in any order. Legal or not, they must read the same however they are batched ([JRN5]). They keep
 * the one rule on which the statements rely: the first event of a session is its creation, and a deleted session is
 * never created again (I7), nor a deleted file stored again.
 */
import fc from 'fast-check';
import type { JournalEntry } from '../../actors/ports.ts';
import { agentStates } from '../../schema/agent-activity.ts';
import { messageStatuses } from '../../schema/chat-message.ts';
import type {
  CommandId,
  FileId,
  MessageId,
  SessionId,
  SpanId,
  ToolCallId,
  TraceId,
  TurnId,
} from '../../schema/ids.ts';
import type { MessageMark } from '../../schema/message-part.ts';
import { participantIdSchema, participantRoles } from '../../schema/participant.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { turnOutcomes } from '../../schema/turn-record.ts';
import { exampleTool } from '../fakes/example-tool.ts';
import {
  endedStep,
  entry,
  file,
  message,
  participant,
  session,
  start,
  trace,
  traceSpan,
} from './sample-entries.ts';

const places = 3;

/** `letter` selects the kind of thing; `owner` and `place` select one of them. */
function fixedId<Id extends string>(letter: 'a' | 'b' | 'c' | 'd' | 'e' | 'f', owner: number, place = 0): Id {
  return `${letter.repeat(8)}-0000-4000-8000-${String(owner * 100 + place).padStart(12, '0')}` as Id;
}

export const arbitrarySessionIds = Array.from({ length: places }, (_, owner) =>
  fixedId<SessionId>('a', owner),
);
/** Those of each session: they are unique within it alone ([JRN27]). */
export const arbitraryMessageIds = Array.from({ length: places }, (_, place) =>
  fixedId<MessageId>('b', 0, place),
);
export const arbitraryTurnIds = eachOwned<TurnId>('c');
export const arbitraryToolCallIds = eachOwned<ToolCallId>('d');
export const arbitraryParticipantIds = ['key:0', 'agent:1', 'app:2'].map((id) =>
  participantIdSchema.parse(id),
);
export const arbitraryOwners = ['owner 0', 'owner 1', 'owner 2'];
export const arbitraryTraceIds = Array.from({ length: places }, (_, place) =>
  fixedId<TraceId>('e', 0, place),
);

function eachOwned<Id extends string>(letter: 'c' | 'd'): Id[] {
  return Array.from({ length: places * places }, (_, index) =>
    fixedId<Id>(letter, Math.floor(index / places), index % places),
  );
}

const numberBelow = (count: number) => fc.nat({ max: count - 1 });
const time = fc.nat({ max: 3 }).map((step) => isoTimestamp(start + step));
/** No surrogates: offsets are arbitrary here, and real ones never split a pair. */
const text = fc.string({ maxLength: 6 });

const anyEntry: fc.Arbitrary<JournalEntry> = fc
  .record({
    kind: fc.constantFrom(
      ...([
        'create',
        'update',
        'delete',
        'activity',
        'message',
        'rewrite',
        'checkpoint',
        'checkpoint',
      ] as const),
      ...(['call', 'result', 'queue', 'start', 'step', 'end', 'trace', 'config'] as const),
      ...([
        'wait',
        'stepEnd',
        'layout',
        'file',
        'fileDelete',
        'tool',
        'configChange',
        'span',
        'purge',
      ] as const),
      ...(['branch', 'deleteMessage', 'import', 'handOver'] as const),
      ...(['close', 'participant', 'participantChange', 'participantEnd'] as const),
    ),
    owner: numberBelow(places),
    place: numberBelow(places),
    updatedAt: time,
    text,
    offset: numberBelow(10),
    /** Where the message stands: below one with a lesser place; only the last may wait, which is never the leaf. */
    stand: fc.oneof(
      fc.record({ queueRank: numberBelow(3) }),
      fc.record({ below: fc.option(numberBelow(places)) }),
    ),
    answers: fc.boolean(),
    status: fc.constantFrom(...messageStatuses),
    marks: fc.array(numberBelow(10), { maxLength: 2 }),
    state: fc.constantFrom(...agentStates),
    outcome: fc.constantFrom(...turnOutcomes),
    at: fc.nat({ max: 1000 }).map((step) => start + step),
  })
  .map((seed): JournalEntry => {
    const id = fixedId<SessionId>('a', seed.owner);
    const messageId = fixedId<MessageId>('b', 0, seed.place);
    const turnId = fixedId<TurnId>('c', seed.owner, seed.place);
    const toolId = fixedId<ToolCallId>('d', seed.owner, seed.place);
    const traceId = fixedId<TraceId>('e', 0, seed.place);
    const participantId = arbitraryParticipantIds[seed.place] ?? participantIdSchema.parse('nobody');
    const optional = seed.text === '' ? {} : { description: seed.text };
    const options = seed.offset % 2 === 0 ? {} : { options: { model: `m${seed.text}`, temperature: 0.5 } };
    const queued = entry.turnQueued(id, turnId);
    const idBelow = (place: number | null): MessageId | null =>
      place === null || place >= seed.place ? null : fixedId<MessageId>('b', 0, place);
    const parentId = 'below' in seed.stand ? idBelow(seed.stand.below) : null;
    const stand =
      'queueRank' in seed.stand && seed.place === places - 1
        ? seed.stand
        : { parentId, ...(seed.answers && parentId !== null ? { promptId: parentId } : {}) };
    const data = {
      ...queued.data,
      ...options,
      promptId: parentId ?? messageId,
      answerId: messageId,
      rank: seed.offset,
      ...(seed.answers ? { continuesAt: seed.place, steers: true as const } : {}),
      traceId,
    };
    const leafId = seed.answers && seed.place < places - 1 ? messageId : null;
    const marksIn = (from: number, length: number): MessageMark[] =>
      seed.marks.toSorted().map((place) => ({
        offset: from + Math.min(place, length),
        part: { type: 'reasoning', text: seed.text },
      }));
    const made = ((): JournalEntry => {
      switch (seed.kind) {
        case 'create':
          return entry.sessionCreated(
            session(id, { updatedAt: seed.updatedAt, ...optional, ...options }),
            seed.answers ? { owner: participantId, tenant: seed.text || null } : undefined,
          );
        case 'update':
          return entry.sessionUpdated(
            session(id, { title: seed.text, updatedAt: seed.updatedAt, ...optional, ...options }),
          );
        case 'handOver':
          return entry.sessionUpdated(session(id, { updatedAt: seed.updatedAt }), {
            owner: participantId,
            tenant: seed.text || null,
          });
        case 'close':
          return entry.sessionUpdated(session(id, { updatedAt: seed.updatedAt, closedAt: seed.updatedAt }));
        case 'participant':
        case 'participantChange': {
          const role = participantRoles[seed.offset % participantRoles.length] ?? 'owner';
          const type = seed.kind === 'participant' ? 'participant.added' : 'participant.updated';
          const name = seed.text === '' ? {} : { name: seed.text };
          const who = { id: participantId, ...name, role, updatedAt: seed.updatedAt };
          return entry.participant(type, participant(id, who));
        }
        case 'participantEnd':
          return entry.participantRemoved(id, participantId);
        case 'delete':
          return entry.sessionDeleted(id);
        case 'activity':
          return entry.activity(id, seed.state);
        case 'message':
          return entry.messageCreated(
            message(messageId, id, {
              content: seed.text,
              ...(seed.answers
                ? { author: { id: participantId, ...(seed.text === '' ? {} : { name: seed.text }) } }
                : {}),
              ...stand,
            }),
          );
        case 'rewrite':
          return entry.messageUpdated(
            message(messageId, id, {
              ...{ content: seed.text, name: 'n', finishReason: 'length', model: 'm', ...stand },
              ...{ usage: { inputTokens: seed.offset }, status: seed.status },
              marks: marksIn(0, seed.text.length),
            }),
          );
        case 'checkpoint': {
          const checkpoint = { sessionId: id, messageId, offset: seed.offset, text: seed.text };
          const marks = marksIn(seed.offset, seed.text.length);
          return entry.checkpoint({ ...checkpoint, ...(marks.length === 0 ? {} : { marks }) });
        }
        case 'branch':
          return entry.branchSelected(id, leafId);
        case 'deleteMessage':
          return entry.messageDeleted(id, messageId);
        case 'import':
          return entry.imported(id, {
            leafId,
            messages: [message(messageId, id, { content: seed.text, parentId })],
            turns: [
              {
                ...{
                  turnId,
                  promptId: messageId,
                  answerId: messageId,
                  traceId,
                  outcome: seed.outcome,
                  ...options,
                },
                ...{ queuedAt: seed.updatedAt, endedAt: seed.updatedAt, reason: seed.text },
                steps: [endedStep(seed.offset + 1, seed.text)],
                trace: trace(traceId, { createdAt: seed.updatedAt }),
              },
            ],
            calls: [
              {
                ...{ id: toolId, turnId, step: 1, modelCallId: 'call_1', name: 'clock', status: 'failed' },
                ...{ agentId: null, argumentsJson: '{}', result: seed.text },
                ...{ startedAt: seed.updatedAt, endedAt: seed.updatedAt },
              },
            ],
          });
        case 'call':
          return entry.tool({ type: 'tool.call', id: toolId, sessionId: id, turnId, status: 'running' });
        case 'wait':
          return entry.tool({
            ...{ type: 'tool.call', id: toolId, sessionId: id, turnId, status: 'awaitingApproval' },
            step: seed.offset + 1,
          });
        case 'stepEnd':
          return entry.turnStepEnded(id, turnId, seed.offset + 1, seed.text);
        case 'layout':
          return entry.layout(arbitraryOwners[seed.owner] ?? '', { [seed.text]: seed.offset });
        case 'tool': {
          const name = `tool_${seed.place}`;
          const tool = { ...exampleTool, name, description: seed.text, secretVersion: seed.offset + 1 };
          return seed.answers ? entry.toolUpdated(tool) : entry.toolDeactivated({ ...tool, active: false });
        }
        case 'file':
          return entry.fileStored(file(fixedId<FileId>('f', seed.owner, seed.place), seed.text));
        case 'fileDelete':
          return entry.fileDeleted(fixedId<FileId>('f', seed.owner, seed.place));
        case 'result':
          return entry.tool({
            ...{ type: 'tool.result', id: toolId, sessionId: id, turnId, status: 'completed' },
            result: seed.text,
            ...(seed.offset % 2 === 0 ? {} : { approval: { decision: 'approved', reason: seed.text } }),
          });
        case 'queue':
          return { ...queued, data };
        case 'start':
          return entry.turnStarted(id, turnId);
        case 'step':
          return entry.turnStep(id, turnId, seed.offset + 1);
        case 'end':
          return entry.turnEnded(id, turnId, seed.outcome);
        case 'trace':
          return entry.trace(
            'trace.updated',
            trace(traceId, { createdAt: seed.updatedAt, metadata: optional }),
          );
        case 'config':
          return entry.config({ features: { [seed.text]: true }, theme: 'dark' });
        case 'span':
          return entry.span(
            traceSpan(traceId, { id: fixedId<SpanId>('f', seed.owner, seed.offset), name: seed.text }),
          );
        case 'purge':
          return entry.tracesPurged(traceId);
        case 'configChange':
          return entry.configChanged({
            ...{
              id: fixedId<CommandId>('c', seed.owner, seed.place),
              by: `owner ${seed.owner}`,
              kind: 'flag',
            },
            changes: [{ key: seed.text, from: null, to: true }],
          });
      }
    })();
    return { ...made, at: seed.at };
  });

/** A journal cut into batches. */
export const arbitraryBatches: fc.Arbitrary<JournalEntry[][]> = fc
  .array(fc.array(anyEntry, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 })
  .map(fromCreationOn);

function fromCreationOn(batches: JournalEntry[][]): JournalEntry[][] {
  const created = new Set<SessionId>();
  const deleted = new Set<SessionId>();
  const deletedFiles = new Set<FileId>();
  const legal = (one: JournalEntry): boolean => {
    if (one.type === 'session.deleted') deleted.add(one.data.id);
    if (one.type === 'file.deleted') deletedFiles.add(one.data.id);
    if (one.type === 'file.stored') return !deletedFiles.has(one.data.id);
    if (one.type === 'session.created') {
      if (deleted.has(one.data.id)) return false;
      created.add(one.data.id);
    }
    return one.sessionId === null || created.has(one.sessionId);
  };
  return batches.map((batch) => batch.filter(legal)).filter((batch) => batch.length > 0);
}
