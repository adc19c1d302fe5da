/**
 * A recording of what one subscriber of each session received in a run of Callboard v1: payloads grouped by the read
 * that brought them, which equals the flush that sent them. The load client writes it, the ceiling replays it.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Frames that were sent together, `atMs` after the answer was requested (or was to begin). */
export type Flush = { readonly atMs: number; readonly frames: Uint8Array[] };

/** The file beside a recording with the time of each token's emission, ms after the start. */
export function emissionsBeside(recordFile: string): string {
  return `${recordFile}.emissions`;
}

const recordHeadBytes = 16;

export function writeRecording(file: string, sessions: ReadonlyMap<number, readonly Flush[]>): void {
  const parts: Uint8Array[] = [];
  for (const [session, flushes] of sessions) {
    for (const { atMs, frames } of flushes) {
      for (const frame of frames) {
        const head = Buffer.alloc(recordHeadBytes);
        head.writeUInt32LE(session, 0);
        head.writeDoubleLE(atMs, 4);
        head.writeUInt32LE(frame.length, 12);
        parts.push(head, frame);
      }
    }
  }
  writeFileSync(file, Buffer.concat(parts));
}

export function readRecording(file: string): ReadonlyMap<number, readonly Flush[]> {
  const bytes = readFileSync(file);
  const sessions = new Map<number, Flush[]>();
  for (let at = 0; at < bytes.length; ) {
    const session = bytes.readUInt32LE(at);
    const atMs = bytes.readDoubleLE(at + 4);
    const end = at + recordHeadBytes + bytes.readUInt32LE(at + 12);
    // A view, because `publish` copies it.
    const frame = bytes.subarray(at + recordHeadBytes, end);
    const flushes = sessions.get(session) ?? [];
    sessions.set(session, flushes);
    const last = flushes.at(-1);
    if (last?.atMs === atMs) last.frames.push(frame);
    else flushes.push({ atMs, frames: [frame] });
    at = end;
  }
  return sessions;
}
