/** A publisher that records everything published, in order, and lets tests wait for it. */
import type { Publisher } from '../../actors/ports.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { TextPiece } from '../../schema/text-piece.ts';

export type Seen = { readonly event: DomainEvent | TextPiece; readonly seq: number | null };

export type RecordingPublisher = Publisher & {
  readonly seen: readonly Seen[];
  /**
   * Names of the published events, activities with their state: `agent.activity thinking`. Without the execution tree,
   * which is sent when it has been read, in no order with the rest.
   */
  readonly names: () => string[];
  /** Resolves when `condition` holds for everything published so far. */
  readonly until: (condition: (seen: readonly Seen[]) => boolean) => Promise<void>;
  /** Resolves when `count` turns have ended. */
  readonly turnsEnded: (count: number) => Promise<void>;
};

export function recordingPublisher(): RecordingPublisher {
  const seen: Seen[] = [];
  let waiting: { readonly condition: (seen: readonly Seen[]) => boolean; readonly resolve: () => void }[] =
    [];
  const record = (event: DomainEvent | TextPiece, seq: number | null) => {
    seen.push({ event, seq });
    waiting = waiting.filter(({ condition, resolve }) => {
      const holds = condition(seen);
      if (holds) resolve();
      return !holds;
    });
  };
  const until: RecordingPublisher['until'] = (condition) =>
    new Promise((resolve) => {
      if (condition(seen)) resolve();
      else waiting.push({ condition, resolve });
    });
  return {
    seen,
    durable: (event, seq) => record(event, seq),
    volatile: (event) => record(event, null),
    stream: (event) => record(event, null),
    names: () => seen.map(({ event }) => nameOf(event)).filter((name) => name !== 'execution-tree.updated'),
    until,
    turnsEnded: (count) =>
      until((all) => all.filter(({ event }) => event.type === 'turn.ended').length >= count),
  };
}

export function nameOf(event: DomainEvent | TextPiece): string {
  return event.type === 'agent.activity' ? `${event.type} ${event.data.state}` : event.type;
}
