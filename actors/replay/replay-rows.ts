/** What the rows of one session said after each of its events: what a session that wakes there would wake from. */
import type { SessionInput, WaitingTurn } from '../../machines/chat-session-context.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { SessionId, TurnId } from '../../schema/ids.ts';
import { type Milliseconds, millisecondsOf } from '../../schema/timestamp.ts';
import { ReplayTurnRows } from './replay-turn-rows.ts';

type OpenTurn = WaitingTurn & { readonly rows: ReplayTurnRows };

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
    return [...this.#turns.values()].some(({ rows }) => rows.isMidway);
  }

  get isAnyWaiting(): boolean {
    return this.#turns.size > 0;
  }

  /** The first thing that the oldest of them says when it is run. */
  isStartOfFirst(event: DomainEvent): boolean {
    const [first] = this.#turns.values();
    if (first === undefined) return false;
    if (first.rows.resumed !== undefined)
      return event.type === 'agent.activity' && event.data.state === 'tool';
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
    const waiting = [...this.#turns.values()].map(({ rows, ...turn }) => {
      const { resumed } = rows;
      return resumed === undefined ? turn : { ...turn, resumed };
    });
    return { ...options, sessionId: this.#sessionId, stored: { session: this.#session, waiting } };
  }

  apply(event: DomainEvent): void {
    for (const { rows } of this.#turns.values()) rows.apply(event);
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
        this.#turns.set(turn.turnId, { ...turn, traceCreatedAt: null, rows: new ReplayTurnRows(turn) });
        return;
      }
      case 'turn.ended':
        this.#turns.delete(event.data.turnId);
        return;
      case 'trace.created': {
        const turn = [...this.#turns.values()].find(({ traceId }) => traceId === event.data.id);
        if (turn !== undefined) {
          this.#turns.set(turn.turnId, { ...turn, traceCreatedAt: millisecondsOf(event.data.createdAt) });
        }
        return;
      }
      default:
    }
  }
}
