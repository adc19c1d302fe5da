/** The read model as maps, updated entry by entry. A `Map` keeps its rows in the order of creation. */
import type { JournalEntry } from '../../actors/ports.ts';
import type { StoredRun, StoredToolCall, StoredTurn } from '../../actors/stored-rows.ts';
import type { AgentState } from '../../schema/agent-activity.ts';
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { ConversationQuery, ConversationWindow, PastTurn } from '../../schema/conversation-window.ts';
import type { DomainEventOf } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId, TraceId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Layout } from '../../schema/preferences.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { Trace } from '../../schema/trace.ts';
import type { CompletedCommand, EndedStep, TurnIdentity } from '../../schema/turn-record.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { MemoryFiles } from './memory-files.ts';

export class MemoryTables {
  readonly #sessions = new Map<SessionId, ChatSession>();
  readonly #messages = new Map<MessageId, ChatMessage>();
  /** The text of each message as its own event gave it: checkpoints add nothing that can be searched. */
  readonly #searchable = new Map<MessageId, string>();
  readonly #activities = new Map<SessionId, AgentState>();
  readonly #turns = new Map<TurnId, StoredTurn>();
  readonly #toolCalls = new Map<ToolCallId, StoredToolCall>();
  readonly #traces = new Map<TraceId, Trace>();
  readonly #commands = new Map<string, CompletedCommand>();
  readonly #layouts = new Map<string, Layout>();
  readonly #steps = new Map<
    string,
    { readonly sessionId: SessionId; readonly turnId: TurnId; readonly step: EndedStep }
  >();
  #runtimeConfig: RuntimeConfig | undefined;
  readonly files = new MemoryFiles();

