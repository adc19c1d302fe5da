/**
 * Tool actor: runs one tool for one call. It starts only when the call is durable, so that no tool can have run
 * without the journal knowing (I11), and only with arguments that the tool's schema accepts.
 *
 * Stopping the actor aborts the tool. Every failure of a tool becomes one `tool.failed`.
 */
import { fromCallback } from 'xstate';
import type { ToolCallEvent, ToolRunnerInput } from '../../machines/tool-call.ts';
import type { JsonObject } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { cutText, valueText } from '../../schema/preview.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import { storableText } from '../../schema/text.ts';
import type { HeardEvent } from '../causes/cause.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import type { SessionFiles } from '../file-store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Clock, Log } from '../ports.ts';
import type { Tool, ToolBox } from '../tool-ports.ts';
import type { KeptTurnSettings } from '../turn-settings.ts';
import { validArguments } from './argument-validation.ts';
import { permittedTools } from './permitted-tools.ts';
import { ReturnedFiles } from './returned-files.ts';
import { progressTeller } from './tool-progress.ts';

type ToolRunPorts = {
  readonly tools: ToolBox;
  readonly outbox: Outbox;
  readonly causes: CauseLedger;
  readonly clock: Clock;
  readonly log: Log;
  readonly files: Pick<SessionFiles, 'keep'>;
};

export type ToolActorPorts = Omit<ToolRunPorts, 'tools'> & { readonly settings: KeptTurnSettings };

export function toolActor(shared: ToolActorPorts) {
  return fromCallback<ToolCallEvent, ToolRunnerInput>(({ input, sendBack, self }) => {
    // The runner is its call's, and the call its turn's.
    const { tools } = shared.settings.of(self._parent?._parent);
    const ports = { ...shared, tools: permittedTools(tools, input.scopes) };
    const abort = new AbortController();
    const causes = ports.causes.of(input.sessionId);
    const tell = (event: ToolSaid): void => {
      // XState would not pass it on.
      if (abort.signal.aborted) return;
      causes.heard(input.callId, event);
      sendBack(event);
    };
    const run = new Run(ports, input, tell, abort.signal);
    void run.toItsEnd().then((event) => {
      if (event !== null) tell(event);
    });
    return () => abort.abort();
  });
}

type ToolSaid = Extract<HeardEvent, ToolCallEvent>;

class Run {
  readonly #ports: ToolRunPorts;
  readonly #input: ToolRunnerInput;
  readonly #tell: (event: ToolSaid) => void;
  readonly #signal: AbortSignal;
  readonly #returned: ReturnedFiles;

  constructor(
    ports: ToolRunPorts,
    input: ToolRunnerInput,
    tell: (event: ToolSaid) => void,
    signal: AbortSignal,
  ) {
    this.#ports = ports;
    this.#input = input;
    this.#tell = tell;
    this.#signal = signal;
    this.#returned = new ReturnedFiles(ports, input);
  }

  /** Never rejects; resolves with `null` when the result is not needed any more. */
  async toItsEnd(): Promise<ToolSaid | null> {
    const { name, sessionId } = this.#input;
    const { outbox, tools, clock, log } = this.#ports;
    await outbox.settled(sessionId);
    if (this.#signal.aborted) return null;
    const tool = tools.find(name);
    const outcome =
      tool === undefined
        ? refused(refusal('not_found', `There is no tool named ${JSON.stringify(name)}`))
        : await this.#checked(tool);
    if (outcome === null) return null;
    const at = clock.now();
    if (!outcome.ok) {
      log.warn('Tool call failed', { tool: name, error: outcome.refusal.message });
      return { type: 'tool.failed', at, error: outcome.refusal.message, ...this.#returned.kept };
    }
    return { type: 'tool.completed', at, result: resultText(outcome.value), ...this.#returned.kept };
  }

  async #checked(tool: Tool): Promise<Outcome<unknown> | null> {
    const given = validArguments(tool, this.#input.argumentsJson, this.#ports.log);
    if (!given.ok) return given;
    // Since the model requested the call, the tool may have become one that needs approval.
    if (tool.requiresApproval && !this.#input.approved) {
      return refused(refusal('conflict', `${tool.name} needs a person's approval now; call it again`));
    }
    return await this.#bounded(tool, given.value);
  }

  async #bounded(tool: Tool, input: JsonObject): Promise<Outcome<unknown> | null> {
    const { clock, log } = this.#ports;
    const { sessionId, callId, argumentsJson } = this.#input;
    const cancelled = Promise.withResolvers<null>();
    const expired = Promise.withResolvers<Outcome<never>>();
    const cancel = () => cancelled.resolve(null);
    this.#signal.addEventListener('abort', cancel, { once: true });
    const timeLimit = new AbortController();
    const cancelTimer = clock.after(tool.timeoutMs, () => {
      expired.resolve(
        refused(refusal('unavailable', `${tool.name} did not finish within ${tool.timeoutMs} ms`)),
      );
      timeLimit.abort();
    });
    const signal = AbortSignal.any([this.#signal, timeLimit.signal]);
    const progress = progressTeller(clock, (news) => {
      if (!signal.aborted) this.#tell({ type: 'tool.progress', at: clock.now(), progress: news });
    });
    try {
      const run = tool.run(input, {
        ...{ sessionId, callId, argumentsJson, signal },
        progress: progress.report,
        attach: this.#returned.add,
      });
      return await Promise.race([run, cancelled.promise, expired.promise]);
    } catch (cause) {
      if (this.#signal.aborted) return null;
      log.error('Tool threw', { tool: tool.name, cause });
      return refused(refusal('internal', cause instanceof Error ? cause.message : String(cause)));
    } finally {
      progress.stop();
      cancelTimer();
    }
  }
}

function resultText(value: unknown): string {
  return storableText(cutText(valueText(value) ?? 'null', limits.toolResultUnitsMax));
}
