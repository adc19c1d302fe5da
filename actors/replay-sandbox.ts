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
} from 'xstate';
import { chatSessionMachine } from '../machines/chat-session.ts';
import type { SessionInput } from '../machines/chat-session-context.ts';
import { type ToolCallEvent, type ToolRunnerInput, toolCallMachine } from '../machines/tool-call.ts';
import { turnMachine } from '../machines/turn.ts';
import { answerSystemId } from '../machines/turn-actions.ts';
import type { EngineInput, TurnEvent } from '../machines/turn-context.ts';
import type { ActorView } from '../schema/actor-view.ts';
import type { Emission } from '../schema/stream-event.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import { ActorNotes, actorOf } from './actor-notes.ts';
import { contextOf } from './actor-state.ts';
import { actorsFrom, viewOf } from './actor-tree.ts';
import { type SessionSnapshot, sessionSnapshotOf } from './operator-commands.ts';

export type SandboxView = { readonly view: ActorView; readonly context: unknown };

export type Said = { readonly actor: AnyActorRef; readonly emission: Emission };

export class ReplaySandbox {
  readonly notes: ActorNotes;
  readonly root: AnyActorRef;
  /** What its actors have said, in order. */
  readonly said: Said[] = [];
  /** Why it cannot go on: an actor failed. */
  failure: unknown;
  #now: Milliseconds;

  constructor(input: SessionInput) {
    this.#now = input.at;
    this.notes = new ActorNotes(() => this.#now);
    this.root = createActor(sandboxLogic, {
      id: `session.${input.sessionId}`,
      input,
      inspect: (event: InspectionEvent) => this.#inspected(event),
      // Time does not pass in here; who replays says what it brought.
      clock: { setTimeout: () => 0, clearTimeout: () => {} },
    });
    this.root.subscribe({
      error: (cause) => {
        this.failure = cause;
      },
    });
    this.root.start();
  }

  /** Every actor, parents first, those included that have just ended. */
  get actors(): readonly AnyActorRef[] {
    return actorsFrom(this.root);
  }

  get snapshot(): SessionSnapshot | undefined {
    return sessionSnapshotOf(this.root);
  }

  views(): SandboxView[] {
    return this.actors.map((actor) => ({ view: viewOf(actor, this.notes), context: contextOf(actor) }));
  }

  find(id: string): AnyActorRef | undefined {
    return this.actors.find((actor) => actor.id === id);
  }

  /** The answer of the running turn, once it has one. */
  get answer(): AnyActorRef | undefined {
    const answer: AnyActorRef | undefined = this.root.system.get(answerSystemId);
    return answer;
  }

  send(actor: AnyActorRef, event: AnyEventObject & { readonly at: Milliseconds }): void {
    this.#now = Math.max(this.#now, event.at);
    actor.send(event);
  }

  stop(): void {
    this.root.stop();
  }

  #inspected(event: InspectionEvent): void {
    const actor = actorOf(event);
    if (event.type === '@xstate.actor') {
      actor.on('*', (emission: Emission) => this.said.push({ actor, emission }));
    }
    this.notes.take(event);
  }
}

const toolRunner = fromCallback<ToolCallEvent, ToolRunnerInput>(() => {});
const engine = fromCallback<TurnEvent, EngineInput>(() => {});
const toolCall = toolCallMachine.provide({ actors: { toolRunner } });
const turn = turnMachine.provide({ actors: { engine, toolCall } });
const sandboxLogic = chatSessionMachine.provide({ actors: { turn } });
