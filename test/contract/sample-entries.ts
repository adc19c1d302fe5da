/** Journal entries for tests: one function per event, which fills in everything that a test does not specify. */
import { randomUUID } from 'node:crypto';
import type { JournalEntry } from '../../actors/ports.ts';
import type { AgentState } from '../../schema/agent-activity.ts';
import type { SessionOwner } from '../../schema/authorization.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { DomainEventOf, EventData } from '../../schema/event-catalogue.ts';
import type { StoredFile } from '../../schema/file.ts';
import {
  type FileId,
  type MessageId,
  type SessionId,
  spanIdSchema,
  type ToolCallId,
  type TraceId,
  type TurnId,
} from '../../schema/ids.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import type { FilePart, MessageMark } from '../../schema/message-part.ts';
import { type Participant, type ParticipantId, participantIdSchema } from '../../schema/participant.ts';
import type { Layout } from '../../schema/preferences.ts';
import type { RegisteredTool } from '../../schema/registered-tool.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { KeyFact, KeySecrets } from '../../schema/stored-key.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { CallApproval } from '../../schema/tool-decision.ts';
import type { ToolCallStatus } from '../../schema/tool-event.ts';
import { isToldAgain, toolFact } from '../../schema/tool-event.ts';
import type { Trace } from '../../schema/trace.ts';
import type { TraceSpan } from '../../schema/trace-span.ts';
import type { EndedStep, TurnOutcome } from '../../schema/turn-record.ts';

/** 2026-11-23T04:00:00.000Z */
export const start = Date.UTC(2026, 10, 23, 4);

export function newId<Id extends string>(): Id {
  return randomUUID() as string as Id;
}

export function session(id: SessionId, change: Partial<ChatSession> = {}): ChatSession {
  const at = isoTimestamp(start);
  return { id, title: 'A title', status: 'active', createdAt: at, updatedAt: at, ...change };
}

export function message(id: MessageId, sessionId: SessionId, change: Partial<MessageFact> = {}): MessageFact {
  return {
    id,
    sessionId,
    role: 'user',
    content: 'Hello',
    createdAt: isoTimestamp(start),
    ...('queueRank' in change ? {} : { parentId: null }),
    ...change,
  };
}

export function participant(sessionId: SessionId, change: Partial<Participant> = {}): Participant {
  const at = isoTimestamp(start);
  const id = participantIdSchema.parse('key:ada');
  return { sessionId, id, role: 'owner', createdAt: at, updatedAt: at, ...change };
}

export function trace(id: TraceId, change: Partial<Trace> = {}): Trace {
  const at = isoTimestamp(start);
  return { id, name: 'engine.run', status: 'running', createdAt: at, updatedAt: at, ...change };
}

export function file(id: FileId, name = 'notes.txt'): StoredFile {
  return { id, name, type: 'text/plain', bytes: 5, sha256: 'a'.repeat(64) };
}

export function filePart({ id, name, type, bytes }: StoredFile): FilePart {
  return { type: 'file', fileId: id, name, mediaType: type, bytes };
}

export function endedStep(step: number, model: string): EndedStep {
  return {
    step,
    answerUnits: 7,
    finishReason: 'tool-calls',
    usage: { inputTokens: 3 },
    model,
    continuation: { origin: 'a/b', step: { signed: model } },
  };
}

