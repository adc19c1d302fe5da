/** The read model as maps, updated entry by entry. A `Map` keeps its rows in the order of creation. */

import type { JournalEntry } from '../../actors/ports.ts';
import type { StoredToolCall, StoredTurn } from '../../actors/stored-rows.ts';
import { sessionAtLeaf } from '../../machines/session-decision.ts';
import type { AgentState } from '../../schema/agent-activity.ts';
import type { MessageFact } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { DomainEventOf, EventData } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import type { FilePart } from '../../schema/message-part.ts';
import type { Trace } from '../../schema/trace.ts';
import type { CompletedCommand, EndedStep } from '../../schema/turn-record.ts';
import { pushedOf } from '../../schema/turn-record.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { MemoryFiles } from './memory-files.ts';
import { MemoryOwners } from './memory-owners.ts';
import { MemoryParticipants } from './memory-participants.ts';
import {
  forgetRowsOf,
  forgetRowsOfTurn,
  importedCall,
  importedTurn,
  isOpenTurn,
  type MemoryTurn,
  messageRowKey,
  newestFirst,
  queuedTurn,
  storedMessage,
} from './memory-rows.ts';
import { MemoryServer } from './memory-server.ts';
import { MemorySpans } from './memory-spans.ts';
import { MemorySpending } from './memory-spending.ts';
import { MemoryTree } from './memory-tree.ts';

export class MemoryTables {
  readonly #sessions = new Map<SessionId, ChatSession>();
  /** By {@link messageRowKey}, as the two after it. */
  readonly #messages = new Map<string, MessageFact>();
  readonly #deleted = new Map<string, { readonly sessionId: SessionId }>();
  /** The text of each message as its own event gave it: checkpoints add nothing that can be searched. */
  readonly #searchable = new Map<string, string>();
  readonly #activities = new Map<SessionId, AgentState>();
  readonly #turns = new Map<TurnId, MemoryTurn>();
  readonly #toolCalls = new Map<ToolCallId, StoredToolCall>();
  readonly #traces = new Map<TraceId, Trace>();
  readonly #commands = new Map<string, CompletedCommand>();
  readonly #steps = new Map<
    string,
    { readonly sessionId: SessionId; readonly turnId: TurnId; readonly step: EndedStep }
  >();
  readonly server = new MemoryServer();
  readonly files = new MemoryFiles();
  readonly participants = new MemoryParticipants();
  readonly owners = new MemoryOwners(this.participants);
  readonly spending = new MemorySpending();
  readonly spans = new MemorySpans();

