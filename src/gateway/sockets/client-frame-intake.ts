/**
 * Handles a frame from a baseline client: obeys it, or answers with an `exception` (docs/protocol.md B2; SPEC [FRM1]–[FRM9]).
 * The socket stays open either way.
 */
import type { CommandDoor } from '../../../actors/door/command-door.ts';
import type { Log } from '../../../actors/ports.ts';
import type { BaselineNamespace } from '../../../schema/event-table.ts';
import { limits } from '../../../schema/limits.ts';
import { lengthErrors, type MessageBounds } from '../../../schema/message-bounds.ts';
import { type Refusal, refusal } from '../../../schema/refusal.ts';
import {
  decodeClientFrame,
  exceptionFrame,
  invalidFrame,
  type MessageSend,
  sentMessage,
} from '../../../schema/wire/frame.ts';

/** The socket that a frame came from. */
export type FrameSource = {
  readonly namespace: BaselineNamespace;
  /** How many frames of this socket the door has not answered yet. */
  waiting: number;
  /** Does nothing once the socket is closed. */
  readonly send: (frame: string) => void;
};

export type FrameServices = {
  readonly door: Pick<CommandDoor, 'addMessage'>;
  readonly messageBounds: MessageBounds;
  readonly log: Log;
};

/**
 * Reads one frame and hands it to the door before it returns, so that the frames of a socket reach the door in the
 * order in which they came. `bytes` may be freed after the call. Never throws.
 */
export function takeClientFrame(bytes: ArrayBuffer, source: FrameSource, services: FrameServices): void {
  const { door, log, messageBounds } = services;
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
    source.waiting++;
    sendMessage(door, data)
      .then(
        (reason) => {
          if (reason !== undefined) refuse(reason);
        },
        (error: unknown) => {
          log.error('a frame failed', { event, error: String(error) });
          refuse(refusal('internal', 'Internal server error'));
        },
      )
      .finally(() => {
        source.waiting--;
      });
  }
}

/** The refusal when the message was not added. */
async function sendMessage(door: FrameServices['door'], data: MessageSend): Promise<Refusal | undefined> {
  const outcome = await door.addMessage(data.sessionId, sentMessage(data));
  return outcome.ok ? undefined : outcome.refusal;
}
