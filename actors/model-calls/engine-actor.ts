/**
 * Engine actor: one model call of a turn. It reads the history, makes the call, sends text straight to the turn's
 * answer, and tells the turn only its beginning and its end.
 *
 * Stopping the actor aborts the call. Every failure of a call becomes one `engine.failed`.
 */
import { type ActorRefFrom, fromCallback } from 'xstate';
import type { answerLogic } from '../../machines/answer.ts';
import { emptyText, joined } from '../../machines/growing-text.ts';
import { answerSystemId } from '../../machines/turn-answer.ts';
import type { AskedCall, EngineEnd, EngineInput, TurnEvent } from '../../machines/turn-context.ts';
import type { Continuation } from '../../schema/continuation.ts';
import type { SessionId, ToolCallId } from '../../schema/ids.ts';
import type { JsonValue } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { noUsage } from '../../schema/model-usage.ts';
import { unreachable } from '../../schema/unreachable.ts';
import type { HeardEvent } from '../causes/cause.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import type { SessionCauses } from '../causes/session-causes.ts';
import type { Admission } from '../fair-admission.ts';
import type { EnginePart, EngineRequest, EngineSaid, Ids, Random } from '../ports.ts';
import { validArguments } from '../tool-calls/argument-validation.ts';
import { permittedTools } from '../tool-calls/permitted-tools.ts';
import type { KeptTurnSettings, TurnSettings } from '../turn-settings.ts';
import { AnswerFeed } from './answer-feed.ts';
import { CheckpointPace } from './checkpoint-pace.ts';
import { type EngineRequestPorts, readQuestion } from './engine-request.ts';
import { FittingRequest, isRequestRefusal, type RequestRefusal } from './fitting-request.ts';
import { ModelRooms } from './model-rooms.ts';
import { PieceText } from './piece-text.ts';
import { watchSilence } from './silence-watch.ts';
import { soundParts } from './sound-part.ts';

type ModelCallPorts = EngineRequestPorts &
  TurnSettings & {
    readonly causes: CauseLedger;
    readonly fairAdmission: Admission;
    readonly ids: Ids;
    readonly random: Random;
  };

export type EngineActorPorts = Omit<ModelCallPorts, keyof TurnSettings> & {
  readonly settings: KeptTurnSettings;
};

type EngineError = Extract<EnginePart, { type: 'error' }>;

export function engineActor(shared: EngineActorPorts) {
  const pace = new CheckpointPace();
  const rooms = new ModelRooms();
  return fromCallback<TurnEvent, EngineInput>(({ input, sendBack, system, self }) => {
    const settings = shared.settings.of(self._parent);
    const tools = permittedTools(settings.tools, input.scopes);
    const ports = { ...shared, ...settings, tools };
    const abort = new AbortController();
    let actor: ActorRefFrom<typeof answerLogic> | undefined;
    // Looked up once: the answer outlives this call.
    const answer = (): ActorRefFrom<typeof answerLogic> | undefined => {
      actor ??= system.get(answerSystemId);
      return actor;
    };
    const causes = ports.causes.of(input.sessionId);
    const tell = (event: CallEvent): void => {
      // XState would not pass it on.
      if (abort.signal.aborted) return;
      causes.heard('turn', event);
      sendBack(event);
    };
    const call = new ModelCall(ports, input, { tellTurn: tell, answer, causes }, abort.signal, {
      pace,
      rooms,
    });
    const ended = pace.begin();
    void call.run();
    return () => {
      abort.abort(callEnded);
      call.stop();
      ended();
    };
  });
}

/** Made once: each exception looks at its stack, and every call ends with one. */
const callEnded = new DOMException('Nobody waits for this model call any more', 'AbortError');

type CallEvent = Extract<HeardEvent, { type: `engine.${string}` }>;

/** Whom a model call tells what, and who notes it. */
type Listeners = {
  readonly tellTurn: (event: CallEvent) => void;
  readonly answer: () => ActorRefFrom<typeof answerLogic> | undefined;
  readonly causes: SessionCauses;
};

class ModelCall {
  readonly #ports: ModelCallPorts;
  readonly #input: EngineInput;
  readonly #tellTurn: (event: CallEvent) => void;
  readonly #feed: AnswerFeed;
  readonly #signal: AbortSignal;
  readonly #rooms: ModelRooms;
  readonly #text = new PieceText();
  readonly #reasoning = new PieceText();
  readonly #callContinuations = new Map<ToolCallId, JsonValue>();
  #fitting: FittingRequest | undefined;
  /** Why nothing was said, if less of the conversation may help. */
  #refusal: { readonly code: RequestRefusal; readonly message: string } | null = null;
  /** Of the request that was made last. */
  #partsTaken = 0;
  /** Grows with everything that arrives, and with pauses of our own making: the engine is not to blame for those. */
  #heard = 0;
  #stopTimers = () => {};
  /** Of the request that was made last: ends it, because nobody waits for it any more or patience is over. */
  #request = new AbortController();
  /** True when a call of this step needs a person's approval. */
  #needsPerson = false;

