/** The texts of the frames of one connection, in their order, read as a client reads them. */
import type { WireFormat } from '../../schema/wire/topic.ts';
import type { ReceivedFrame } from './received-frame.ts';

/** What the deltas of a growing text have in common. */
type Named = { readonly event: string; readonly sessionId: unknown; readonly messageId: unknown };

export class FrameText {
  readonly #format: WireFormat;
  /** The texts that were named on this connection, by their numbers. */
  readonly #named = new Map<unknown, Named>();

  constructor(format: WireFormat) {
    this.#format = format;
  }

  /** A frame that a client cannot understand has the event `nonsense`. */
  read(text: string): ReceivedFrame {
    const given: ReceivedFrame | readonly unknown[] = JSON.parse(text);
    if ('event' in given) {
      if (given.number !== undefined) return this.#name(given, given.number);
      const mustName = this.#format === 'compact' && given.event.endsWith('.partial');
      return mustName ? nonsense(`a snapshot without a number: ${text}`) : given;
    }
    const [number, offset, piece] = given;
    const named = this.#named.get(number);
    if (named === undefined || this.#format !== 'compact') return nonsense(`a text without a name: ${text}`);
    const { event, sessionId, messageId } = named;
    return { event, data: { sessionId, messageId, offset, text: piece } };
  }

  #name(frame: ReceivedFrame, number: number): ReceivedFrame {
    const { sessionId, messageId = frame.data['id'] } = frame.data;
    const event = frame.event.replace(/partial$/, 'delta');
    const known = this.#named.get(number);
    const isSame = known?.event === event && known.messageId === messageId && known.sessionId === sessionId;
    if (this.#format !== 'compact' || (known !== undefined && !isSame)) {
      return nonsense(`the number ${number} for ${event} of ${messageId}`);
    }
    this.#named.set(number, { event, sessionId, messageId });
    return frame;
  }
}

function nonsense(what: string): ReceivedFrame {
  return { event: 'nonsense', data: { what } };
}
