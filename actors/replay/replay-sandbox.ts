/**
 * A sandbox: one session's actors, run by the same machines as live ones, without the outside. Its engine and its
 * tools do nothing and its timers wait; the replay sends the actors their events. Nothing is asynchronous, so every
 * effect of a cause has happened when the method returns.
 */
import {
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  fromCallback,
  type InspectionEvent,
} from 'xstate';
import { machineCharts } from '../../machines/charts.ts';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { SessionEvent, SessionInput, TitlerInput } from '../../machines/chat-session-context.ts';
import { transitionId } from '../../machines/machine-chart.ts';
import { type ToolCallEvent, type ToolRunnerInput, toolCallMachine } from '../../machines/tool-call.ts';
import { turnMachine } from '../../machines/turn.ts';
import type { EngineInput, SourceInput, TurnEvent } from '../../machines/turn-context.ts';
import type { ActorPath, ActorView } from '../../schema/actor-view.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { eventTable, isEventName } from '../../schema/event-table.ts';
import type { Emission } from '../../schema/text-piece.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { withEndsByKind } from '../sessions/ends-of-children.ts';
import { ActorNotes, actorOf } from '../watch/actor-notes.ts';
import { contextOf, field, stateOf } from '../watch/actor-state.ts';
import { actorsFrom, pathOfActor, viewOf } from '../watch/actor-tree.ts';
import { type ChatSessionSnapshot, sessionSnapshotOf } from '../watch/operator-commands.ts';
import { SandboxTimers, type TimerPurpose, type WaitingTimer } from './sandbox-timers.ts';

export type SandboxView = { readonly view: ActorView; readonly context: unknown };

/** An event for the journal. */
export type Said = { readonly actor: ActorPath; readonly event: JournaledEvent };

export type SandboxEvent = AnyEventObject & { readonly at: Milliseconds };

/** What the actors did since `begin` that would have reached the outside, which a sandbox does not have. */
export type SandboxEffects = {
  /** In order; also what the journal does not keep, such as text and answers to commands. */
  readonly emitted: readonly { readonly actor: ActorPath; readonly event: Emission }[];
  /** Actors that were started. */
  readonly started: readonly ActorPath[];
};

/** An event that was sent to an actor. */
export type Told = { readonly actor: ActorPath; readonly event: SandboxEvent };

