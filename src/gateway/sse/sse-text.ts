/**
 * Writes frames of `callboard.v1` as Server-Sent Events ([V1E1]).
 *
 * No event has a name: every frame reaches `onmessage`, whatever its own `event` is. So a reader needs one handler,
 * misses no event that is added later, and cannot mistake a frame for the `error` of an `EventSource`.
 */
import { z } from 'zod';
import { assert } from '../../../schema/unreachable.ts';
import { cursorOf, type Epoch } from '../../../schema/wire/cursor.ts';

const heartbeat = '{"event":"heartbeat"';
const resync = '{"event":"resync"';
const withSeq = z.object({ data: z.object({ seq: z.int() }) });

/**
 * The text of one frame. `seq`: of a durable event, from which the id is made. A heartbeat becomes a comment with its
 * `seq` as an id, so that the cursor of a quiet stream does not grow too old to resume. A `resync` brings its own
 * cursor. Frames are JSON on one line.
 */
export function sseEventText(epoch: Epoch, frame: string, seq?: number): string {
  if (seq !== undefined) return `id: ${cursorOf({ epoch, seq })}\ndata: ${frame}\n\n`;
  if (frame.startsWith(heartbeat)) return `: heartbeat\nid: ${cursorOf({ epoch, seq: seqOf(frame) })}\n\n`;
  if (frame.startsWith(resync)) return sseEventText(epoch, frame, seqOf(frame));
  return `data: ${frame}\n\n`;
}

/** Tells an `EventSource` how long to wait before it reconnects. */
export function retryText(milliseconds: number): string {
  return `retry: ${milliseconds}\n\n`;
}

function seqOf(frame: string): number {
  const parsed = withSeq.safeParse(JSON.parse(frame));
  assert(parsed.success, 'a heartbeat and a resync have a seq');
  return parsed.data.data.seq;
}
