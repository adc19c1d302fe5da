/**
 * Facts: everything that happens at a border of the simulated system, in the order in which it happens. Invariants
 * are judged by them, after every step: an exception thrown inside the system could be caught there.
 */
import type { DomainEvent } from '../../schema/event-catalogue.ts';
import type { MessageId, SessionId, ToolCallId } from '../../schema/ids.ts';
import type { Outcome } from '../../schema/refusal.ts';
import type { Emission, TextPiece } from '../../schema/text-piece.ts';
import type { Order } from './orders.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';

export type Fact =
  /** A process begins, with what is stored. */
  | { readonly kind: 'started' }
  /** It is gone; whatever was in its memory is lost. */
  | { readonly kind: 'died' }
  /** An actor said something; `null` is the lane of what belongs to no session. */
  | { readonly kind: 'emitted'; readonly emission: Emission }
  | { readonly kind: 'committed'; readonly event: DomainEvent; readonly seq: number }
  /** The journal will never take what waits of this lane. */
  | { readonly kind: 'rejected'; readonly lane: SessionId | null }
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
  /** A connection fell behind or catches up, so that texts may come to it collapsed. */
  | { readonly kind: 'fellBehind'; readonly reader: Reader }
  /** The system took an order; `connection` names the socket that it came from, `undefined`: REST. */
  | { readonly kind: 'taken'; readonly order: Order; readonly connection: number | undefined }
  /** The system answered it, whether or not the answer arrives. */
  | { readonly kind: 'answered'; readonly order: Order; readonly outcome: Outcome<unknown> }
  | { readonly kind: 'modelCalled'; readonly promptId: MessageId; readonly step: number }
  /** What the model said; `session` is the one that asked. */
  | { readonly kind: 'modelSaid'; readonly promptId: MessageId; readonly step: number; readonly text: string }
  | { readonly kind: 'toolRan'; readonly callId: ToolCallId; readonly needsPerson: boolean }
  /** A log line of level `debug`. */
  | { readonly kind: 'remarked'; readonly message: string }
  /** A log line of level `error`. */
  | { readonly kind: 'complained'; readonly message: string; readonly context: unknown };

export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { kind: Kind }>;
