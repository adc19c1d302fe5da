/**
 * The conversations of sessions in memory, as their model calls told them last. A turn of a session that goes on where its
 * last turn ended reads nothing: its conversation is the kept one, and what that turn did, which its committed events tell.
 * In every other case the store is asked, and what it answers is kept.
 */

import { approximateBytes } from '../../schema/approximate-bytes.ts';
import { isAnswer, type MessageFact } from '../../schema/chat-message.ts';
import type {
  ConversationQuery,
  ConversationWindow,
  PastCall,
  PastTurn,
} from '../../schema/conversation-window.ts';
import type { DomainEventOf, JournaledEvent } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { characterCount } from '../../schema/text.ts';
import type { EndedStep, TurnOutcome } from '../../schema/turn-record.ts';
import type { ReadModel } from '../ports.ts';

export class KeptConversations {
  readonly #readModel: Pick<ReadModel, 'conversation'>;
  /** The session that was used last is the last. */
  readonly #sessions = new Map<SessionId, KeptConversation>();
  #units = 0;

  constructor(readModel: Pick<ReadModel, 'conversation'>) {
    this.#readModel = readModel;
  }

  /** Like `ReadModel.conversation`. Everything that was emitted for the session must be committed. */
  async read(query: ConversationQuery): Promise<ConversationWindow | undefined> {
    const kept = this.#sessions.get(query.sessionId);
    const known = kept?.windowFor(query);
    if (kept !== undefined && known !== undefined) {
      this.#used(query.sessionId, kept);
      return known;
    }
    const version = kept?.version;
    const window = await this.#readModel.conversation(query);
    // What was committed meanwhile may be in the window or not.
    if (kept !== undefined && window !== undefined && kept.version === version) {
      kept.begin(query, window);
      this.#used(query.sessionId, kept);
    }
    return window;
  }

  /** Call it with each event after its commit. */
  committed(event: JournaledEvent): void {
    const { sessionId } = event;
    if (sessionId === null) return;
    const kept = this.#sessions.get(sessionId);
    if (kept !== undefined) kept.committed(event);
    else if (event.type === 'turn.queued') {
      const begun = new KeptConversation();
      begun.committed(event);
      this.#sessions.set(sessionId, begun);
      // Of sessions that left memory before their last events were committed, something may be left.
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined && this.#sessions.size > limits.sessionsLiveMax) this.end(oldest);
    }
  }

  /** Call it when the session leaves memory. */
  end(session: SessionId): void {
    this.#units -= this.#sessions.get(session)?.units ?? 0;
    this.#sessions.delete(session);
  }

  #used(session: SessionId, kept: KeptConversation): void {
    if (this.#sessions.get(session) !== kept) return;
    this.end(session);
    this.#sessions.set(session, kept);
    this.#units += kept.measure();
    for (const oldest of this.#sessions.keys()) {
      if (this.#units <= limits.keptConversationsUnitsMax) return;
      this.end(oldest);
    }
  }
}

/** A turn that was queued while its session was kept, with all that it did. */
type KeptTurn = {
  queued: DomainEventOf<'turn.queued'>['data'];
  outcome: TurnOutcome | null;
  readonly steps: EndedStep[];
  readonly calls: Map<ToolCallId, PastCall>;
};

/** What was told last. */
type Told = Pick<ConversationQuery, 'promptId' | 'answerId'> & { readonly window: ConversationWindow };

class KeptConversation {
  /** Changes with everything after which the store must be asked. */
  version = 0;
  /** About how much text it holds, UTF-16 units, as measured last. */
  units = 0;
  #told: Told | undefined;
  /** Those that are not in `#told`: questions whose turns have not ended, and their answers. */
  readonly #messages = new Map<MessageId, MessageFact>();
  readonly #turns = new Map<TurnId, KeptTurn>();

  begin({ promptId, answerId }: ConversationQuery, window: ConversationWindow): void {
    this.#told = canBeContinued(window) ? { promptId, answerId, window } : undefined;
    this.#forgetEnded();
  }

  windowFor(query: ConversationQuery): ConversationWindow | undefined {
    const told = this.#told;
    if (told === undefined) return undefined;
    const last = this.#onlyTurnOf(told.answerId);
    if (last === undefined) return undefined;
    if (query.answerId === told.answerId && query.promptId === told.promptId)
      return last.outcome === null ? told.window : undefined;
    const window = this.#continued(told, last, query);
    if (window === undefined) return undefined;
    this.#told = { promptId: query.promptId, answerId: query.answerId, window };
    this.#forgetEnded();
    return window;
  }