export const entry = {
  sessionCreated: (data: ChatSession, record?: SessionOwner): JournalEntry => ({
    type: 'session.created',
    sessionId: data.id,
    data,
    at: start,
    ...(record === undefined ? {} : { record }),
  }),
  /** With whose it is from now on, if it is handed over. */
  sessionUpdated: (data: ChatSession, record?: SessionOwner): JournalEntry => ({
    type: 'session.updated',
    sessionId: data.id,
    data,
    at: start,
    ...(record === undefined ? {} : { record }),
  }),
  sessionDeleted: (id: SessionId): JournalEntry => ({
    type: 'session.deleted',
    sessionId: id,
    data: { id },
    at: start,
  }),
  messageCreated: (data: MessageFact): JournalEntry => ({
    type: 'message.created',
    sessionId: data.sessionId,
    data,
    at: start,
  }),
  messageUpdated: (data: MessageFact): JournalEntry => ({
    type: 'message.updated',
    sessionId: data.sessionId,
    data,
    at: start,
  }),
  messageDeleted: (sessionId: SessionId, id: MessageId): JournalEntry => ({
    type: 'message.deleted',
    sessionId,
    data: { sessionId, id },
    at: start,
  }),
  participant: (type: 'participant.added' | 'participant.updated', data: Participant): JournalEntry => ({
    type,
    sessionId: data.sessionId,
    data,
    at: start,
  }),
  participantRemoved: (sessionId: SessionId, id: ParticipantId): JournalEntry => ({
    type: 'participant.removed',
    sessionId,
    data: { sessionId, id },
    at: start,
  }),
  branchSelected: (sessionId: SessionId, leafId: MessageId | null): JournalEntry => ({
    type: 'branch.selected',
    sessionId,
    data: { sessionId, leafId },
    at: start,
  }),
  imported: (sessionId: SessionId, conversation: ImportedConversation): JournalEntry => ({
    type: 'session.imported',
    sessionId,
    data: { sessionId, ...conversation },
    at: start,
  }),
  checkpoint: (data: {
    readonly sessionId: SessionId;
    readonly messageId: MessageId;
    readonly offset: number;
    readonly text: string;
    readonly marks?: MessageMark[];
  }): JournalEntry => ({ type: 'message.checkpoint', sessionId: data.sessionId, data, at: start }),
  activity: (sessionId: SessionId, state: AgentState): JournalEntry => ({
    type: 'agent.activity',
    sessionId,
    data: { sessionId, state, timestamp: isoTimestamp(start) },
    at: start,
  }),
  trace: (type: 'trace.created' | 'trace.updated', data: Trace): JournalEntry => ({
    type,
    sessionId: data.sessionId ?? null,
    data,
    at: start,
  }),
  config: (data: RuntimeConfig): JournalEntry => ({
    type: 'config.updated',
    sessionId: null,
    data,
    at: start,
  }),
  toolRegistered: (data: RegisteredTool): JournalEntry => ({
    type: 'tool.registered',
    sessionId: null,
    data,
    at: start,
  }),
  key: (
    type: `key.${'created' | 'rotated' | 'revoked'}`,
    fact: KeyFact,
    record: KeySecrets,
  ): JournalEntry => ({
    ...{ type, sessionId: null, record, at: start },
    data: { ...fact, by: fact.createdBy },
  }),
  span: (data: TraceSpan): JournalEntry => ({
    type: 'trace.span.appended',
    sessionId: null,
    data,
    at: start,
  }),
  toolUpdated: (data: RegisteredTool): JournalEntry => ({
    type: 'tool.updated',
    sessionId: null,
    data,
    at: start,
  }),
  toolDeactivated: (data: RegisteredTool): JournalEntry => ({
    type: 'tool.deactivated',
    sessionId: null,
    data,
    at: start,
  }),
  tracesPurged: (...ids: TraceId[]): JournalEntry => ({
    type: 'trace.purged',
    sessionId: null,
    data: { ids },
    at: start,
  }),
  configChanged: (data: EventData<'config.changed'>): JournalEntry => ({
    type: 'config.changed',
    sessionId: null,
    data,
    at: start,
  }),
  tool: (call: {
    readonly type: 'tool.call' | 'tool.result';
    readonly id: ToolCallId;
    readonly sessionId: SessionId;
    readonly turnId: TurnId;
    readonly status: ToolCallStatus;
    /** Present: a person must decide about it. */
    readonly step?: number;
    readonly approval?: CallApproval;
    readonly argumentsJson?: string;
    readonly result?: string;
    readonly files?: { readonly answerId: MessageId; readonly files: FilePart[] };
    readonly at?: number;
  }): JournalEntry => {
    const { argumentsJson = '{}', at = start } = call;
    return {
      type: call.type,
      sessionId: call.sessionId,
      data: toolFact({
        sessionId: call.sessionId,
        id: call.id,
        name: 'clock',
        status: call.status,
        at,
        agentId: 'agent',
        approval: call.approval ?? null,
      }),
      at,
      record: {
        turnId: call.turnId,
        modelCallId: 'call_1',
        argumentsJson,
        ...(call.step === undefined
          ? {}
          : { step: call.step, needsApproval: true, approvalDeadline: at + 5 }),
        ...(call.result === undefined ? {} : { result: call.result }),
        ...call.files,
      },
    };
  },
  turnQueued: (sessionId: SessionId, turnId: TurnId): DomainEventOf<'turn.queued'> => ({
    type: 'turn.queued',
    sessionId,
    data: {
      turnId,
      sessionId,
      promptId: newId(),
      answerId: newId(),
      traceId: newId(),
      timestamp: isoTimestamp(start),
    },
    at: start,
  }),
  turnStarted: (sessionId: SessionId, turnId: TurnId): JournalEntry => ({
    type: 'turn.started',
    sessionId,
    data: { turnId, sessionId, timestamp: isoTimestamp(start) },
    at: start,
  }),
  turnStep: (sessionId: SessionId, turnId: TurnId, step: number): JournalEntry => ({
    type: 'turn.step.started',
    sessionId,
    data: { turnId, sessionId, step, timestamp: isoTimestamp(start) },
    at: start,
  }),
  turnStepEnded: (sessionId: SessionId, turnId: TurnId, step: number, model: string): JournalEntry => ({
    type: 'turn.step.ended',
    sessionId,
    data: {
      turnId,
      sessionId,
      timestamp: isoTimestamp(start),
      ...endedStep(step, model),
    },
    at: start,
  }),
  layout: (owner: string, layout: Layout): JournalEntry => ({
    type: 'preferences.updated',
    sessionId: null,
    data: { owner, layout },
    at: start,
  }),
  fileStored: (data: StoredFile): JournalEntry => ({ type: 'file.stored', sessionId: null, data, at: start }),
  fileDeleted: (id: FileId): JournalEntry => ({
    type: 'file.deleted',
    sessionId: null,
    data: { id },
    at: start,
  }),
  turnReceived: (sessionId: SessionId, turnId: TurnId, received: number): JournalEntry => ({
    type: 'turn.received',
    sessionId,
    data: { turnId, sessionId, timestamp: isoTimestamp(start), received },
    at: start,
  }),
  turnEnded: (sessionId: SessionId, turnId: TurnId, outcome: TurnOutcome): JournalEntry => ({
    type: 'turn.ended',
    sessionId,
    data: { turnId, sessionId, outcome, reason: 'because', timestamp: isoTimestamp(start) },
    at: start,
  }),
};

/** The entry without the arguments that the journal does not repeat: it reads them from the first event of the call. */
export function toldOnce(given: JournalEntry): JournalEntry {
  if (given.type !== 'tool.call' && given.type !== 'tool.result') return given;
  if (!isToldAgain(given.type, given.data)) return given;
  return { ...given, record: { ...given.record, argumentsJson: '' } };
}

export function traceSpan(traceId: TraceId, given: Partial<TraceSpan> = {}): TraceSpan {
  return {
    ...{ id: spanIdSchema.parse(newId()), traceId, parentId: null, name: 'work', status: 'ok' },
    ...{
      startedAt: isoTimestamp(start),
      endedAt: isoTimestamp(start + 5),
      attributes: { a: 1, b: 'two', c: true },
    },
    ...given,
  };
}
