/**
 * Handles a frame from a baseline client: obeys it, or answers with an `exception` (docs/protocol.md B2; SPEC [FRM1]–[FRM9]).
 * The socket stays open either way.
 */
import type { CommandDoor } from '../../../actors/door/command-door.ts';
import { JournalUnavailable, type Log } from '../../../actors/ports.ts';
import { limits } from '../../../schema/limits.ts';
import { lengthErrors, type MessageBounds } from '../../../schema/message-bounds.ts';
import { hasScope, type Principal } from '../../../schema/principal.ts';
import { missingScope, type Refusal, refusal } from '../../../schema/refusal.ts';
import {
  decodeClientFrame,
  exceptionFrame,
  invalidFrame,
  type MessageSend,
  sentMessage,
} from '../../../schema/wire/frame.ts';
import type { BaselineNamespace } from '../../../schema/wire-event-table.ts';
import type { Authorize } from '../access/authorize.ts';
import type { ClientLimits } from '../limits/client-limits.ts';

/** The socket that a frame came from. */
export type FrameSource = {
  readonly namespace: BaselineNamespace;
  readonly principal: Principal;
  /** Settles when it is known whether the frames so far may be obeyed; `null`: it is. */
  judging: Promise<void> | null;
  /** How many frames of this socket the door has not answered yet. */
  waiting: number;
  /** Does nothing once the socket is closed. */
  readonly send: (frame: string) => void;
};

export type FrameServices = {
  readonly door: Pick<CommandDoor, 'addMessage'>;
  readonly authorize: Authorize;
  readonly clientLimits: Pick<ClientLimits, 'commandRefusal'>;
  readonly messageBounds: MessageBounds;
  readonly log: Log;
};

/**
 * Reads one frame and hands it to the door before it returns, so that the frames of a socket reach the door in the
 * order in which they came. `bytes` may be freed after the call. Never throws.
 */
export function takeClientFrame(bytes: ArrayBuffer, source: FrameSource, services: FrameServices): void {
  const { door, authorize, log, messageBounds } = services;
  const frame = decodeClientFrame(bytes);
  if (!frame.ok) {
    source.send(exceptionFrame(frame.refusal, frame.id));
    return;
  }
  const { event, data, id } = frame.value;
  const refuse = (reason: Refusal) => source.send(exceptionFrame(reason, id));
  const tooLong = lengthErrors(data.message, messageBounds, ['message']);
  if (source.namespace !== 'chat-sessions') {
    refuse(refusal('unknown_event', `"${event}" belongs on /chat-sessions, not on /${source.namespace}`));
  } else if (tooLong.length > 0) {
    refuse(invalidFrame(tooLong));
  } else if (source.waiting >= limits.socketCommandsMax) {
    refuse(refusal('socket_busy', `${limits.socketCommandsMax} frames of this socket wait for their answer`));
  } else {
    const { principal } = source;
    const tooMany = services.clientLimits.commandRefusal(principal);
    if (tooMany !== null) {
      refuse(tooMany);
      return;
    }
    source.waiting++;
    const denied = hasScope(principal, 'chat')
      ? authorize(principal, 'take part', { kind: 'session', id: data.sessionId, command: event })
      : missingScope('chat');
    const send = (reason: Refusal | null) => (reason === null ? sendMessage(door, data, principal) : reason);
    const sent =
      denied instanceof Promise || source.judging !== null
        ? judged(source, denied).then(send)
        : Promise.resolve(send(denied));
    sent
      .then(
        (reason) => {
          if (reason !== undefined) refuse(reason);
        },
        (error: unknown) => {
          if (error instanceof JournalUnavailable) {
            refuse(refusal('unavailable', 'Storage is not available'));
            return;
          }
          log.error('a frame failed', { event, error: String(error) });
          refuse(refusal('internal', 'Internal server error'));
        },
      )
      .finally(() => {
        source.waiting--;
      });
  }
}

/** Whose a session is may have to be read; the frames behind it wait, so that they reach the door in their order. */
async function judged(
  source: FrameSource,
  denied: Refusal | null | Promise<Refusal | null>,
): Promise<Refusal | null> {
  const before = source.judging;
  const known = Promise.withResolvers<void>();
  source.judging = known.promise;
  try {
    await before;
    return await denied;
  } finally {
    if (source.judging === known.promise) source.judging = null;
    known.resolve();
  }
}

/** The refusal when the message was not added. */
async function sendMessage(
  door: FrameServices['door'],
  data: MessageSend,
  by: Principal,
): Promise<Refusal | undefined> {
  const outcome = await door.addMessage(data.sessionId, sentMessage(data), undefined, by);
  return outcome.ok ? undefined : outcome.refusal;
}
