/**
 * Frames of `callboard.v1` as Server-Sent Events ([V1E1]).
 *
 * No event has a name: whatever the frame's own `event` is, it reaches `onmessage`, so that a reader needs one handler
 * and misses nothing that is added later, and no frame can be mistaken for the `error` of an `EventSource`.
 */
import { z } from 'zod';
import { assert } from '../../../schema/unreachable.ts';
import { cursorOf, type Epoch } from '../../../schema/wire/cursor.ts';

const heartbeat = '{"event":"heartbeat"';
const resync = '{"event":"resync"';
const withSeq = z.object({ data: z.object({ seq: z.int() }) });

/**
 * `seq`: of a durable event, which makes the id. A heartbeat is a comment; its `seq` becomes the id as well, without
 * an event, so that the cursor of a quiet stream does not grow too old to be resumed. A `resync` goes on from its own.
 * A frame is JSON on one line, as all are.
 */
export function eventText(epoch: Epoch, frame: string, seq?: number): string {
  if (seq !== undefined) return `id: ${cursorOf({ epoch, seq })}\ndata: ${frame}\n\n`;
  if (frame.startsWith(heartbeat)) return `: heartbeat\nid: ${cursorOf({ epoch, seq: seqOf(frame) })}\n\n`;
  if (frame.startsWith(resync)) return eventText(epoch, frame, seqOf(frame));
  return `data: ${frame}\n\n`;
}

/** How long an `EventSource` waits before it reconnects. */
export function retryText(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}

function seqOf(frame: string): number {
  const parsed = withSeq.safeParse(JSON.parse(frame));
  assert(parsed.success, 'a heartbeat and a resync have a seq');
  return parsed.data.data.seq;
}
