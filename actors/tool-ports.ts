/** The port of tools: what models may call, and one run of it. */
import type { SessionId, ToolCallId } from '../schema/ids.ts';
import type { JsonObject } from '../schema/json-value.ts';
import type { FilePart } from '../schema/message-part.ts';
import type { Scope } from '../schema/principal.ts';
import type { Outcome } from '../schema/refusal.ts';
import type { Milliseconds } from '../schema/timestamp.ts';
import type { ReturnedFile } from './file-store.ts';
import type { ToolDefinition } from './ports.ts';

/** A tool's progress. Clients get it at most every `toolProgressMs`; the newest report counts. */
export type ToolProgress = {
  readonly message?: string;
  /** How much is done; of `total`, if that is known. */
  readonly done?: number;
  readonly total?: number;
};

/** One run of a tool. */
export type ToolRun = {
  readonly sessionId: SessionId;
  readonly callId: ToolCallId;
  /** The arguments as the model wrote them: JSON whose numbers may have more digits than those of `input` can hold. */
  readonly argumentsJson: string;
  /** Aborts when the result is not needed any more, or the tool took too long. */
  readonly signal: AbortSignal;
  /** May be called any number of times until the run has ended. */
  readonly progress: (progress: ToolProgress) => void;
  /**
   * Keeps a file that the tool returns beside its result: it becomes a part of the answer, and is given to models that
   * take it. Call it before the run has ended; the order of calls is that of the parts. Never rejects.
   */
  readonly attach: (file: ReturnedFile) => Promise<Outcome<FilePart>>;
};

export type Tool = ToolDefinition & {
  /** True when a person must approve each call before it runs. */
  readonly requiresApproval: boolean;
  /** A call that nobody decides about within this time fails; absent: it waits without limit. */
  readonly approvalTimeoutMs?: Milliseconds | undefined;
  /** The turns of principals without it neither are offered the tool nor run it; absent: it is for all ([CHO4]). */
  readonly scope?: Scope | undefined;
  /** True when running the tool twice does no more harm than running it once (I11). */
  readonly repeatable: boolean;
  readonly timeoutMs: Milliseconds;
  /**
   * Runs the tool. `input` is JSON that `inputSchema` accepts, and the call was approved if that is required. A
   * thrown error counts as a failure with the error's message.
   */
  readonly run: (input: JsonObject, run: ToolRun) => Promise<Outcome<unknown>>;
};

/**
 * The tools that models may call. The list may change at any time: it is read again for each model call and each run.
 */
export type ToolBox = {
  readonly find: (name: string) => Tool | undefined;
  readonly list: () => readonly Tool[];
};
