/**
 * A sandbox: one session's actors, run by the machines that run live ones, with nothing outside. Its engine and its
 * tools do nothing; what they would have told is put in by whoever replays. Nothing waits for anything, so everything
 * that a message leads to has happened when `send` returns.
 */
import {
  type AnyActorRef,
  type AnyEventObject,
  createActor,
  fromCallback,
  type InspectionEvent,
  SimulatedClock,
} from 'xstate';
import { machineCharts } from '../../machines/charts.ts';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { SessionInput } from '../../machines/chat-session-context.ts';
import { transitionId } from '../../machines/machine-chart.ts';
import { type ToolCallEvent, type ToolRunnerInput, toolCallMachine } from '../../machines/tool-call.ts';
import { turnMachine } from '../../machines/turn.ts';
import type { EngineInput, TurnEvent } from '../../machines/turn-context.ts';
import type { ActorPath, ActorView } from '../../schema/actor-view.ts';
import type { Emission } from '../../schema/text-piece.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { ActorNotes, actorOf } from '../watch/actor-notes.ts';
import { contextOf, field, stateOf } from '../watch/actor-state.ts';
import { actorsFrom, pathOfActor, viewOf } from '../watch/actor-tree.ts';
import { type ChatSessionSnapshot, sessionSnapshotOf } from '../watch/operator-commands.ts';

export type SandboxView = { readonly view: ActorView; readonly context: unknown };

export type Said = { readonly actor: ActorPath; readonly emission: Emission };

/** A message from outside to the actor of that id. */
export type ReplayInput = {
  readonly to: string;
  readonly event: AnyEventObject & { readonly at: Milliseconds };
};

export class ReplaySandbox {
  readonly root: AnyActorRef;
  /** What its actors have said and nobody has taken, in order. */
  readonly said: Said[] = [];
  readonly #notes: ActorNotes;
  /** What ended since `begin`. */
  readonly #ended = new Set<AnyActorRef>();
  /** Transitions taken since `begin`, by actor. */
  readonly #taken = new Map<ActorPath, Set<string>>();
  #now: Milliseconds;

  /** It wakes at once, and may say something. */
  constructor(input: SessionInput) {
    this.#now = input.at;
    this.#notes = new ActorNotes(() => this.#now);
    this.root = createActor(sandboxLogic, {
      id: `session.${input.sessionId}`,
      input,
      inspect: (event: InspectionEvent) => this.#inspected(event),
      // Time does not pass in here; who replays says what it brought.
      clock: new SimulatedClock(),
    });
    // One that fails says nothing more, which is seen.
    this.root.subscribe({ error: () => {} });
    this.root.start();
  }

  get snapshot(): ChatSessionSnapshot | undefined {
    return sessionSnapshotOf(this.root);
  }

  find(id: string): AnyActorRef | undefined {
    return actorsFrom(this.root).find((actor) => actor.id === id);
  }

  /** From here on, what ends and what is taken counts. */
  begin(): void {
    this.#ended.clear();
    this.#taken.clear();
  }

  /** The path of the actor that it went to; `null`: there is none. */
  send({ to, event }: ReplayInput): ActorPath | null {
    const actor = this.find(to);
    if (actor === undefined) return null;
    this.#now = Math.max(this.#now, event.at);
    const path = pathOfActor(actor);
    actor.send(event);
    return path;
  }

  /** Every actor, parents first, those included that have ended since `begin`. */
  views(): SandboxView[] {
    const ended = [...this.#ended].filter((actor) => !['engine', 'toolRunner'].includes(actor.id));
    return [...new Set([...actorsFrom(this.root), ...ended])]
      .map((actor) => ({ view: viewOf(actor, this.#notes), context: contextOf(actor) }))
      .toSorted((one, other) => (one.view.id < other.view.id ? -1 : 1));
  }

  /** Transitions of each actor's active states. */
  possible(): Map<ActorPath, readonly string[]> {
    const found = new Map<ActorPath, readonly string[]>();
    for (const actor of actorsFrom(this.root)) {
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
    this.root.stop();
  }

  #inspected(event: InspectionEvent): void {
    const actor = actorOf(event);
    switch (event.type) {
      case '@xstate.actor':
        actor.on('*', (emission: Emission) => this.said.push({ actor: pathOfActor(actor), emission }));
        break;
      case '@xstate.microstep': {
        const taken = this.#taken.get(pathOfActor(actor)) ?? new Set();
        for (const transition of event._transitions) taken.add(transitionId(transition));
        this.#taken.set(pathOfActor(actor), taken);
        break;
      }
      case '@xstate.snapshot':
        // What is no machine does not change when it is stopped.
        if (field(event.snapshot, 'status') !== 'active' || event.event.type === 'xstate.stop') {
          this.#ended.add(actor);
        }
        break;
      default:
    }
    this.#notes.take(event);
  }
}

const toolRunner = fromCallback<ToolCallEvent, ToolRunnerInput>(() => {});
const engine = fromCallback<TurnEvent, EngineInput>(() => {});
const toolCall = toolCallMachine.provide({ actors: { toolRunner } });
const turn = turnMachine.provide({ actors: { engine, toolCall } });
const sandboxLogic = chatSessionMachine.provide({ actors: { turn } });
