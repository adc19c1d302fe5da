/**
 * One session's whole actor tree, run synchronously, with an engine and tools that the test drives. The tree is
 * the one of `actors/sessions/session-actor.ts`; nothing in it waits for a journal.
 */
import { type AnyActorRef, createActor, fromCallback } from 'xstate';
import type { Cause } from '../../actors/causes/cause.ts';
import { SessionCauses } from '../../actors/causes/session-causes.ts';
import { storedCauses } from '../../actors/causes/stored-causes.ts';
import type { CausedEvent } from '../../actors/ports.ts';
import { publishing } from '../../actors/sessions/publishing.ts';
import { type AnswerEvent, answerLogic } from '../../machines/answer.ts';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { SessionContext, SessionEvent } from '../../machines/chat-session-context.ts';
import { type ToolCallEvent, type ToolRunnerInput, toolCallMachine } from '../../machines/tool-call.ts';
import { traceMachine } from '../../machines/trace.ts';
import { turnMachine } from '../../machines/turn.ts';
import { answerSystemId } from '../../machines/turn-answer.ts';
import type { EngineInput, TurnEvent } from '../../machines/turn-context.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import { eventTable, isEventName } from '../../schema/event-table.ts';
import type { CommandId, ToolCallId } from '../../schema/ids.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import type { EngineStep, LivePlan, LiveStep, Manner } from '../arbitraries/live-steps.ts';
import { sessionCommand, theSession } from '../arbitraries/session-commands.ts';
import { StoredTree } from './stored-tree.ts';

type LiveEngine = {
  readonly input: EngineInput;
  readonly tellTurn: (event: EngineSaid) => void;
  readonly tellAnswer: (event: AnswerSaid) => void;
  began: boolean;
};

type EngineSaid = Extract<TurnEvent, { type: `engine.${string}` }>;
type ToolSaid = Extract<ToolCallEvent, { type: 'tool.completed' | 'tool.failed' }>;
type AnswerSaid = Extract<AnswerEvent, { type: 'answer.text' | 'answer.reasoning' | 'answer.checkpoint' }>;

type Journaled = {
  readonly event: JournaledEvent;
  readonly causes: readonly Cause[] | null;
  readonly burst: number;
};

export type LiveRun = {
  readonly emissions: readonly Emission[];
  /** Commands that reached the actor, in order. */
  readonly commands: readonly CommandId[];
  /** The input of each model call, in order. */
  readonly modelCalls: readonly EngineInput[];
  /** The error that killed the session, if a bug did. */
  readonly crash: unknown;
  readonly deleted: boolean;
  /** What the journal would return. */
  readonly journal: readonly CausedEvent[];
};

export class LiveSession {
  readonly emissions: Emission[] = [];
  readonly commands: CommandId[] = [];
  readonly modelCalls: EngineInput[] = [];
  crash: unknown = null;
  /** What its events have left in the store. */
  readonly tree = new StoredTree();
  readonly #causes = new SessionCauses();
  readonly #journaled: Journaled[] = [];
  #burst = 0;
  #engine: LiveEngine | null = null;
  readonly #tools = new Set<(event: ToolSaid) => void>();
  readonly #toolManners: Manner[];
  #callCount = 0;
  readonly #actor;