  /** Rules [JRN3]–[JRN6]. An event of a session that does not exist leaves no row. */
  apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'session.created':
        this.#sessions.set(entry.data.id, entry.data);
        this.#activities.set(entry.data.id, 'idle');
        return;
      case 'session.updated':
        if (this.#sessions.has(entry.data.id)) this.#sessions.set(entry.data.id, entry.data);
        return;
      case 'session.deleted':
        this.#deleteSession(entry.data.id);
        return;
      case 'message.created':
      case 'message.updated':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        this.#messages.set(entry.data.id, entry.data);
        this.#searchable.set(entry.data.id, entry.data.content);
        return;
      case 'message.checkpoint': {
        const message = this.#messages.get(entry.data.messageId);
        if (message === undefined) return;
        const content = message.content.slice(0, entry.data.offset) + entry.data.text;
        this.#messages.set(message.id, { ...message, content });
        return;
      }
      case 'tool.call':
      case 'tool.result':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        this.#toolCalls.set(entry.data.id, this.#callOf(entry));
        return;
      case 'trace.created':
      case 'trace.updated':
        this.#traces.set(entry.data.id, entry.data);
        return;
      case 'config.updated':
        this.#runtimeConfig = entry.data;
        return;
      case 'turn.queued':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        this.#turns.set(entry.data.turnId, {
          ...identityOf(entry.data),
          status: 'queued',
          step: 0,
          ...(entry.data.options === undefined ? {} : { options: entry.data.options }),
        });
        return;
      case 'turn.started':
        this.#changeTurn(entry.data.turnId, { status: 'running' });
        return;
      case 'turn.step.started':
        this.#changeTurn(entry.data.turnId, { status: 'running', step: entry.data.step });
        return;
      case 'turn.ended':
        this.#changeTurn(entry.data.turnId, { status: entry.data.outcome });
        return;
      case 'turn.step.ended': {
        const { turnId, sessionId, timestamp: _, ...step } = entry.data;
        if (this.#sessions.has(sessionId))
          this.#steps.set(`${turnId} ${step.step}`, { sessionId, turnId, step });
        return;
      }
      case 'preferences.updated':
        this.#layouts.set(entry.data.owner, entry.data.layout);
        return;
      case 'command.completed':
        this.#commands.set(entry.data.key, entry.data);
        return;
      case 'agent.activity':
        if (!this.#sessions.has(entry.data.sessionId)) return;
        this.#activities.set(entry.data.sessionId, entry.data.state);
        return;
      case 'file.stored':
        this.files.store(entry.data, entry.at);
        return;
      case 'file.deleted':
        this.files.delete(entry.data.id);
        return;
      case 'message.reasoning.completed':
        return;
      default:
        unreachable(entry);
    }
  }

  /** By `updatedAt`, descending; among equal times the newest row first. */
  sessions(): ChatSession[] {
    return [...this.#sessions.values()].reverse().sort((a, b) => descending(a.updatedAt, b.updatedAt));
  }

  session(id: SessionId): ChatSession | undefined {
    return this.#sessions.get(id);
  }

  /** Oldest first. */
  messages(session: SessionId): ChatMessage[] {
    return [...this.#messages.values()].filter((message) => message.sessionId === session);
  }

  message(id: MessageId): ChatMessage | undefined {
    return this.#messages.get(id);
  }

  /** A turn at a time from the newest back, as long as all of it is within the bounds. */
  conversation({ sessionId, promptId: prompt, limit }: ConversationQuery): ConversationWindow | undefined {
    const all = this.messages(sessionId);
    const upTo = all.slice(0, 1 + all.findIndex(({ id }) => id === prompt));
    if (upTo.length === 0) return undefined;
    const ofSession = [...this.#turns.values()].filter((turn) => turn.sessionId === sessionId);
    let room = { calls: limits.historyStepsReadMax - 1, steps: limits.historyStepsReadMax - 1 };
    const messages: ChatMessage[] = [];
    const turns: PastTurn[] = [];
    const newest = upTo.slice(-limit).reverse();
    let told = 0;
    for (const message of newest) {
      const turn = ofSession.find(({ promptId }) => promptId === message.id);
      if (turn !== undefined && message.id !== prompt) {
        const past = this.#pastTurn(turn);
        room = { calls: room.calls - past.calls.length, steps: room.steps - past.steps.length };
        if (room.calls < 0 || room.steps < 0) break;
        turns.unshift(past);
      }
      told++;
      const isSaidByTurn = ofSession.some(
        ({ answerId, failureId }) => answerId === message.id || failureId === message.id,
      );
      if (!isSaidByTurn) messages.unshift(message);
    }
    return { messages, turns, isCut: told < upTo.length };
  }

  #pastTurn({ turnId, promptId, answerId, status }: StoredTurn): PastTurn {
    return {
      promptId,
      status,
      text: this.message(answerId)?.content ?? '',
      steps: this.turnSteps(turnId),
      calls: this.toolCalls(turnId).map((call) => ({
        id: call.id,
        step: call.step,
        name: call.name,
        argumentsJson: call.argumentsJson,
        result:
          call.result === null
            ? null
            : [...call.result].slice(0, limits.toolResultModelUnitsMax + 1).join(''),
        resultCharacters: [...(call.result ?? '')].length,
        failed: call.status === 'failed',
      })),
    };
  }

  /** By `createdAt`, descending; among equal times the newest row first. */
  traces(): Trace[] {
    return [...this.#traces.values()].reverse().sort((a, b) => descending(a.createdAt, b.createdAt));
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
  searchableMessages(): { readonly message: ChatMessage; readonly text: string }[] {
    return [...this.#messages.values()].map((message) => {
      return { message, text: this.#searchable.get(message.id) ?? '' };
    });
  }

  turnSteps(turn: TurnId): EndedStep[] {
    return [...this.#steps.values()]
      .filter(({ turnId }) => turnId === turn)
      .map(({ step }) => step)
      .sort((a, b) => a.step - b.step);
  }

  layout(owner: string): Layout | undefined {
    return this.#layouts.get(owner);
  }

  /** A call's turn may be queued after the call. */
  #calls(): StoredToolCall[] {
    return [...this.#toolCalls.values()].map((call) => {
      return { ...call, answerId: this.#turns.get(call.turnId)?.answerId ?? null };
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
      startedAt: this.#toolCalls.get(data.id)?.startedAt ?? at,
      endedAt: entry.type === 'tool.result' ? at : null,
    };
  }

  /** The newest `limit` turns that have a trace, oldest first. */
  sessionRuns(session: SessionId, limit: number): StoredRun[] {
    const turns = [...this.#turns.values()].filter((turn) => turn.sessionId === session).slice(-limit);
    return turns.flatMap((turn) => {
      const trace = this.#traces.get(turn.traceId);
      if (trace === undefined) return [];
      const calls = this.toolCalls(turn.turnId);
      return [{ messageId: turn.promptId, trace, toolCalls: calls }];
    });
  }

  openTurns(session: SessionId): StoredTurn[] {
    return [...this.#turns.values()].filter((turn) => turn.sessionId === session && isOpen(turn));
  }

  sessionsWithOpenTurns(): SessionId[] {
    return [...new Set([...this.#turns.values()].filter(isOpen).map((turn) => turn.sessionId))];
  }

  get runtimeConfig(): RuntimeConfig | undefined {
    return this.#runtimeConfig;
  }

  completedCommand(key: string): CompletedCommand | undefined {
    return this.#commands.get(key);
  }

  #changeTurn(id: TurnId, change: Partial<StoredTurn>): void {
    const turn = this.#turns.get(id);
    if (turn !== undefined) this.#turns.set(id, { ...turn, ...change });
  }

  #deleteSession(id: SessionId): void {
    this.#sessions.delete(id);
    forget(this.#messages, id);
    forget(this.#turns, id);
    forget(this.#toolCalls, id);
    forget(this.#steps, id);
    this.files.forgetSession(id);
  }
}

function forget<Id>(table: Map<Id, { readonly sessionId: SessionId }>, session: SessionId): void {
  for (const [id, row] of table) if (row.sessionId === session) table.delete(id);
}

function identityOf(queued: TurnIdentity): TurnIdentity {
  const { turnId, sessionId, promptId, answerId, failureId, traceId } = queued;
  return { turnId, sessionId, promptId, answerId, failureId, traceId };
}

function isOpen(turn: StoredTurn): boolean {
  return turn.status === 'queued' || turn.status === 'running';
}

function descending(a: string, b: string): number {
  return a < b ? 1 : a > b ? -1 : 0;
}
