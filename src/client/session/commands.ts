/**
 * Commands under way: each is sent under one key until it is answered, across reconnects, so that it takes effect
 * once (I10). Commands of one session go one after another, so that retries do not change their order.
 */
import type { SessionId } from '../../../schema/ids.ts';
import { type Backoff, backoffMs } from '../backoff.ts';
import { CallboardError, errorOfException } from '../client-error.ts';
import type { Timers } from '../connection/transport.ts';
import type { ControlFrame } from '../server-frame.ts';
import type { RestClient, RestRequest } from './rest.ts';

export type Command = {
  /** Commands of one lane go in order; `undefined`: the command waits for no other. */
  readonly lane: SessionId | undefined;
  /** The frame to send on the socket; absent: the command always goes over REST. */
  readonly frame?: { readonly event: string; readonly data: object };
  readonly rest: RestRequest;
  /** May skip ahead of commands being retried; it may unblock them. */
  readonly urgent?: boolean;
  readonly signal?: AbortSignal | undefined;
};

export type CommandPort = {
  /** The way commands go now; `undefined` while there is no connection. */
  readonly way: () => 'socket' | 'rest' | undefined;
  readonly send: (frame: object) => boolean;
  readonly nextFrameId: () => number;
  readonly rest: RestClient;
  readonly timers: Timers;
  readonly random: () => number;
  readonly backoff: Backoff;
  /** How many commands may wait or be under way. More are refused `client_busy`. */
  readonly commandsMax: number;
};

type Task = {
  readonly command: Command;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CallboardError) => void;
  /** The frame whose answer is awaited. */
  frameId?: number | undefined;
  isUnderWay: boolean;
  /** True while the command, refused for now, waits to be sent again. */
  isPutOff: boolean;
  attempt: number;
  cancelWait: () => void;
  readonly unlisten: () => void;
};

export class Commands {
  readonly #port: CommandPort;
  /** In the order in which `run` was called. */
  readonly #tasks = new Set<Task>();
  /** How many frames may be unanswered on one connection: the server's `hello` says it. */
  #framesMax = 1;
  #closed: CallboardError | undefined;
  #frameBytesMax = 0;

  constructor(port: CommandPort) {
    this.#port = port;
  }

  /** Resolves with the server's answer once the effect is durable; rejects with a {@link CallboardError}. */
  run(command: Command): Promise<unknown> {
    const { signal } = command;
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    if (signal?.aborted === true)
      return Promise.reject(new CallboardError('aborted', 'The command was aborted'));
    if (this.#tasks.size >= this.#port.commandsMax) {
      return Promise.reject(new CallboardError('client_busy', 'Too many commands wait', true));
    }
    return new Promise((resolve, reject) => {
      const abort = () =>
        this.#settle(task, () => reject(new CallboardError('aborted', 'The command was aborted')));
      const task: Task = {
        command,
        resolve,
        reject,
        isUnderWay: false,
        isPutOff: false,
        attempt: 0,
        cancelWait: () => {},
        unlisten: () => signal?.removeEventListener('abort', abort),
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#tasks.add(task);
      this.#pump();
    });
  }

  connected(limits: { readonly commandsInFlightMax: number; readonly frameBytesMax: number }): void {
    // The subscriptions of this connection count against that bound too.
    this.#framesMax = Math.max(1, Math.floor(limits.commandsInFlightMax / 2));
    this.#frameBytesMax = limits.frameBytesMax;
    this.#pump();
  }

  /** Frames without an answer will get none on that socket; their commands are sent again on the next connection. */
  disconnected(): void {
    for (const task of this.#tasks) {
      if (task.frameId === undefined) continue;
      task.frameId = undefined;
      task.isUnderWay = false;
    }
  }

  close(error: CallboardError): void {
    this.#closed = error;
    for (const task of this.#tasks) this.#settle(task, () => task.reject(error));
  }

  answered(frame: Extract<ControlFrame, { event: 'ack' | 'exception' }>): void {
    const task = [...this.#tasks].find(({ frameId }) => frameId !== undefined && frameId === frame.id);
    if (task === undefined) return;
    task.frameId = undefined;
    if (frame.event === 'ack') this.#settle(task, () => task.resolve(frame.data));
    else this.#refused(task, errorOfException(frame.data));
  }

  #pump(): void {
    const way = this.#port.way();
    if (way === undefined) return;
    const heads = new Map<SessionId, Task>();
    for (const task of this.#tasks) {
      const { lane, urgent, frame } = task.command;
      const head = lane === undefined ? task : (heads.get(lane) ?? task);
      if (lane !== undefined) heads.set(lane, head);
      if (task.isUnderWay || task.isPutOff) continue;
      if (head !== task && !(urgent === true && head.isPutOff)) continue;
      if (way === 'socket' && frame !== undefined && this.#fits(frame)) this.#sendFrame(task, frame);
      else this.#sendRequest(task);
    }
  }

  /** The server closes the connection on a frame that is too large; over REST it only refuses the request. */
  #fits(frame: object): boolean {
    const bytesPerUnitMax = 3;
    return JSON.stringify(frame).length * bytesPerUnitMax < this.#frameBytesMax;
  }

  #sendFrame(task: Task, frame: { readonly event: string; readonly data: object }): void {
    const unanswered = [...this.#tasks].filter(({ frameId }) => frameId !== undefined).length;
    if (unanswered >= this.#framesMax) return;
    const id = this.#port.nextFrameId();
    if (!this.#port.send({ ...frame, id })) return;
    task.frameId = id;
    task.isUnderWay = true;
  }

  #sendRequest(task: Task): void {
    task.isUnderWay = true;
    this.#port.rest.request({ ...task.command.rest, signal: task.command.signal }).then(
      (result) => this.#settle(task, () => task.resolve(result)),
      (error: unknown) =>
        this.#refused(
          task,
          error instanceof CallboardError ? error : new CallboardError('internal', String(error)),
        ),
    );
  }

  #refused(task: Task, error: CallboardError): void {
    if (!this.#tasks.has(task)) return;
    task.isUnderWay = false;
    if (!error.retryable) {
      this.#settle(task, () => task.reject(error));
      return;
    }
    task.isPutOff = true;
    const wait = backoffMs(task.attempt++, this.#port.random(), this.#port.backoff, error.retryAfterMs);
    task.cancelWait = this.#port.timers.after(wait, () => {
      task.isPutOff = false;
      this.#pump();
    });
    this.#pump();
  }

  #settle(task: Task, tell: () => void): void {
    if (!this.#tasks.delete(task)) return;
    task.cancelWait();
    task.unlisten();
    tell();
    this.#pump();
  }
}