  /** Rules [JRN3]–[JRN6]. An event of a session that does not exist leaves no row. */
  apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'session.created':
        this.#sessions.set(entry.data.id, entry.data);
        this.#activities.set(entry.data.id, 'idle');
        this.owners.note(entry);
        return;
      case 'session.imported':
        if (this.#sessions.has(entry.data.sessionId)) this.#import(entry.data);
        for (const { trace } of entry.data.turns) if (trace !== undefined) this.#traces.set(trace.id, trace);
        return;
      case 'session.updated':
        if (this.#sessions.has(entry.data.id)) this.#sessions.set(entry.data.id, entry.data);
        this.owners.note(entry);
        return;
      case 'session.deleted':
        this.#deleteSession(entry.data.id);
        return;
      case 'message.created':
      case 'message.updated':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        if (entry.type === 'message.updated' && entry.data.promptId === undefined)
          this.files.forgetMessages(entry.data.sessionId, new Set([entry.data.id]));
        this.#writeMessage(entry.data);
        return;
      case 'participant.added':
      case 'participant.updated':
      case 'participant.removed':
        if (this.#sessions.has(entry.data.sessionId)) this.participants.apply(entry);
        return;
      case 'message.deleted':
        this.#deleteMessage(entry.data.sessionId, entry.data.id);
        return;
      case 'branch.selected':
        this.#selectLeaf(entry.data.sessionId, entry.data.leafId);
        return;
      case 'message.checkpoint': {
        const { sessionId, messageId, offset, text, marks = [] } = entry.data;
        const message = this.message(sessionId, messageId);
        if (message === undefined) return;
        const content = message.content.slice(0, offset) + text;
        const kept = (message.marks ?? []).filter((mark) => mark.offset <= offset);
        const key = messageRowKey(sessionId, messageId);
        this.#messages.set(key, storedMessage({ ...message, content, marks: [...kept, ...marks] }));
        return;
      }
      case 'tool.call':
      case 'tool.result':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        this.#toolCalls.set(entry.data.id, this.#callOf(entry));
        this.#refer(entry.data.sessionId, entry.record.answerId, entry.record.files);
        return;
      case 'trace.created':
      case 'trace.updated':
        this.#traces.set(entry.data.id, entry.data);
        return;
      case 'trace.span.appended':
        this.spans.append(entry.data);
        return;
      case 'trace.purged':
        for (const id of entry.data.ids) {
          this.#traces.delete(id);
          this.spans.purge(id);
        }
        return;
      case 'turn.queued': {
        if (!this.#sessions.has(entry.data.sessionId)) return;
        const queuedAt = this.#turns.get(entry.data.turnId)?.queuedAt ?? entry.at;
        this.#turns.set(entry.data.turnId, { turn: queuedTurn(entry.data), queuedAt });
        return;
      }
      case 'turn.started':
        this.#changeTurn(entry.data.turnId, { status: 'running' });
        return;
      case 'turn.step.started':
        this.#changeTurn(entry.data.turnId, { status: 'running', step: entry.data.step });
        return;
      case 'turn.claimed':
        this.#changeTurn(entry.data.turnId, { pushed: pushedOf(entry.data) });
        return;
      case 'turn.received':
        this.#changeTurn(entry.data.turnId, { received: entry.data.received });
        return;
      case 'turn.ended': {
        this.spending.note(entry);
        const { turnId, outcome, reason } = entry.data;
        const end = { endedAt: entry.at, ...(reason === undefined ? {} : { reason }) };
        this.#changeTurn(turnId, { status: outcome }, end);
        return;
      }
      case 'turn.step.ended': {
        const { turnId, sessionId, timestamp: _, ...step } = entry.data;
        const key = `${turnId} ${step.step}`;
        if (this.#sessions.has(sessionId)) this.#steps.set(key, { sessionId, turnId, step });
        return;
      }
      case 'preferences.updated':
      case 'config.updated':
      case 'config.changed':
      case 'tool.registered':
      case 'tool.updated':
      case 'tool.deactivated':
      case 'key.created':
      case 'key.rotated':
      case 'key.revoked':
        this.server.apply(entry);
        return;
      case 'command.completed':
        this.#commands.set(entry.data.key, entry.data);
        return;
      case 'agent.activity':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        this.#activities.set(entry.data.sessionId, entry.data.state);
        return;
      case 'file.stored':
        this.files.store(entry.data, entry.at, entry.record);
        return;
      case 'file.deleted':
        this.files.delete(entry.data.id);
        return;
      case 'config.flag.updated':
      case 'config.reset':
      case 'message.reasoning.completed':
      case 'config-file.updated':
      case 'turn.offered':
      case 'turn.withdrawn':
      case 'token.created':
      case 'session.handed-over':
      case 'session.commanded':
      case 'refusals.counted':
        return;
      default:
        unreachable(entry);
    }
  }

  /** By `updatedAt`, descending; among equal times the newest row first. */
  sessions(isWanted: (session: ChatSession) => boolean = () => true): ChatSession[] {
    return newestFirst([...this.#sessions.values()].filter(isWanted), ({ updatedAt }) => updatedAt);
  }

  session(id: SessionId): ChatSession | undefined {
    return this.#sessions.get(id);
  }

  /** Oldest first. */
  messages(session: SessionId): MessageFact[] {
    return [...this.#messages.values()].filter((message) => message.sessionId === session);
  }

  message(session: SessionId, id: MessageId): MessageFact | undefined {
    return this.#messages.get(messageRowKey(session, id));
  }

  isDeletedMessage(session: SessionId, id: MessageId): boolean {
    return this.#deleted.has(messageRowKey(session, id));
  }

  tree(session: SessionId): MemoryTree {
    return new MemoryTree(this.messages(session));
  }

  /** The path to the leaf, then what waits. */
  currentMessages(session: SessionId): MessageFact[] {
    const tree = this.tree(session);
    return [...tree.pathTo(this.session(session)?.leafId), ...tree.waiting];
  }

  /** All turns of a session, in the order in which they were queued. */
  turns(session: SessionId): MemoryTurn[] {
    return [...this.#turns.values()].filter(({ turn }) => turn.sessionId === session);
  }

  /** Of all sessions, in the order in which they were queued. */
  allTurns(): MemoryTurn[] {
    return [...this.#turns.values()];
  }

  /** By `createdAt`, descending; among equal times the newest row first. */
  traces(): Trace[] {
    return newestFirst([...this.#traces.values()], ({ createdAt }) => createdAt);
  }

  trace(id: TraceId): Trace | undefined {
    return this.#traces.get(id);
  }

  toolCalls(turn: TurnId): StoredToolCall[] {
    return this.#calls().filter((call) => call.turnId === turn);
  }

  toolCall(id: ToolCallId): StoredToolCall | undefined {
    return this.#calls().find((call) => call.id === id);
  }

  /** Oldest first. */
  sessionToolCalls(session: SessionId): StoredToolCall[] {
    return this.#calls().filter((call) => call.sessionId === session);
  }

  /** Of all sessions, oldest first. */
  allToolCalls(): StoredToolCall[] {
    return this.#calls();
  }

  activity(session: SessionId): AgentState | undefined {
    return this.#activities.get(session);
  }

  /** Oldest first, each with the text that it is found by. */
  searchableMessages(): { readonly message: MessageFact; readonly text: string }[] {
    return [...this.#messages].map(([key, message]) => {
      return { message, text: this.#searchable.get(key) ?? '' };
    });
  }

  turnSteps(turn: TurnId): EndedStep[] {
    return [...this.#steps.values()]
      .filter(({ turnId }) => turnId === turn)
      .map(({ step }) => step)
      .sort((a, b) => a.step - b.step);
  }

  /** A call's turn may be queued after the call. */
  #calls(): StoredToolCall[] {
    return [...this.#toolCalls.values()].map((call) => {
      return { ...call, answerId: this.#turns.get(call.turnId)?.turn.answerId ?? null };
    });
  }

  #callOf(entry: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>): StoredToolCall {
    const { data, record, at } = entry;
    return {
      id: data.id,
      sessionId: data.sessionId,
      turnId: record.turnId,
      answerId: null,
      step: record.step ?? 1,
      modelCallId: record.modelCallId,
      name: data.name,
      status: data.status,
      agentId: data.agentId,
      needsApproval: record.needsApproval ?? false,
      approvalDeadline: record.approvalDeadline ?? null,
      approval: data.approval ?? null,
      argumentsJson: record.argumentsJson,
      result: record.result ?? null,
      ...(record.files === undefined ? {} : { files: record.files }),
      startedAt: this.#toolCalls.get(data.id)?.startedAt ?? at,
      endedAt: entry.type === 'tool.result' ? at : null,
    };
  }

  /** By rank. */
  openTurns(session: SessionId): StoredTurn[] {
    return this.turns(session)
      .map(({ turn }) => turn)
      .filter(isOpenTurn)
      .sort((a, b) => a.rank - b.rank);
  }

  sessionsWithOpenTurns(): SessionId[] {
    const open = [...this.#turns.values()].filter(({ turn }) => isOpenTurn(turn));
    const waiting = [...this.#messages.values()].filter(({ queueRank }) => queueRank !== undefined);
    return [
      ...new Set([...open.map(({ turn }) => turn.sessionId), ...waiting.map(({ sessionId }) => sessionId)]),
    ];
  }

  completedCommand(key: string): CompletedCommand | undefined {
    return this.#commands.get(key);
  }

  #changeTurn(id: TurnId, change: Partial<StoredTurn>, more: Partial<MemoryTurn> = {}): void {
    const before = this.#turns.get(id);
    if (before === undefined) return;
    this.#turns.set(id, { ...before, ...more, turn: { ...before.turn, ...change } });
  }

  #writeMessage(message: MessageFact): void {
    const key = messageRowKey(message.sessionId, message.id);
    this.#messages.set(key, storedMessage(message));
    this.#searchable.set(key, message.content);
    const files = (message.marks ?? []).flatMap(({ part }) => (part?.type === 'file' ? [part] : []));
    this.#refer(message.sessionId, message.id, files);
  }

  #refer(sessionId: SessionId, messageId: MessageId | undefined, files: readonly FilePart[] = []): void {
    if (messageId === undefined) return;
    for (const { fileId } of files) this.files.refer({ fileId, messageId, sessionId });
  }

  #selectLeaf(session: SessionId, leafId: MessageId | null): void {
    const before = this.#sessions.get(session);
    if (before === undefined) return;
    this.#sessions.set(session, sessionAtLeaf(before, leafId));
  }

  #import(imported: EventData<'session.imported'>): void {
    const { sessionId } = imported;
    this.#selectLeaf(sessionId, imported.leafId);
    for (const message of imported.messages) this.#writeMessage({ ...message, sessionId });
    for (const [rank, turn] of imported.turns.entries()) {
      const before = this.#turns.get(turn.turnId);
      const row = importedTurn(sessionId, turn, rank);
      this.#turns.set(turn.turnId, { ...row, queuedAt: before?.queuedAt ?? row.queuedAt });
      for (const step of turn.steps) {
        this.#steps.set(`${turn.turnId} ${step.step}`, { sessionId, turnId: turn.turnId, step });
      }
    }
    for (const call of imported.calls) {
      const { startedAt } = this.#toolCalls.get(call.id) ?? importedCall(sessionId, call);
      this.#toolCalls.set(call.id, { ...importedCall(sessionId, call), startedAt });
      this.#refer(sessionId, this.#turns.get(call.turnId)?.turn.answerId, call.files);
    }
  }

  #deleteMessage(session: SessionId, id: MessageId): void {
    const gone = this.tree(session).subtree(id);
    for (const { turn } of this.turns(session)) {
      if (!gone.has(turn.promptId) && !gone.has(turn.answerId)) continue;
      this.#turns.delete(turn.turnId);
      this.files.forgetMessages(session, new Set([turn.answerId]));
      for (const table of [this.#toolCalls, this.#steps]) forgetRowsOfTurn(table, turn.turnId);
    }
    for (const one of gone) {
      this.#messages.delete(messageRowKey(session, one));
      this.#deleted.set(messageRowKey(session, one), { sessionId: session });
    }
    this.files.forgetMessages(session, gone);
  }

  #deleteSession(id: SessionId): void {
    this.#sessions.delete(id);
    for (const { turn } of this.turns(id)) this.#turns.delete(turn.turnId);
    for (const table of [this.#messages, this.#deleted, this.#toolCalls, this.#steps])
      forgetRowsOf(table, id);
    this.files.forgetSession(id);
    this.participants.forgetSession(id);
  }
}