export class ReplaySandbox {
  readonly #root: AnyActorRef;
  /** Events that the actors have emitted and nobody has taken, in order. */
  readonly said: Said[] = [];
  readonly #notes: ActorNotes;
  readonly #timers = new SandboxTimers(() => this.#purposeOfTimer());
  readonly #effects: { emitted: { actor: ActorPath; event: Emission }[]; started: ActorPath[] } = {
    emitted: [],
    started: [],
  };
  #failure: unknown = null;
  /** Actors that ended since `begin`. */
  readonly #ended = new Set<AnyActorRef>();
  /** Transitions taken since `begin`, by actor. */
  readonly #taken = new Map<ActorPath, Set<string>>();
  /** The first event that an actor receives while a timer fires. */
  #woken: Told | null = null;
  #now: Milliseconds;

  /** The session wakes at once, and may emit events. */
  constructor(input: SessionInput) {
    this.#now = input.at;
    this.#notes = new ActorNotes(() => this.#now);
    this.#root = createActor(sandboxLogic, {
      id: `session.${input.sessionId}`,
      input,
      inspect: (event: InspectionEvent) => this.#inspected(event),
      clock: this.#timers.clock,
    });
    // A failed session emits nothing more, which the comparison shows.
    this.#root.subscribe({
      error: (error) => {
        this.#failure = error;
      },
    });
    this.#root.start();
  }

  get root(): ActorPath {
    return pathOfActor(this.#root);
  }

  get snapshot(): ChatSessionSnapshot | undefined {
    return sessionSnapshotOf(this.#root);
  }

  /** Why the session failed; `null`: it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The latest time of any event. */
  get now(): Milliseconds {
    return this.#now;
  }

  get effects(): SandboxEffects {
    return this.#effects;
  }

  /** Timers that are set, in the order of setting. */
  get timers(): readonly WaitingTimer[] {
    return this.#timers.waiting();
  }

  /** The context of the running turn's answer. */
  get answer(): unknown {
    const answer = this.#find('answer');
    return answer === undefined ? undefined : contextOf(answer);
  }

  /** Starts recording which actors start and end, what they emit, and which transitions are taken. */
  begin(): void {
    this.#effects.emitted.length = 0;
    this.#effects.started.length = 0;
    this.#ended.clear();
    this.#taken.clear();
  }

  /** `to`: see `CauseAddress`. Returns `null`, without an effect, when there is no such actor. */
  send(to: string | null, event: SandboxEvent): Told | null {
    return this.#tell(this.#addressed(to), event);
  }

  /** As `send`; `path` is the actor's. */
  tell(path: string, event: SandboxEvent): Told | null {
    return this.#tell(
      actorsFrom(this.#root).find((actor) => pathOfActor(actor) === path),
      event,
    );
  }

  #tell(actor: AnyActorRef | undefined, event: SandboxEvent): Told | null {
    if (actor === undefined) return null;
    this.#now = Math.max(this.#now, event.at);
    const told = { actor: pathOfActor(actor), event };
    actor.send(event);
    return told;
  }

  /** Fires the timer that was set as the `timer`th of all. Returns `null` when it is not set. */
  runOut(timer: number, at: Milliseconds): Told | null {
    this.#now = Math.max(this.#now, at);
    this.#woken = null;
    this.#timers.runOut(timer);
    return this.#woken;
  }

  /** Views of every actor, parents first, including actors that have ended since `begin`. */
  views(): SandboxView[] {
    const ended = [...this.#ended].filter(
      (actor) => !['engine', 'source', 'toolRunner', 'titler'].includes(actor.id),
    );
    return [...new Set([...actorsFrom(this.#root), ...ended])]
      .map((actor) => ({ view: viewOf(actor, this.#notes), context: contextOf(actor) }))
      .toSorted((one, other) => (one.view.id < other.view.id ? -1 : 1));
  }

  /** Transitions of each actor's active states. */
  possible(): Map<ActorPath, readonly string[]> {
    const found = new Map<ActorPath, readonly string[]>();
    for (const actor of actorsFrom(this.#root)) {
      const { chartId, states } = stateOf(actor);
      const chart = machineCharts().find(({ id }) => id === chartId);
      const active =
        chart?.transitions.filter(({ source }) => source === '' || states.includes(source)) ?? [];
      if (active.length > 0)
        found.set(
          pathOfActor(actor),
          active.map(({ id }) => id),
        );
    }
    return found;
  }

  taken(actor: ActorPath): ReadonlySet<string> {
    return this.#taken.get(actor) ?? new Set();
  }

  stop(): void {
    this.#root.stop();
  }

  #addressed(to: string | null): AnyActorRef | undefined {
    switch (to) {
      case null:
        return this.#root;
      case 'turn': {
        const running = this.snapshot?.context.running;
        return running ? this.#find(`turn.${running.turnId}`) : undefined;
      }
      case 'answer':
        return this.#find('answer');
      default:
        return this.#find(`toolCall.${to}`);
    }
  }

  #find(id: string): AnyActorRef | undefined {
    return actorsFrom(this.#root).find((actor) => actor.id === id);
  }

  /** The timer that is being set is the newest of the actors' system. */
  #purposeOfTimer(): TimerPurpose {
    const scheduled = Object.values(this.#root.system.getSnapshot()._scheduledEvents).at(-1);
    return scheduled === undefined
      ? { actor: this.root, event: '' }
      : { actor: pathOfActor(scheduled.target), event: scheduled.event.type };
  }

  #inspected(event: InspectionEvent): void {
    const actor = actorOf(event);
    switch (event.type) {
      case '@xstate.actor':
        this.#effects.started.push(pathOfActor(actor));
        actor.on('*', (emission: Emission) => {
          this.#effects.emitted.push({ actor: pathOfActor(actor), event: emission });
          if (isJournaled(emission)) this.said.push({ actor: pathOfActor(actor), event: emission });
        });
        break;
      case '@xstate.event':
        this.#woken ??= { actor: pathOfActor(actor), event: { ...event.event, at: this.#now } };
        break;
      case '@xstate.microstep': {
        const taken = this.#taken.get(pathOfActor(actor)) ?? new Set();
        for (const transition of event._transitions) taken.add(transitionId(transition));
        this.#taken.set(pathOfActor(actor), taken);
        break;
      }
      case '@xstate.snapshot':
        // Stopping an actor that is not a machine does not change its snapshot.
        if (field(event.snapshot, 'status') !== 'active' || event.event.type === 'xstate.stop') {
          this.#ended.add(actor);
        }
        break;
      default:
    }
    this.#notes.take(event);
  }
}

function isJournaled(emission: Emission): emission is JournaledEvent {
  if (!isEventName(emission.type)) return false;
  const { delivery } = eventTable[emission.type];
  return delivery === 'durable' || delivery === 'journal' || delivery === 'checkpoint';
}

const toolRunner = fromCallback<ToolCallEvent, ToolRunnerInput>(() => {});
const engine = fromCallback<TurnEvent, EngineInput>(() => {});
const source = fromCallback<TurnEvent, SourceInput>(() => {});
const titler = fromCallback<SessionEvent, TitlerInput>(() => {});
const toolCall = toolCallMachine.provide({ actors: { toolRunner } });
const turn = withEndsByKind(turnMachine.provide({ actors: { engine, source, toolCall } }));
const sandboxLogic = withEndsByKind(chatSessionMachine.provide({ actors: { turn, titler } }));