  constructor(plan: LivePlan) {
    this.#toolManners = [...plan.tools];
    const input = { sessionId: theSession, agentId: 'rehearsal', stored: null, at: noon, parked: false };
    this.#causes.woke(input);
    this.#actor = createActor(this.#logic(), { input });
    this.#actor.subscribe({
      error: (cause) => {
        this.crash = cause;
      },
    });
    this.#actor.start();
  }

  get journal(): readonly CausedEvent[] {
    const entries = this.#journaled.map(({ event, causes, burst }, index) => {
      const told = this.#journaled.slice(index).filter((other) => other.burst === burst);
      const events = told.map((one) => one.event);
      return { seq: index + 1, event, ...(causes === null ? {} : { cause: storedCauses(causes, events) }) };
    });
    return JSON.parse(JSON.stringify(entries));
  }

  /** What the session's actor knows. */
  get context(): SessionContext {
    return this.#actor.getSnapshot().context;
  }

  get isDone(): boolean {
    return this.#actor.getSnapshot().status === 'done';
  }

  get isBusy(): boolean {
    return this.#engine !== null || this.#tools.size > 0;
  }

  take(step: LiveStep): void {
    // The registry sends nothing to a session that has gone.
    if (this.isDone) return;
    this.#burst++;
    switch (step.kind) {
      case 'command': {
        const command = sessionCommand(step.command, this.commands.length, this.tree);
        this.commands.push(command.commandId);
        this.#tell(command);
        return;
      }
      case 'park':
        this.#tell({ type: 'session.park', at: step.at });
        return;
      case 'interrupt':
        this.#tell({ type: 'session.interrupt', at: step.at, reason: 'The server stops' });
        return;
      case 'toolEnds':
        [...this.#tools][step.which % Math.max(1, this.#tools.size)]?.(
          step.failed
            ? { type: 'tool.failed', at: step.at, error: 'no luck' }
            : { type: 'tool.completed', at: step.at, result: 'a result' },
        );
        return;
      default:
        if (this.#engine !== null) this.#drive(this.#engine, step);
    }
  }

  #tell(event: Parameters<SessionCauses['heard']>[1] & SessionEvent): void {
    this.#causes.heard(null, event);
    this.#actor.send(event);
  }

  #drive(engine: LiveEngine, step: EngineStep): void {
    const { at } = step;
    switch (step.kind) {
      case 'text':
      case 'reasoning':
        // Like the engine actor: nothing for empty pieces, and the turn is told before the first piece.
        if (step.text === '') return;
        if (!engine.began) engine.tellTurn({ type: 'engine.began', at });
        engine.began = true;
        engine.tellAnswer({ type: `answer.${step.kind}`, text: step.text, at });
        return;
      case 'checkpoint':
        engine.tellAnswer({ type: 'answer.checkpoint', at });
        return;
      case 'calls':
        for (let nth = 0; nth < step.count && this.#engine === engine; nth++) {
          const id = idOf<ToolCallId>(idKinds.call, this.#callCount++);
          const call = { id, modelCallId: `call_${nth}`, name: 'clock', argumentsJson: '{}' };
          engine.tellTurn({ type: 'engine.toolCall', at, call });
        }
        return;
      case 'finish':
        engine.tellTurn({ type: 'engine.finished', at });
        return;
      case 'fail':
        engine.tellTurn({ type: 'engine.failed', at, error: step.error });
        return;
      default:
        unreachable(step);
    }
  }

  #logic() {
    const sink = (emission: Emission) => {
      this.emissions.push(emission);
      this.tree.hear(emission);
      if (emission.type === 'command.refused') this.#causes.refused(emission.commandId);
      if (!isJournaled(emission)) return;
      this.#journaled.push({ event: emission, causes: this.#causes.take(), burst: this.#burst });
    };
    const toolRunner = fromCallback<ToolCallEvent, ToolRunnerInput>(({ input, sendBack }) => {
      const tell = (event: ToolSaid): void => {
        this.#causes.heard(input.callId, event);
        sendBack(event);
      };
      const manner = this.#toolManners.shift() ?? 'wait';
      if (manner === 'throw') throw new Error('the tool runner is broken');
      if (manner === 'end') tell({ type: 'tool.completed', at: noon, result: 'at once' });
      if (manner === 'fail') tell({ type: 'tool.failed', at: noon, error: 'at once' });
      if (manner !== 'wait') return;
      this.#tools.add(tell);
      return () => this.#tools.delete(tell);
    });
    const engine = fromCallback<TurnEvent, EngineInput>(({ input, sendBack, system }) => {
      this.modelCalls.push(input);
      const tellAnswer = (event: AnswerSaid): void => {
        const answer: AnyActorRef | undefined = system.get(answerSystemId);
        if (event.type === 'answer.checkpoint') this.#causes.heard('answer', event);
        else
          this.#causes.piece(
            event.type === 'answer.text' ? 'text' : 'reasoning',
            event.text.length,
            event.at,
          );
        answer?.send(event);
      };
      const tellTurn = (event: EngineSaid): void => {
        this.#causes.heard('turn', event);
        sendBack(event);
      };
      const live: LiveEngine = { input, tellTurn, tellAnswer, began: false };
      tellTurn({ type: 'engine.starting', at: noon });
      this.#engine = live;
      return () => {
        if (this.#engine === live) this.#engine = null;
      };
    });
    const turn = turnMachine.provide({
      actors: {
        engine,
        answer: publishing(answerLogic, sink),
        toolCall: publishing(toolCallMachine.provide({ actors: { toolRunner } }), sink),
        trace: publishing(traceMachine, sink),
      },
    });
    return publishing(chatSessionMachine.provide({ actors: { turn: publishing(turn, sink) } }), sink);
  }
}

/** Runs the plan, then ends what still runs: every engine finishes, every tool completes. */
export function runLive(plan: LivePlan): LiveRun {
  const live = new LiveSession(plan);
  for (const step of plan.steps) live.take(step);
  while (live.isBusy) {
    live.take({ kind: 'toolEnds', which: 0, failed: false, at: noon });
    live.take({ kind: 'text', text: 'The end.', at: noon });
    live.take({ kind: 'finish', at: noon });
  }
  const { emissions, commands, modelCalls, crash, isDone, journal } = live;
  return { emissions, commands, modelCalls, crash, deleted: isDone, journal };
}

function isJournaled(emission: Emission): emission is JournaledEvent {
  if (!isEventName(emission.type)) return false;
  return ['durable', 'journal', 'checkpoint'].includes(eventTable[emission.type].delivery);
}
