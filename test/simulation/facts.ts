/**
 * Facts: everything that happens at a border of the simulated system, in order. Invariants are checked against facts,
 * after every step: an exception thrown inside the system could be caught there.
 */
import type { LaneKey } from '../../actors/outbox/lane-key.ts';
import type { ModelMessage } from '../../actors/ports.ts';
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId } from '../../schema/ids.ts';
import type { Outcome, Refusal } from '../../schema/refusal.ts';
import type { RegisteredTool } from '../../schema/registered-tool.ts';
import type { Emission, TextPiece } from '../../schema/text-piece.ts';
import type { Order } from './orders.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';

export type Fact =
  /** A process starts, with the stored state. */
  | { readonly kind: 'started' }
  /** The process has gone; everything in its memory is lost. */
  | { readonly kind: 'died' }
  /** An actor emitted something. */
  | { readonly kind: 'emitted'; readonly emission: Emission }
  | { readonly kind: 'committed'; readonly event: DomainEvent; readonly seq: number }
  /** The journal will never take the waiting events of this lane; `null` is the lane of events without a session. */
  | { readonly kind: 'rejected'; readonly lane: LaneKey }
  | { readonly kind: 'published'; readonly event: DomainEvent; readonly seq: number }
  | { readonly kind: 'streamed'; readonly event: TextPiece }
  /** A reader's connection was accepted; `at`: the newest `seq` that had been published. */
  | { readonly kind: 'connected'; readonly reader: Reader; readonly at: number }
  | {
      readonly kind: 'received';
      readonly reader: Reader;
      readonly frame: ReceivedFrame;
      readonly text: string;
    }
  /** A connection fell behind or catches up, so that it may get texts as snapshots. */
  | { readonly kind: 'fellBehind'; readonly reader: Reader }
  /** In a guarded world: the server gives a frame to the transport, for this reader. */
  | {
      readonly kind: 'given';
      readonly reader: Reader;
      readonly frame: ReceivedFrame;
      readonly text: string;
    }
  /** In a guarded world: what the event says of who may see its session counts from now on, for every reader. */
  | { readonly kind: 'accessTold'; readonly event: DomainEvent }
  /** In a guarded world: the command was refused over REST before it reached the door. */
  | { readonly kind: 'denied'; readonly order: Order; readonly refusal: Refusal }
  /** The system accepted a command; `connection` names the socket, `undefined`: REST. */
  | { readonly kind: 'taken'; readonly order: Order; readonly connection: number | undefined }
  /** The system answered the command, whether or not the answer arrives. */
  | { readonly kind: 'answered'; readonly order: Order; readonly outcome: Outcome<unknown> }
  | {
      readonly kind: 'modelCalled';
      readonly sessionId: SessionId;
      readonly promptId: MessageId;
      readonly step: number;
      readonly conversation: readonly ModelMessage[];
    }
  /** The model produced text; `session` made the call. */
  | {
      readonly kind: 'modelSaid';
      readonly sessionId: SessionId;
      readonly promptId: MessageId;
      readonly step: number;
      readonly text: string;
    }
  | { readonly kind: 'toolRan'; readonly callId: ToolCallId; readonly needsPerson: boolean }
  /** A call of a registered tool begins, with this definition. */
  | { readonly kind: 'remoteRan'; readonly definition: RegisteredTool }
  /** A log line of level `debug`. */
  | { readonly kind: 'remarked'; readonly message: string }
  /** A log line of level `error`. */
  | { readonly kind: 'complained'; readonly message: string; readonly context: unknown };

/** Names a message: its id alone does not ([JRN27]). */
export function nameOfMessage(session: unknown, id: unknown): string {
  return `${String(session)} ${String(id)}`;
}

export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
