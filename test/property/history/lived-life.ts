/**
 * The real actors over storage in memory, moved through a life. Each time the model is asked, what it is given is
 * compared with what is remembered.
 */

import { type LiveSystem, startLiveSystem } from '../../../actors/live-system.ts';
import type { Engine, EnginePart, EngineRequest, Journal } from '../../../actors/ports.ts';
import type { Tool } from '../../../actors/tool-ports.ts';
import { defaultTurnBounds } from '../../../machines/turn-context.ts';
import { type MessageId, type SessionId, toolCallIdSchema } from '../../../schema/ids.ts';
import { accepted, type Outcome, refusal, refused } from '../../../schema/refusal.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import { createToolBox } from '../../../src/tools/tool-box.ts';
import { acceptedValue, countingIds } from '../../fakes/actor-world.ts';
import { testLeases } from '../../fakes/leases.ts';
import { type MemoryStorage, memoryStorage } from '../../fakes/memory-storage.ts';
import { memorySessionFiles } from '../../fakes/session-files.ts';
import { createManualClock } from '../../src/engines/manual-clock.ts';
import { GivenParts } from './given-parts.ts';
import { type Life, type Move, type MoveOf, ordinaryEnd } from './life.ts';
import {
  openCalls,
  type RememberedCall,
  type RememberedMessage,
  type RememberedStep,
  type RememberedTurn,
  settle,
} from './remembered-life.ts';
import { compare } from './told-life.ts';

const stepsMax = 4;
const interruption = 'Interrupted: the server stopped before the answer was complete';

type ModelCall = {
  readonly turn: RememberedTurn;
  readonly step: RememberedStep;
  /** Asked for, and not begun before the step ends. */
  readonly asked: RememberedCall[];
  readonly give: (part: EnginePart | Error) => void;
};

type ToolRun = { readonly call: RememberedCall; readonly end: (outcome: Outcome<unknown>) => void };

export class LivedLife {
  readonly #life: Life;
  readonly #storage: MemoryStorage = memoryStorage();
  #clock = createManualClock();
  readonly #ids = countingIds();
  readonly #messages: RememberedMessage[] = [];
  readonly #calls = new Map<string, RememberedCall>();
  #system: LiveSystem | undefined;
  #session: SessionId | undefined;
  #model: ModelCall | null = null;
  /** The turn whose model call was refused last, until it is asked again. */
  #refused: RememberedTurn | null = null;
  #runs: ToolRun[] = [];
  #problem: Error | undefined;
  #stirs = 0;
  readonly counts = { models: 0, bounded: 0 };

  constructor(life: Life) {
    this.#life = life;
  }

