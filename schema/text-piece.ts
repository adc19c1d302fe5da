/**
 * Pieces of text on the short way from an answer to a topic. They are never written to the journal, and never
 * overtake the durable event that announces their message (I4).
 */
import type { MessageFact } from './chat-message.ts';
import type { CommandReply } from './commands.ts';
import type { DomainEvent } from './event-catalogue.ts';
import type { MessageId, SessionId } from './ids.ts';
import type { ReasoningPartial } from './reasoning.ts';
import type { TextEventName } from './wire-event-table.ts';

export type TextPiece =
  | {
      readonly type: 'message.delta';
      readonly sessionId: SessionId;
      readonly messageId: MessageId;
      /** Where `text` begins, UTF-16 units of the content. */
      readonly offset: number;
      readonly text: string;
      /**
       * The message with its content up to the end of this piece. Joined only when called, because often nobody calls
       * it.
       */
      readonly soFar: () => MessageFact;
    }
  | {
      readonly type: 'reasoning.delta';
      readonly sessionId: SessionId;
      readonly messageId: MessageId;
      /** Where `text` begins, UTF-16 units of the reasoning. */
      readonly offset: number;
      readonly text: string;
      readonly soFar: () => ReasoningPartial;
    };

/** The event of the catalogue as which clients see a piece. */
export const eventOfPiece = {
  'message.delta': 'message.partial',
  'reasoning.delta': 'message.reasoning.partial',
} as const satisfies { readonly [Type in TextPiece['type']]: TextEventName };

/** Everything that an actor may emit. */
export type Emission = DomainEvent | TextPiece | CommandReply;
