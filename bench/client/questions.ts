/** What the load client is asked and answers. */
import { z } from 'zod';
import { promptSchema } from '../engine/prompt.ts';
import { systemNames } from '../systems/systems.ts';
import { latencySchema } from './latencies.ts';

export const openSchema = z.object({
  port: z.number().int(),
  system: z.enum(systemNames),
  /** Index and id of each session, with how many listen to it. */
  sessions: z.array(z.object({ index: z.number().int(), id: z.string(), subscribers: z.number().int() })),
  /** Connections that are opened at the same time. */
  atOnce: z.number().int(),
  compress: z.boolean().default(false),
});

export const openedSchema = z.object({
  wallMs: z.number(),
  /** From the start of each connection to the greeting. */
  latency: latencySchema,
  clientCpuShare: z.number(),
});

export const answerSchema = z.object({
  port: z.number().int(),
  serverPid: z.number().int(),
  answers: z.array(z.object({ sessionId: z.string(), prompt: promptSchema })),
  /** From when on processor time and latency count, ms of the monotonic clock; 0: from the first request. */
  fromMs: z.number(),
  /** Of the first session, its last subscribers that do not read in this round; see `answer-run.ts`. */
  stalled: z.number().int().default(0),
  /** They read again when the others have their text. */
  resume: z.boolean().default(true),
  /** Longest wait for all texts. */
  waitMsMax: z.number(),
  /** Where to write what the first subscriber of each session was sent. */
  recordFile: z.string().optional(),
});
export type AnswerQuestion = z.infer<typeof answerSchema>;

export const answeredSchema = z.object({
  /** From `fromMs` until the last subscriber had its text, or the wait was over. */
  wallMs: z.number(),
  serverCpuMs: z.number().nullable(),
  clientCpuMs: z.number(),
  /** Share of the time in which the client's event loop was not idle, waits for a processor included. */
  clientBusyShare: z.number(),
  /** 99th percentile of how late the client's event loop was. */
  clientLagMs: z.number(),
  subscribers: z.number(),
  complete: z.number(),
  /** How long those that had stalled took until they had their text, once they read again. */
  resumedMs: z.number().nullable(),
  /** Of all sockets, in the same time. */
  bytes: z.number(),
  frames: z.number(),
  /** Of the texts of all subscribers in order, as they were delivered. */
  textHash: z.string(),
  /** The first things that were wrong. */
  faults: z.array(z.string()),
});
export type Answered = z.infer<typeof answeredSchema>;

export const latenciesSchema = z.object({
  emissionsFile: z.string(),
  fromMs: z.number(),
});
