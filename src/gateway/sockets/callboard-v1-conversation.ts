/**
 * Handles the frames of a `callboard.v1` client, on any transport: sends `hello` first, then obeys and answers the
 * client's frames in the order in which they came ([V1B1]–[V1B7]).
 */
import type { CommandDoor, doorMethods } from '../../../actors/door/command-door.ts';
import { JournalUnavailable, type Log, type ReadModel } from '../../../actors/ports.ts';
import type { commandTable } from '../../../schema/command-table.ts';
import type { SessionCommandType } from '../../../schema/commands.ts';
import type { EditMessage } from '../../../schema/create-message.ts';
import type { TurnId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { lengthErrors, type MessageBounds } from '../../../schema/message-bounds.ts';
import type { TurnProgress } from '../../../schema/pushed-turn.ts';
import { accepted, type Outcome, type Refusal, refusal, refused } from '../../../schema/refusal.ts';
import { isoTimestamp } from '../../../schema/timestamp.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import {
  type CallboardV1ClientFrame,
  callboardV1AckFrame,
  decodeCallboardV1ClientFrame,
  type Renewed,
  type Subscribed,
} from '../../../schema/wire/callboard-v1-frame.ts';
import { closeCodes } from '../../../schema/wire/close-codes.ts';
import { exceptionFrame, type FrameId, invalidFrame, sentMessage } from '../../../schema/wire/frame.ts';
import type { Inspectors, InspectReader } from '../../inspect/inspectors.ts';
import type { Authorize } from '../access/authorize.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { Authenticator } from '../authentication/authenticator.ts';
import { renewedBy } from '../authentication/renewal.ts';
import type { ClientLimits } from '../limits/client-limits.ts';
import type { CursorJudgement } from '../stream/cursor-judgement.ts';
import type { FirstSubscription } from '../stream/first-subscription.ts';
import { helloFrame, missingSession } from '../stream/stream-admission.ts';
import type { StreamConnection } from '../stream/stream-connection.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import type { Selection } from '../stream/subscriptions.ts';
import { frameRefusal } from './frame-refusal.ts';
import { inspectAnswer } from './inspect-answer.ts';
import { SocketPushes } from './socket-pushes.ts';

/** What the door does for frames. */
type CommandsOfFrames = Pick<
  CommandDoor,
  {
    [Type in SessionCommandType]: (typeof commandTable)[Type]['frame'] extends null
      ? never
      : (typeof doorMethods)[Type];
  }[SessionCommandType]
> &
  Pick<CommandDoor, 'turns'>;

export type ConversationServices = {
  readonly hub: StreamHub;
  readonly door: CommandsOfFrames;
  readonly messageBounds: MessageBounds;
  readonly readModel: Pick<ReadModel, 'session'>;
  readonly authorize: Authorize;
  readonly authenticator: Pick<Authenticator, 'judge'>;
  readonly clientLimits: Pick<ClientLimits, 'commandRefusal'>;
  readonly inspectors: Pick<Inspectors, 'subscribe' | 'unsubscribe' | 'focus'>;
  readonly log: Log;
};

export class CallboardV1Conversation {
  readonly #connection: StreamConnection;
  readonly #services: ConversationServices;
  #by: Authentication;
  /** `null`: nothing was pushed over it. */
  #pushed: SocketPushes | null = null;
  readonly #inspectReader: InspectReader;
  /** Frames that wait for their turn; each is obeyed when the one before it has been. */
  #queue: (() => Promise<void> | undefined)[] = [];
  #busy = false;
  /** How many frames have not been answered yet. */
  #unanswered = 0;
  /**
   * Ids of frames under way, at most `limits.socketCommandsMax` and mostly none. An array: empty, it takes 16 bytes,
   * an empty set 200.
   */
  #ids: FrameId[] = [];

