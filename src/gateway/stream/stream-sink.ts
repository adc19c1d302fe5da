/** Where the frames of a connection go. */
import type { CloseCode } from '../../../schema/wire/close-codes.ts';
import type { Topic } from '../../../schema/wire/topic.ts';

/** Sends frames to one reader; each transport has its own. */
export type StreamSink = {
  /** `seq` is given for durable events; cursors are made from it. */
  readonly send: (frame: string, seq?: number) => void;
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedBytes: () => number;
  /** Sends together everything that `run` sends, if the transport can. */
  readonly batch: (run: () => void) => void;
  /** Ends the connection with `close`; nothing may be called afterwards. */
  readonly close: (close: CloseCode) => void;
  /**
   * The transport's own topics. Frames published before `unsubscribe` still arrive, frames published before
   * `subscribe` do not, and all published and sent frames keep their order. When absent, published frames are sent
   * one by one.
   */
  readonly topics?: {
    readonly subscribe: (topic: Topic) => void;
    readonly unsubscribe: (topic: Topic) => void;
  };
};