  committed(event: JournaledEvent): void {
    switch (event.type) {
      case 'message.created':
      case 'message.updated':
        if (this.#told?.window.path.includes(event.data.id) === true) this.#forget();
        this.#messages.set(event.data.id, event.data);
        return;
      case 'turn.queued':
        this.#queued(event.data);
        return;
      case 'turn.step.ended': {
        const { turnId, sessionId: _, timestamp: __, ...step } = event.data;
        this.#turns.get(turnId)?.steps.push(step);
        return;
      }
      case 'tool.call':
      case 'tool.result':
        this.#turns.get(event.record.turnId)?.calls.set(event.data.id, pastCall(event));
        return;
      case 'turn.ended': {
        const turn = this.#turns.get(event.data.turnId);
        if (turn !== undefined) turn.outcome = event.data.outcome;
        return;
      }
      case 'message.deleted':
      case 'session.imported':
      case 'session.deleted':
      case 'turn.claimed':
      case 'turn.received':
        this.#forget();
        return;
      default:
    }
  }

  /** Measures again what it holds. */
  measure(): number {
    this.units = this.#told === undefined ? 0 : unitsOf(this.#told.window);
    if (this.units > limits.keptConversationUnitsMax) {
      this.#told = undefined;
      this.units = 0;
    }
    return this.units;
  }

  /** The window of a question below the last answer; `undefined`: it is not that, or not all of it is known. */
  #continued({ promptId, answerId, window }: Told, last: KeptTurn, query: ConversationQuery) {
    const answer = this.#messages.get(answerId);
    const prompt = this.#messages.get(query.promptId);
    const asked = this.#onlyTurnOf(query.answerId);
    if (last.outcome === null || last.queued.promptId !== promptId) return undefined;
    if (answer?.promptId !== promptId || answer.parentId !== promptId || answer.status === 'streaming')
      return undefined;
    if (prompt === undefined || prompt.parentId !== answerId || isAnswer(prompt)) return undefined;
    if (asked?.queued.promptId !== query.promptId) return undefined;
    const turn: PastTurn = {
      promptId,
      status: last.outcome,
      text: answer.content,
      steps: last.steps,
      calls: [...last.calls.values()],
    };
    return shortened(
      {
        path: [...window.path, answerId, prompt.id],
        messages: [...window.messages, prompt],
        turns: [...window.turns, turn],
        continued: [],
        isCut: window.isCut,
      },
      query.limit,
    );
  }

  /** `undefined` as well when it goes on with what another turn has said, or an agent outside pushes it. */
  #onlyTurnOf(answer: MessageId): KeptTurn | undefined {
    const turns = [...this.#turns.values()].filter(({ queued }) => queued.answerId === answer);
    const [turn] = turns;
    if (turn === undefined || turns.length > 1) return undefined;
    return turn.queued.continuesAt === undefined && turn.queued.pushed === undefined ? turn : undefined;
  }

  #queued(queued: KeptTurn['queued']): void {
    const turn = this.#turns.get(queued.turnId);
    if (turn !== undefined) turn.queued = queued;
    else this.#turns.set(queued.turnId, { queued, outcome: null, steps: [], calls: new Map() });
  }

  #forgetEnded(): void {
    for (const [id, { outcome }] of this.#turns) if (outcome !== null) this.#turns.delete(id);
    const waiting = new Set([...this.#turns.values()].map(({ queued }) => queued.promptId));
    for (const id of this.#messages.keys())
      if (!waiting.has(id) || id === this.#told?.promptId) this.#messages.delete(id);
  }

  #forget(): void {
    this.version++;
    this.#told = undefined;
    this.#messages.clear();
    this.#turns.clear();
  }
}

/** Where turns were left out because they did too much, the next window may begin earlier. */
function canBeContinued({ isCut, path, turns, continued }: ConversationWindow): boolean {
  return (
    continued.length === 0 &&
    (!isCut || path.length === limits.historyMessagesMax) &&
    turns.reduce((sum, { calls, steps }) => sum + calls.length + steps.length, 0) < limits.historyStepsReadMax
  );
}

/** `undefined`: what its turns did may be too much, which the store judges. */
function shortened(window: ConversationWindow, limit: number): ConversationWindow | undefined {
  if (window.path.length <= limit) return canBeContinued(window) ? window : undefined;
  const path = window.path.slice(-limit);
  const kept = new Set(path);
  const short = {
    ...window,
    path,
    messages: window.messages.filter(({ id }) => kept.has(id)),
    turns: window.turns.filter(({ promptId }) => kept.has(promptId)),
    isCut: true,
  };
  return canBeContinued(short) ? short : undefined;
}

/** One more than is told of a result, so that it can be told that it is cut. */
const resultUnitsKept = limits.toolResultModelUnitsMax + 1;

function pastCall({ data, record }: DomainEventOf<'tool.call'> | DomainEventOf<'tool.result'>): PastCall {
  const { result = null } = record;
  return {
    id: data.id,
    step: record.step ?? 1,
    name: data.name,
    argumentsJson: record.argumentsJson,
    result: result === null ? null : result.slice(0, resultUnitsKept),
    resultCharacters: result === null ? 0 : characterCount(result),
    failed: data.status === 'failed',
    ...(record.files === undefined ? {} : { files: record.files }),
  };
}

function unitsOf({ messages, turns }: ConversationWindow): number {
  let units = 0;
  for (const { content } of messages) units += content.length;
  for (const { text, calls, steps } of turns) {
    units += text.length + (steps.length === 0 ? 0 : approximateBytes(steps));
    for (const { argumentsJson, result } of calls) units += argumentsJson.length + (result?.length ?? 0);
  }
  return units;
}