  async live(): Promise<void> {
    try {
      await this.#start();
      this.#session = acceptedValue(await this.#door.createSession({ title: 'A life' })).id;
      for (const move of [...this.#life.moves, ...ordinaryEnd]) await this.#perform(move);
      if (this.#messages.at(-1)?.turn?.outcome !== 'completed')
        throw new Error('the last question got no answer');
    } finally {
      this.#leave();
    }
  }

  async #perform(move: Move): Promise<void> {
    await this.#moved(move);
    await this.#quiet();
    if (this.#problem !== undefined) throw this.#problem;
  }

  #moved(move: Move): Promise<void> | void {
    switch (move.do) {
      case 'ask':
      case 'store':
        return this.#say(move);
      case 'say':
        if (this.#model === null) return;
        this.#model.step.text += move.text;
        return this.#model.give({ type: 'text', text: move.text });
      case 'call':
        return this.#call(move);
      case 'finish':
        return this.#finish(move);
      case 'fail':
        return this.#end('failed', {
          type: 'error',
          message: 'the provider is out of words',
          code: 'authentication',
        });
      case 'refuse':
        return this.#refuse(move);
      case 'break':
        return this.#end('failed', new Error('the model broke'));
      case 'result':
        return this.#result(move);
      case 'decide':
        return this.#decide(move);
      case 'cancel':
        return this.#cancel(move);
      case 'crash':
        return this.#crash();
      default:
        return unreachable(move);
    }
  }

  async #say({ do: kind, role, text: content }: MoveOf<'ask' | 'store'>): Promise<void> {
    const id = this.#ids.next<MessageId>();
    const turn: RememberedTurn | null = kind === 'ask' ? { steps: [], outcome: 'waiting' } : null;
    // Before it is answered: its turn may begin first.
    this.#messages.push({ id, role, content, turn });
    acceptedValue(
      await this.#door.addMessage(this.#sessionId, {
        id,
        role,
        content,
        toolCallId: undefined,
        name: undefined,
      }),
    );
  }

  #call({ tool }: MoveOf<'call'>): void {
    if (this.#model === null || this.#model.asked.length >= 5) return;
    const argumentsJson = JSON.stringify({ n: this.#calls.size });
    const call: RememberedCall = { name: tool, argumentsJson, result: null, failed: false };
    this.#calls.set(argumentsJson, call);
    this.#model.asked.push(call);
    // An id that comes again and again, as some models give them.
    this.#model.give({
      type: 'tool-call',
      modelCallId: `call_${this.#model.asked.length}`,
      name: tool,
      argumentsJson,
    });
  }

  #finish({ wantsBack, reason }: MoveOf<'finish'>): void {
    if (this.#model === null) return;
    const { turn, step, asked, give } = this.#model;
    this.#model = null;
    const begun = reason === 'content-filter' ? [] : asked;
    step.calls.push(...begun);
    step.wantsBack = wantsBack;
    if (begun.length === 0) {
      const hasAnswer = turn.steps.some(({ text }) => text.trim() !== '');
      turn.outcome = hasAnswer ? 'completed' : 'failed';
    }
    const unfinished = reason === 'length' ? begun.at(-1) : undefined;
    if (unfinished !== undefined)
      settle(unfinished, 'Not run: the call was cut off at the output limit', true);
    for (const call of begun) {
      if (call.name === 'unknown') settle(call, 'There is no tool named "unknown"', true);
      if (call.name === 'refused') settle(call, 'The tool says no', true);
      if (call.name === 'ready') settle(call, `ready ${call.argumentsJson}`, false);
    }
    this.#noteLastStep(turn);
    const back = { origin: 'remembering/model', continuation: { back: step.text } };
    give({ type: 'finish', reason, ...(wantsBack ? back : {}) });
  }

  #end(outcome: RememberedTurn['outcome'], how: EnginePart | Error): void {
    if (this.#model === null) return;
    this.#model.turn.outcome = outcome;
    this.#model.give(how);
    this.#model = null;
  }

  /** The model may be asked again, with less of what was before. */
  async #refuse({ code }: MoveOf<'refuse'>): Promise<void> {
    if (this.#model === null) return;
    const { turn, step, asked } = this.#model;
    const error = { type: 'error', message: 'the provider does not take it', code } as const;
    if (step.text !== '' || asked.length > 0) return this.#end('failed', error);
    this.#refused = turn;
    this.#model.give(error);
    this.#model = null;
    await this.#quiet();
    if (this.#refused === turn) turn.outcome = 'failed';
    this.#refused = null;
  }

  #result({ pick, isWell, isBlank }: MoveOf<'result'>): void {
    const run = chosen(this.#runs, pick);
    if (run === undefined) return;
    this.#runs = this.#runs.filter((one) => one !== run);
    const result = isBlank ? ' \n' : `slow ${run.call.argumentsJson}`;
    settle(run.call, result, !isWell);
    this.#noteLastStep(this.#running?.turn ?? null);
    run.end(isWell ? accepted(result) : refused(refusal('bad_request', result)));
  }

  async #decide({ pick, approve }: MoveOf<'decide'>): Promise<void> {
    const waiting = this.#storage.tables
      .sessionToolCalls(this.#sessionId)
      .filter(({ status }) => status === 'awaitingApproval');
    const stored = chosen(waiting, pick);
    const call = this.#calls.get(stored?.argumentsJson ?? '');
    if (stored === undefined || call === undefined) return;
    const id = toolCallIdSchema.parse(stored.id);
    if (approve) {
      acceptedValue(await this.#door.approveToolCall(this.#sessionId, id));
      return;
    }
    settle(call, 'Denied by a person: no', true);
    this.#noteLastStep(this.#running?.turn ?? null);
    acceptedValue(await this.#door.denyToolCall(this.#sessionId, id, 'no'));
  }

  async #cancel({ pick }: MoveOf<'cancel'>): Promise<void> {
    const open = this.#messages.filter(
      ({ turn }) => turn?.outcome === 'waiting' || turn?.outcome === 'running',
    );
    const meant = pick === null ? open : [chosen(open, pick)].filter((one) => one !== undefined);
    for (const { turn } of meant) {
      if (turn === null) continue;
      for (const call of openCalls(turn)) settle(call, 'Cancelled', true);
      if (this.#model?.turn === turn) this.#model = null;
      if (turn.outcome === 'running') this.#runs = [];
      turn.outcome = 'cancelled';
    }
    const prompt = pick === null ? undefined : this.#promptId(meant[0]);
    if (pick !== null && prompt === undefined) return;
    acceptedValue(await this.#door.cancelTurns(this.#sessionId, prompt));
  }

  /** The process is killed, and another one starts. Everything said so far was checkpointed. */
  async #crash(): Promise<void> {
    for (let ran = true, until = this.#clock.now() + 2000; ran && this.#clock.now() < until; )
      ran = this.#clock.runNext();
    await this.#quiet();
    const turn = this.#running?.turn;
    if (turn !== undefined && turn !== null) {
      const open = openCalls(turn);
      const waits = this.#storage.tables
        .sessionToolCalls(this.#sessionId)
        .some(({ status }) => status === 'awaitingApproval');
      for (const call of open) {
        const stored = this.#storage.tables
          .sessionToolCalls(this.#sessionId)
          .find(({ argumentsJson }) => argumentsJson === call.argumentsJson);
        if (!waits || stored?.status !== 'awaitingApproval') settle(call, interruption, true);
      }
      if (!waits) turn.outcome = 'interrupted';
    }
    this.#model = null;
    this.#runs = [];
    await this.#start();
  }

  /** A turn that has taken all its steps fails when the calls of the last have ended. */
  #noteLastStep(turn: RememberedTurn | null): void {
    if (turn === null || turn.outcome !== 'running' || turn.steps.length < stepsMax) return;
    if (openCalls(turn).length === 0 && (turn.steps.at(-1)?.calls.length ?? 0) > 0) turn.outcome = 'failed';
  }

  get #running(): RememberedMessage | undefined {
    return this.#messages.find(({ turn }) => turn?.outcome === 'running');
  }

  #promptId(message: RememberedMessage | undefined): MessageId | undefined {
    return this.#storage.tables.messages(this.#sessionId).find(({ id }) => id === message?.id)?.id;
  }

  get #door() {
    if (this.#system === undefined) throw new Error('nothing runs');
    return this.#system.door;
  }

  get #sessionId(): SessionId {
    if (this.#session === undefined) throw new Error('there is no session');
    return this.#session;
  }

  /** A new process over what is stored; nobody hears of the one before any more. */
  async #start(): Promise<void> {
    const life = { isOver: false };
    this.#leave();
    // Timers die with their process.
    this.#clock = createManualClock(this.#clock.now());
    this.#leave = () => {
      life.isOver = true;
      // Its calls would otherwise be waited for, for ever.
      this.#system?.registry.stop();
    };
    const { journal, readModel } = this.#storage;
    const mortal: Journal = {
      append: (batch) => (life.isOver ? new Promise(() => {}) : journal.append(batch)),
    };
    const nothing = () => {};
    this.#system = await startLiveSystem(
      {
        journal: mortal,
        readModel,
        files: memorySessionFiles(),
        publisher: { durable: nothing, volatile: nothing, stream: nothing },
        engine: this.#engine(life),
        tools: createToolBox(['ready', 'slow', 'refused', 'guarded'].map((name) => this.#tool(name))),
        clock: this.#clock,
        ids: this.#ids,
        log: { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
        leases: testLeases,
        random: () => 0.5,
      },
      {
        modelOptions: { contextTokensMax: this.#life.contextTokensMax },
        turnBounds: { ...defaultTurnBounds, stepsMax },
      },
    );
    await this.#system.recover();
  }

  #leave = () => {};

  #engine(life: { readonly isOver: boolean }): Engine {
    const lived = this;
    return {
      name: 'remembering',
      stream: async function* (request, signal) {
        if (life.isOver) return;
        const parts = lived.#asked(request);
        while (true) {
          const part = await parts.next(signal);
          lived.#stirs++;
          if (part === null) return;
          if (part instanceof Error) throw part;
          yield part;
        }
      },
    };
  }

  #asked(request: EngineRequest): GivenParts {
    this.#stirs++;
    this.counts.models++;
    const message = this.#messages.find(({ id }) => id === request.prompt.id);
    const turn = message?.turn;
    if (turn === undefined || turn === null) throw new Error('the model is asked what nobody said');
    // Whoever was refused and is not asked again has failed.
    if (this.#refused !== null && this.#refused !== turn) this.#refused.outcome = 'failed';
    this.#refused = null;
    turn.outcome = 'running';
    try {
      const isBounded = compare(request, this.#messages, this.#life.contextTokensMax);
      if (isBounded) this.counts.bounded++;
    } catch (cause) {
      this.#problem ??= cause instanceof Error ? cause : new Error(String(cause));
    }
    const again = turn.steps[request.step - 1];
    const step: RememberedStep = again ?? { text: '', calls: [], wantsBack: false };
    if (again === undefined) turn.steps.push(step);
    const parts = new GivenParts();
    this.#model = { turn, step, asked: [], give: (part) => parts.give(part) };
    return parts;
  }

  #tool(name: string): Tool {
    return {
      name,
      description: 'Does what the life says.',
      inputSchema: { type: 'object' },
      requiresApproval: name === 'guarded',
      repeatable: false,
      timeoutMs: 1_000_000,
      run: (input) => {
        this.#stirs++;
        if (name === 'ready') return Promise.resolve(accepted(`ready ${JSON.stringify(input)}`));
        if (name === 'refused') return Promise.resolve(refused(refusal('bad_request', 'The tool says no')));
        const call = this.#calls.get(JSON.stringify(input));
        if (call === undefined) throw new Error('a tool runs that nobody called');
        return new Promise((end) => this.#runs.push({ call, end }));
      },
    };
  }

  /** Waits until nothing stirs any more. */
  async #quiet(): Promise<void> {
    for (let calm = 0; calm < 4; calm++) {
      const before = this.#stirs + this.#storage.appends();
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#stirs + this.#storage.appends() !== before) calm = 0;
    }
  }
}

function chosen<Value>(from: readonly Value[], pick: number): Value | undefined {
  return from[pick % Math.max(1, from.length)];
}