  constructor(connection: StreamConnection, services: ConversationServices, by: Authentication) {
    this.#connection = connection;
    this.#services = services;
    this.#by = by;
    this.#inspectReader = {
      offer: (frame) => connection.offer(frame, limits.inspectBudgetBytes),
      isGone: () => connection.phase === 'closed',
    };
  }

  /** Sends `hello` and makes the subscription of the path, if it has one. Call it first, once. */
  begin(first: FirstSubscription | undefined): void {
    this.#enqueue(() => {
      if (first === undefined) {
        this.#hello(false);
        return undefined;
      }
      const joined = this.#join(first.selection, first.since, (outcome) => {
        this.#hello(outcome.ok && outcome.value.resumed);
        if (!outcome.ok) this.#connection.send(exceptionFrame(outcome.refusal));
      });
      return joined.catch((error: unknown) => {
        this.#failed('hello', error);
        const known = error instanceof JournalUnavailable;
        this.#connection.end(known ? closeCodes.storageUnavailable : closeCodes.internal);
      });
    });
  }

  /** Takes a frame. `bytes` may be freed after the call. Never throws. */
  take(bytes: ArrayBuffer): void {
    const decoded = decodeCallboardV1ClientFrame(bytes);
    if (!decoded.ok) {
      // Even a refusal waits its turn: a connection answers its frames in the order in which they came.
      this.#admit(decoded.id, () => this.#answer(decoded.id, decoded));
      return;
    }
    const frame = decoded.value;
    this.#admit(frame.id, () => this.#obey(frame));
  }

  #admit(id: FrameId | undefined, run: () => Promise<void> | undefined | void): void {
    if (this.#unanswered >= limits.socketCommandsMax) {
      const reason = `${limits.socketCommandsMax} frames of this connection wait for their answer`;
      this.#connection.send(exceptionFrame(refusal('socket_busy', reason), id));
      return;
    }
    if (id !== undefined && this.#ids.includes(id)) {
      const reason = `A frame with the id ${JSON.stringify(id)} waits for its answer`;
      this.#connection.send(exceptionFrame(refusal('conflict', reason), id));
      return;
    }
    this.#unanswered++;
    if (id !== undefined) this.#ids.push(id);
    this.#enqueue(() => run() ?? undefined);
  }

  #enqueue(run: () => Promise<void> | undefined): void {
    this.#queue.push(run);
    this.#run();
  }

  #run(): void {
    while (!this.#busy) {
      const next = this.#queue.shift();
      if (next === undefined) {
        // Replaces the array: an emptied one would keep 150 bytes for every connection.
        this.#queue = [];
        return;
      }
      const held = next();
      if (held === undefined) continue;
      this.#busy = true;
      void held.finally(() => {
        this.#busy = false;
        this.#run();
      });
    }
  }

  /** The promise that it returns holds back the following frames. */
  #obey(frame: CallboardV1ClientFrame): Promise<void> | undefined {
    const denied = frameRefusal(frame, this.#by.principal, this.#services);
    if (denied === null) return this.#obeyAllowed(frame);
    if (!(denied instanceof Promise)) {
      this.#answer(frame.id, refused(denied));
      return undefined;
    }
    return denied.then(
      (reason) => (reason === null ? this.#obeyAllowed(frame) : this.#answer(frame.id, refused(reason))),
      (error: unknown) => this.#answer(frame.id, this.#failed(frame.event, error)),
    );
  }

  #obeyAllowed(frame: CallboardV1ClientFrame): Promise<void> | undefined {
    const { services, connection } = { services: this.#services, connection: this.#connection };
    const by = this.#by.principal;
    switch (frame.event) {
      case 'message.send': {
        const message = sentMessage(frame.data);
        const tooLong = this.#reasonAgainstLength(message, ['message']);
        if (tooLong !== null) this.#answer(frame.id, tooLong);
        else this.#answerLater(frame, services.door.addMessage(frame.data.sessionId, message, undefined, by));
        return undefined;
      }
      case 'message.edit': {
        const { sessionId, messageId, ...body } = frame.data;
        const tooLong = this.#reasonAgainstLength(body, []);
        if (tooLong !== null) this.#answer(frame.id, tooLong);
        else this.#answerLater(frame, services.door.editMessage(sessionId, messageId, body, undefined, by));
        return undefined;
      }
      case 'message.regenerate': {
        const { sessionId, messageId, ...body } = frame.data;
        this.#answerLater(frame, services.door.regenerateMessage(sessionId, messageId, body, undefined, by));
        return undefined;
      }
      case 'message.delete':
        this.#answerLater(frame, services.door.deleteMessage(frame.data.sessionId, frame.data.messageId));
        return undefined;
      case 'message.send-now':
        this.#answerLater(frame, services.door.sendMessageNow(frame.data.sessionId, frame.data.messageId));
        return undefined;
      case 'message.steer':
        this.#answerLater(frame, services.door.steerMessage(frame.data.sessionId, frame.data.messageId));
        return undefined;
      case 'branch.select':
        this.#answerLater(frame, services.door.selectBranch(frame.data.sessionId, frame.data.leafId));
        return undefined;
      case 'turn.start': {
        const { sessionId, ...body } = frame.data;
        this.#answerLater(frame, services.door.startTurn(sessionId, body, undefined, by));
        return undefined;
      }
      case 'turn.claim': {
        const { turnId, ...body } = frame.data;
        this.#answerLater(frame, services.door.claimTurn(turnId, body, undefined, by));
        return undefined;
      }
      case 'turn.push': {
        const { turnId, lease, parts } = frame.data;
        // One after the other: the numbers of parts go on from frame to frame.
        this.#pushed ??= new SocketPushes(services.door.turns, connection);
        return this.#pushed.push(turnId, lease, parts).then(
          (outcome) => this.#answer(frame.id, outcome),
          (error: unknown) => this.#answer(frame.id, this.#failed(frame.event, error)),
        );
      }
      case 'turn.finish': {
        const { turnId } = frame.data;
        this.#answerLater(
          frame,
          this.#ended(turnId, () => services.door.turns.finish(turnId, frame.data)),
        );
        return undefined;
      }
      case 'turn.fail': {
        const { turnId } = frame.data;
        this.#answerLater(
          frame,
          this.#ended(turnId, () => services.door.turns.fail(turnId, frame.data)),
        );
        return undefined;
      }
      case 'turn.cancel':
        this.#answerLater(frame, services.door.cancelTurns(frame.data.sessionId, frame.data.messageId));
        return undefined;
      case 'tool.approve': {
        const { sessionId, callId, reason } = frame.data;
        this.#answerLater(frame, services.door.approveToolCall(sessionId, callId, reason));
        return undefined;
      }
      case 'tool.deny': {
        const { sessionId, callId, reason } = frame.data;
        this.#answerLater(frame, services.door.denyToolCall(sessionId, callId, reason));
        return undefined;
      }
      case 'auth.refresh': {
        const tooMany = services.clientLimits.commandRefusal(this.#by.principal);
        if (tooMany !== null) {
          this.#answer(frame.id, refused(tooMany));
          return undefined;
        }
        return Promise.resolve(services.authenticator.judge(frame.data.token)).then((outcome) =>
          this.#answer(frame.id, this.#renew(outcome)),
        );
      }
      case 'ping':
        this.#answer(frame.id, accepted(null));
        return undefined;
      case 'inspect.subscribe':
      case 'inspect.unsubscribe':
      case 'inspect.focus':
        this.#answer(
          frame.id,
          inspectAnswer(frame, this.#by.principal, services.inspectors, this.#inspectReader),
        );
        return undefined;
      case 'unsubscribe': {
        const found = connection.unsubscribe(frame.data);
        const outcome = found
          ? accepted(null)
          : refused(refusal('not_found', 'There is no such subscription'));
        this.#answer(frame.id, outcome);
        return undefined;
      }
      case 'subscribe': {
        const { since, ...selection } = frame.data;
        const joined = this.#join(selection, since, (outcome) => this.#answer(frame.id, outcome));
        return joined.catch((error: unknown) => this.#answer(frame.id, this.#failed(frame.event, error)));
      }
      default:
        return unreachable(frame);
    }
  }

  #renew(judged: Outcome<Authentication>): Outcome<Renewed> {
    const renewed = renewedBy(this.#by, judged);
    if (!renewed.ok) return renewed;
    this.#by = renewed.value;
    this.#services.hub.renew(this.#connection, renewed.value);
    const { end } = renewed.value;
    return accepted({ expiresAt: end === null ? null : isoTimestamp(end.at) });
  }

  #ended(turn: TurnId, end: () => Promise<Outcome<TurnProgress>>): Promise<Outcome<TurnProgress>> {
    return this.#pushed?.end(turn, end) ?? end();
  }

  #reasonAgainstLength(said: EditMessage, path: readonly string[]): Outcome<never> | null {
    const errors = lengthErrors(said, this.#services.messageBounds, path);
    return errors.length === 0 ? null : refused(invalidFrame(errors));
  }

  /** Subscribes after calling `answer`. Rejects with `JournalUnavailable` before anything was sent. */
  async #join(
    selection: Selection,
    since: string | undefined,
    answer: (outcome: Outcome<Subscribed>) => void,
  ): Promise<void> {
    const { hub } = this.#services;
    const reason = await this.#reasonAgainst(selection, since);
    if (reason !== undefined) {
      answer(refused(reason));
      return;
    }
    const judged: CursorJudgement | undefined = since === undefined ? undefined : await hub.judge(since);
    // Nothing is awaited from here on, so the subscription begins exactly at the `seq` in the answer.
    answer(accepted({ seq: hub.seq(), resumed: judged?.ok === true }));
    if (judged?.ok === false) this.#connection.resync(judged.reason);
    this.#connection.subscribe(selection, judged?.ok ? { since: judged.seq } : {});
  }

  #reasonAgainst(selection: Selection, since: string | undefined): Promise<Refusal | undefined> {
    if (this.#connection.full && !this.#connection.has(selection)) {
      return Promise.resolve(
        refusal(
          'too_many_subscriptions',
          `A connection has at most ${limits.subscriptionsMax} subscriptions`,
        ),
      );
    }
    if (this.#connection.clashesWith(selection)) {
      const reason = 'A connection cannot have `turns` both of an agent and of a session; open another one';
      return Promise.resolve(refusal('conflict', reason));
    }
    return missingSession(selection, since, this.#by.principal, this.#services);
  }

  #hello(resumed: boolean): void {
    this.#connection.send(helloFrame(this.#services, this.#by.principal, resumed));
    // Enters only now, because `hello` must be the first frame ([V1A1]).
    this.#connection.enter();
  }

  #answerLater(frame: CallboardV1ClientFrame, outcome: Promise<Outcome<unknown>>): void {
    outcome.then(
      (known) => {
        // Events that the command caused are sent before its answer ([OUT7]).
        this.#services.hub.flush();
        this.#answer(frame.id, known);
      },
      (error: unknown) => this.#answer(frame.id, this.#failed(frame.event, error)),
    );
  }

  #answer(id: FrameId | undefined, outcome: Outcome<unknown>): void {
    this.#unanswered--;
    if (id !== undefined) this.#ids = this.#ids.filter((other) => other !== id);
    if (!outcome.ok) this.#connection.send(exceptionFrame(outcome.refusal, id));
    else if (id !== undefined) this.#connection.send(callboardV1AckFrame(id, outcome.value));
  }

  #failed(event: string, error: unknown): Outcome<never> {
    if (error instanceof JournalUnavailable) {
      return refused(refusal('unavailable', 'Storage is not available'));
    }
    this.#services.log.error('a frame failed', { event, error: String(error) });
    return refused(refusal('internal', 'Internal server error'));
  }
}
