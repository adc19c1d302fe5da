/** What a what-if move led to: what the actors did, and what they would have had done outside. */
import type { ReplaySandbox, Told } from '../../../../actors/replay/replay-sandbox.ts';
import type { WaitingTimer } from '../../../../actors/replay/sandbox-timers.ts';
import { valueText } from '../../../../schema/preview.ts';
import type { Emission } from '../../../../schema/text-piece.ts';
import { nameOfPath } from '../log/sequence.ts';

/** Something that was emitted once or several times in a row. */
export type Utterance = {
  readonly actorId: string;
  readonly type: string;
  readonly count: number;
  /** The last one, as JSON. */
  readonly preview: string | null;
};

export type Moved = {
  readonly label: string;
  /** Who heard the last of its events; `null`: nobody was there to hear it. */
  readonly to: string | null;
  /** Transitions that were taken, by actor. */
  readonly taken: readonly { readonly actorId: string; readonly transitions: readonly string[] }[];
  readonly said: readonly Utterance[];
  /** Actors that live in the sandbox, too. */
  readonly started: readonly string[];
  /** Actors that would ask a model or run a tool: here they do nothing. */
  readonly wouldRun: readonly string[];
  /** Timers that it set and that still wait. */
  readonly timers: readonly WaitingTimer[];
  /** Why a command was refused; `null`: none was. */
  readonly refusal: string | null;
  readonly failure: string | null;
};

const outsideKinds = ['engine', 'source', 'toolRunner', 'titler'];

/** `before`: the timers that waited before the move. */
export function outcomeOf(
  label: string,
  told: readonly Told[],
  sandbox: ReplaySandbox,
  before: ReadonlySet<number>,
): Moved {
  const { emitted, started } = sandbox.effects;
  const isOutside = (path: string) => outsideKinds.includes(nameOfPath(path));
  return {
    label,
    to: told.at(-1)?.actor ?? null,
    taken: sandbox.views().flatMap(({ view: { id } }) => {
      const transitions = [...sandbox.taken(id)];
      return transitions.length === 0 ? [] : [{ actorId: id, transitions }];
    }),
    said: emitted.reduce(withSaid, []),
    started: started.filter((path) => !isOutside(path)),
    wouldRun: started.filter(isOutside),
    timers: sandbox.timers.filter(({ timer }) => !before.has(timer)),
    refusal:
      emitted
        .flatMap(({ event }) => (event.type === 'command.refused' ? [event.refusal.message] : []))
        .at(-1) ?? null,
    failure: sandbox.failure === null ? null : String(sandbox.failure),
  };
}

function withSaid(
  said: Utterance[],
  { actor, event }: { readonly actor: string; readonly event: Emission },
): Utterance[] {
  const last = said.at(-1);
  const preview = valueText('data' in event ? event.data : event);
  if (last?.actorId === actor && last.type === event.type) {
    return [...said.slice(0, -1), { ...last, count: last.count + 1, preview }];
  }
  return [...said, { actorId: actor, type: event.type, count: 1, preview }];
}

/** True when nothing came of the move: in its present state the actor does not handle the event. */
export function isIgnored({ taken, said, started, wouldRun, failure }: Moved): boolean {
  return taken.length + said.length + started.length + wouldRun.length === 0 && failure === null;
}
