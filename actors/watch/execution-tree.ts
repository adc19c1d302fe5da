/** The execution tree of a session: its running turn, and its stored tool calls (docs/protocol.md A5). */
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import { type ExecutionState, executionState, type RunningAgent } from '../../schema/execution-tree.ts';
import type { SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { Clock, Log, Publisher, ReadModel } from '../ports.ts';

export type ExecutionTreesOptions = {
  readonly readModel: Pick<ReadModel, 'sessionToolCalls'>;
  /** The session's running turn, as its actor reports it. */
  readonly running: (session: SessionId) => RunningAgent | null;
  readonly publisher: Pick<Publisher, 'volatile'>;
  readonly clock: Clock;
  readonly log: Log;
};

export class ExecutionTrees {
  readonly #options: ExecutionTreesOptions;
  /** Sessions whose tree has changed since it was last sent. */
  readonly #changed = new Set<SessionId>();
  #telling = false;

  constructor(options: ExecutionTreesOptions) {
    this.#options = options;
  }

  /** Rejects when the read model does. */
  async state(session: SessionId): Promise<ExecutionState> {
    const { readModel, running, clock } = this.#options;
    const calls = await readModel.sessionToolCalls(session, { limit: limits.executionTreeCallsMax });
    return executionState(calls, running(session), clock.now());
  }

  /** Call it when an event has been published. Each tree that a tool call has changed is sent once per tick. */
  committed(event: DomainEvent): void {
    if (!changesTree(event) || event.sessionId === null) return;
    this.#changed.add(event.sessionId);
    if (this.#telling) return;
    this.#telling = true;
    this.#options.clock.soon(() => {
      void this.#tell().finally(() => {
        this.#telling = false;
      });
    });
  }

  /** Never rejects: a tree that could not be read is sent with the next change. */
  async #tell(): Promise<void> {
    const { publisher, clock, log } = this.#options;
    for (const sessionId of this.#changed) {
      this.#changed.delete(sessionId);
      try {
        const state = await this.state(sessionId);
        const at = clock.now();
        publisher.volatile({ type: 'execution-tree.updated', sessionId, at, data: { sessionId, state } });
      } catch (cause) {
        log.debug('An execution tree could not be read', { sessionId, cause });
      }
    }
  }
}

function changesTree({ type }: DomainEvent): boolean {
  return type === 'tool.call' || type === 'tool.result';
}