  constructor(
    ports: ModelCallPorts,
    input: EngineInput,
    listeners: Listeners,
    signal: AbortSignal,
    shared: { readonly pace: CheckpointPace; readonly rooms: ModelRooms },
  ) {
    this.#ports = ports;
    this.#input = input;
    this.#tellTurn = listeners.tellTurn;
    this.#feed = new AnswerFeed({
      clock: ports.clock,
      pace: shared.pace,
      causes: listeners.causes,
      answer: listeners.answer,
      began: () => this.#tellTurn({ type: 'engine.began', at: this.#now() }),
      checkpoint: () => this.#feed.checkpoint(),
    });
    this.#signal = signal;
    this.#rooms = shared.rooms;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const toBegin = this.#ports.fairAdmission.enter();
      if (toBegin !== undefined) await toBegin;
      if (this.#signal.aborted) return;
      const { steps, continuesAt } = this.#input;
      const isFirst = steps.length === 0 && continuesAt === 0;
      const said = isFirst ? '' : joined(this.#feed.answerNow()?.text ?? emptyText);
      this.#feed.goesOn(said);
      const text = said.slice(continuesAt);
      const question = await readQuestion(this.#ports, this.#input, text, this.#signal);
      if (this.#signal.aborted) return;
      this.#tellTurn({ type: 'engine.starting', at: this.#now() });
      await this.#ports.outbox.settled(this.#input.sessionId);
      const toAsk = this.#ports.fairAdmission.enter();
      if (toAsk !== undefined) await toAsk;
      if (this.#signal.aborted) return;
      await this.#ask(new FittingRequest(this.#rooms, question));
    } catch (cause) {
      if (this.#signal.aborted) return;
      const toEnd = this.#ports.fairAdmission.enter();
      if (toEnd !== undefined) await toEnd;
      if (this.#signal.aborted) return;
      this.#fail({ message: cause instanceof Error ? cause.message : String(cause) }, cause);
    }
  }

  stop(): void {
    this.#stopTimers();
    this.#request.abort(callEnded);
    this.#feed.stop();
  }

  /** Asks with as much of the conversation as fits. How much that is, the model may tell by refusing. */
  async #ask(fitting: FittingRequest): Promise<void> {
    this.#fitting = fitting;
    for (;;) {
      this.#partsTaken = 0;
      await this.#stream(fitting.request);
      const refusal = this.#refusal;
      this.#refusal = null;
      if (refusal === null || this.#signal.aborted) return;
      const { code, message } = refusal;
      const about = { ...fitting.about, code, error: message };
      if (!fitting.shrink(code)) return this.#fail({ code, message: fitting.wordsOf(code, message) });
      this.#ports.log.warn(
        'A model refused a request; it is asked again with less of the conversation',
        about,
      );
    }
  }

  async #stream(request: EngineRequest): Promise<void> {
    const { sessionId } = this.#input;
    const { engine, outbox } = this.#ports;
    this.#request = new AbortController();
    const { signal } = this.#request;
    this.#stopTimers = this.#watchTime();
    const alive = () => {
      this.#heard++;
    };
    try {
      for await (const given of engine.stream(request, signal, alive)) {
        if (signal.aborted) return;
        this.#heard++;
        const last = this.#takeAll(given);
        if (last !== null) {
          await this.#takeLast(last);
          return;
        }
        if (outbox.isCongested(sessionId)) await this.#uncongested(sessionId);
      }
    } catch (cause) {
      if (!signal.aborted) throw cause;
    } finally {
      this.#stopTimers();
    }
    if (!signal.aborted) {
      await this.#takeLast({ type: 'error', message: 'The engine stopped without finishing' });
    }
  }

  /** Gives the call up when nothing comes, or when it takes too long as a whole. Returns what stops watching. */
  #watchTime(): () => void {
    const { clock, silenceMsMax, callMsMax } = this.#ports;
    const giveUp = (message: string) => {
      if (this.#request.signal.aborted) return;
      this.#request.abort();
      this.#fail({ message, code: 'timeout' });
    };
    const stopWatching = watchSilence(
      clock,
      silenceMsMax,
      () => this.#heard,
      () => giveUp(`silent for ${silenceMsMax} ms`),
    );
    const cancelLimit = clock.after(callMsMax, () => giveUp(`not finished after ${callMsMax} ms`));
    return () => {
      stopWatching();
      cancelLimit();
    };
  }

  /** Takes what comes before the last part of the call; returns that one, `over` when nobody waits any more, or `null`. */
  #takeAll(given: EngineSaid): EnginePart | 'over' | null {
    for (const part of soundParts(given)) {
      if (this.#signal.aborted) return 'over';
      if (part.type === 'finish' || part.type === 'error') return part;
      if (this.#take(part)) return 'over';
    }
    return null;
  }

  /** The end of a turn is work of its own: it waits for a slice, and neither silence nor its length counts any more. */
  async #takeLast(part: EnginePart | 'over'): Promise<void> {
    this.#stopTimers();
    if (part === 'over') return;
    const toEnd = this.#ports.fairAdmission.enter();
    if (toEnd !== undefined) await toEnd;
    if (!this.#signal.aborted) this.#take(part);
  }

  /** Handles one part. Returns true when it was the last. */
  #take(part: EnginePart): boolean {
    const isFirst = this.#partsTaken++ === 0;
    switch (part.type) {
      case 'text':
        this.#feed.text(this.#text.next(this.#feed.bounded(part.text)));
        return this.#isTooLong();
      case 'reasoning':
        this.#feed.reasoning(this.#reasoning.next(this.#feed.bounded(part.text)));
        return this.#isTooLong();
      case 'tool-call':
        if (part.argumentsJson.length > limits.toolArgumentsUnitsMax) {
          this.#fail({ message: 'The engine asked for a tool call that is too large' });
          return true;
        }
        this.#tellTurn({ type: 'engine.toolCall', at: this.#now(), call: this.#askedCall(part) });
        return this.#signal.aborted;
      case 'finish':
        this.#feed.reasoning(this.#reasoning.rest());
        this.#feed.text(this.#text.rest());
        this.#fitting?.accepted(part.usage);
        this.#tellTurn({ type: 'engine.finished', at: this.#now(), ...this.#end(part) });
        return true;
      case 'error':
        if (isFirst && isRequestRefusal(part.code))
          this.#refusal = { code: part.code, message: part.message };
        else this.#fail(part);
        return true;
      default:
        return unreachable(part);
    }
  }

  #isTooLong(): boolean {
    if (!this.#feed.isOverfull) return false;
    this.#fail({ message: `The answer is longer than ${limits.answerUnitsMax} characters` });
    return true;
  }

  #askedCall(part: Extract<EnginePart, { type: 'tool-call' }>): AskedCall {
    const { modelCallId, name, argumentsJson, continuation } = part;
    const id = this.#ports.ids.next<ToolCallId>();
    // As many as there can be calls; some deliver the same call for ever.
    if (continuation !== undefined && this.#callContinuations.size < limits.stepToolCallsMax) {
      this.#callContinuations.set(id, continuation);
    }
    const tool = this.#ports.tools.find(name);
    // A call with invalid arguments will be refused, so no person is asked about it.
    const needsPerson =
      tool?.requiresApproval === true && validArguments(tool, argumentsJson, this.#ports.log).ok;
    if (needsPerson) this.#needsPerson = true;
    return {
      id,
      modelCallId,
      name,
      argumentsJson,
      ...(needsPerson ? { approval: { timeoutMs: tool.approvalTimeoutMs ?? null } } : {}),
    };
  }

  #end(part: Extract<EnginePart, { type: 'finish' }>): EngineEnd {
    const answer = this.#feed.answerNow();
    return {
      finishReason: part.reason ?? 'other',
      usage: part.usage ?? noUsage,
      model: part.model,
      continuation: this.#continuation(part),
      answerUnits: Math.max(0, (answer?.text.units ?? 0) - this.#input.continuesAt),
      reasoning:
        this.#needsPerson && answer !== undefined
          ? { text: joined(answer.reasoning), open: answer.reasoningOpen }
          : undefined,
    };
  }

  /** All of it or nothing: reasoning without the signatures that belong to it is refused. */
  #continuation(part: Extract<EnginePart, { type: 'finish' }>): Continuation | undefined {
    const { origin, continuation: step } = part;
    const calls = Object.fromEntries(this.#callContinuations);
    if (origin === undefined || (step === undefined && this.#callContinuations.size === 0)) return undefined;
    const whole = {
      origin,
      ...(step === undefined ? {} : { step }),
      ...(this.#callContinuations.size === 0 ? {} : { calls }),
    };
    const units = JSON.stringify(whole).length;
    if (units <= limits.continuationUnitsMax) return whole;
    this.#ports.log.warn('What the engine wants back is too long and was dropped', { units });
    return { origin, dropped: true };
  }

  #fail(error: Omit<EngineError, 'type'>, cause?: unknown): void {
    const { sessionId, step, attempt } = this.#input;
    const { message, code = 'unknown', retryAfterMs } = error;
    this.#ports.log.error('Model call failed', {
      sessionId,
      step,
      attempt,
      code,
      error: message,
      ...(cause === undefined ? {} : { cause }),
    });
    const jitter = this.#ports.random();
    this.#tellTurn({ type: 'engine.failed', at: this.#now(), error: message, code, retryAfterMs, jitter });
  }

  async #uncongested(sessionId: SessionId): Promise<void> {
    while (!this.#signal.aborted && this.#ports.outbox.isCongested(sessionId)) {
      this.#heard++;
      await new Promise<void>((resolve) => {
        this.#ports.clock.after(limits.congestionPollMs, resolve);
      });
    }
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}
