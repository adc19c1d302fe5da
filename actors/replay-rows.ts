/** What the rows of one session said after each of its events: what a session that wakes there would wake from. */
import type { SessionInput, WaitingTurn } from '../machines/chat-session-context.ts';
import type { ChatSession } from '../schema/chat-session.ts';
import type { DomainEvent } from '../schema/event-catalogue.ts';
import type { SessionId, TurnId } from '../schema/ids.ts';
import { type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';

type OpenTurn = WaitingTurn & { readonly status: 'queued' | 'running'; readonly step: number };

export class ReplayRows {
  readonly #sessionId: SessionId;
  #session: ChatSession | null = null;
  /** Oldest first. */
  readonly #turns = new Map<TurnId, OpenTurn>();

  constructor(sessionId: SessionId) {
    this.#sessionId = sessionId;
  }

  /** A turn that had begun a model call: no actor can be made that goes on with it. */
  get isMidTurn(): boolean {
    return [...this.#turns.values()].some(({ status, step }) => status === 'running' && step > 0);
  }

  get isAnyWaiting(): boolean {
    return this.#turns.size > 0;
  }

  /** The first thing that the oldest of them says when it is run. */
  isStartOfFirst(event: DomainEvent): boolean {
    const [first] = this.#turns.values();
    if (first === undefined) return false;
    return first.traceCreatedAt === null
      ? event.type === 'trace.created' && event.data.id === first.traceId
      : event.type === 'turn.started' && event.data.turnId === first.turnId;
  }

  /** `null`: there is no session, or nobody knows. */
  waking(options: {
    readonly agentId: string;
    readonly at: Milliseconds;
    readonly parked: boolean;
  }): SessionInput | null {
    if (this.#session === null) return null;
    const waiting = [...this.#turns.values()].map(({ status: _, step: __, ...turn }) => turn);
    return { ...options, sessionId: this.#sessionId, stored: { session: this.#session, waiting } };
  }

  apply(event: DomainEvent): void {
    switch (event.type) {
      case 'session.created':
      case 'session.updated':
        this.#session = event.data;
        return;
      case 'session.deleted':
        this.#session = null;
        this.#turns.clear();
        return;
      case 'turn.queued': {
        const { timestamp: _, ...turn } = event.data;
        this.#turns.set(turn.turnId, { ...turn, traceCreatedAt: null, status: 'queued', step: 0 });
        return;
      }
      case 'turn.started':
        this.#change(event.data.turnId, { status: 'running' });
        return;
      case 'turn.step.started':
        this.#change(event.data.turnId, { step: event.data.step });
        return;
      case 'turn.ended':
        this.#turns.delete(event.data.turnId);
        return;
      case 'trace.created': {
        const turn = [...this.#turns.values()].find(({ traceId }) => traceId === event.data.id);
        if (turn !== undefined) {
          this.#change(turn.turnId, { traceCreatedAt: millisecondsOf(event.data.createdAt) });
        }
        return;
      }
      default:
    }
  }

  #change(id: TurnId, change: Partial<OpenTurn>): void {
    const turn = this.#turns.get(id);
    if (turn !== undefined) this.#turns.set(id, { ...turn, ...change });
  }
}
