/**
 * The ceiling: bare uWebSockets.js `publish`, with no code of Callboard on a frame's way. It replays a recorded run
 * of Callboard v1: the same bytes at the same moments, so with the same batching. What v1 needs in addition is the
 * cost of sessions, actors, journal and encoding.
 */
import { z } from 'zod';
import { readEmissions } from '../engine/emissions-file.ts';
import { emissionKey, promptOf } from '../engine/prompt.ts';
import { TokenTimer } from '../engine/token-timer.ts';
import { monotonicMs } from '../process/monotonic.ts';
import { emissionsBeside, type Flush, readRecording } from './recording.ts';
import { serveSystem } from './serve.ts';
import { uwsApplication } from './uws-application.ts';

const timer = new TokenTimer();
/** By session index. */
let recording: ReadonlyMap<number, readonly Flush[]> = new Map();
/** When v1's engine emitted each token, ms after the start, by `emissionKey`. */
let recordedEmissions: ReadonlyMap<string, Float64Array> = new Map();
let emissions = new Map<string, Float64Array>();

function replay(session: string, content: string): void {
  const prompt = promptOf(content);
  const { session: index, startAtMs } = prompt;
  const startMs = startAtMs === 0 ? monotonicMs() : startAtMs;
  const flushes = recording.get(index) ?? [];
  const key = emissionKey(prompt);
  emissions.set(
    key,
    Float64Array.from(recordedEmissions.get(key) ?? [], (ms) => startMs + ms),
  );
  const next = (at: number): void => {
    const flush = flushes[at];
    if (flush === undefined) return;
    const publish = () => {
      for (const frame of flush.frames) app.publish(session, frame, false);
      next(at + 1);
    };
    // A late flush is sent in a tick of its own, without another wait.
    if (startMs + flush.atMs <= monotonicMs()) setImmediate(publish);
    else timer.at(startMs + flush.atMs, publish);
  };
  next(0);
}

const { app, listening } = uwsApplication((_app, session, content) => replay(session, content));
const replayed = {
  prepare: () => {},
  takeEmissions: () => {
    const taken = emissions;
    emissions = new Map();
    return taken;
  },
};
await serveSystem(replayed, listening, {
  record: (data) => {
    const file = z.string().parse(data);
    recording = readRecording(file);
    recordedEmissions = readEmissions(emissionsBeside(file));
  },
});
