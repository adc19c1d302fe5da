/** The questions to the load client, and its answers. */
import { z } from 'zod';
import { promptSchema } from '../engine/prompt.ts';
import { allSystemNames } from '../systems/systems.ts';
import { latencySchema } from './latencies.ts';

export const openSchema = z.object({
  port: z.number().int(),
  system: z.enum(allSystemNames),
  /** Index and id of each session, and how many subscribers it gets. */
  sessions: z.array(z.object({ index: z.number().int(), id: z.string(), subscribers: z.number().int() })),
  /** How many connections are opened at the same time. */
  atOnce: z.number().int(),
  compress: z.boolean().default(false),
});

export const openedSchema = z.object({
  wallMs: z.number(),
  /** The time from the start of each connection to the greeting. */
  latency: latencySchema,
  clientCpuShare: z.number(),
  /** How many subscribers the server agreed to compress for. */
  compressed: z.number(),
});

export const answerSchema = z.object({
  port: z.number().int(),
  serverPid: z.number().int(),
  answers: z.array(
    z.object({
      sessionId: z.string(),
      prompt: promptSchema,
      /** When it is asked for, ms of the monotonic clock; 0: at once, some at a time. */
      askAtMs: z.number().default(0),
    }),
  ),
  /** From when processor time and latency are measured, ms of the monotonic clock; 0: from the first request. */
  fromMs: z.number(),
  /** Until when processor time is measured, ms of the monotonic clock; without it, until the last text is there. */
  untilMs: z.number().optional(),
  /** How many subscribers of the first session, its last ones, do not read in this round; see `answer-run.ts`. */
  stalled: z.number().int().default(0),
  /** Whether they read again once the others have their text. */
  resume: z.boolean().default(true),
  /** The longest wait for all texts, ms. */
  waitMsMax: z.number(),
  /** File for a recording of what the first subscriber of each session received. */
  recordFile: z.string().optional(),
});
export type AnswerQuestion = z.infer<typeof answerSchema>;

export const answeredSchema = z.object({
  /** The time from `fromMs` until the last subscriber had its text, or the wait was over. */
  wallMs: z.number(),
  serverCpuMs: z.number().nullable(),
  /** Share of the time in which the server wanted to run and others had its processor; null where it cannot be told. */
  serverStarvedShare: z.number().nullable(),
  clientCpuMs: z.number(),
  /** Share of the time in which the client's event loop was not idle, including waits for a processor. */
  clientBusyShare: z.number(),
  /** 99th percentile of how late the client's event loop was. */
  clientLagMs: z.number(),
  subscribers: z.number(),
  complete: z.number(),
  /** How long the stalled subscribers took to get their text once they read again. */
  resumedMs: z.number().nullable(),
  /** Bytes received on all sockets in the same time. */
  bytes: z.number(),
  frames: z.number(),
  /** The hash of all subscribers' texts in order, as delivered. */
  textHash: z.string(),
  /** The first faults. */
  faults: z.array(z.string()),
});
export type Answered = z.infer<typeof answeredSchema>;

/** Which tokens are measured: those emitted in this time, in answers of these sessions. */
export const latenciesSchema = z.object({
  emissionsFile: z.string(),
  fromMs: z.number(),
  untilMs: z.number().optional(),
  sessions: z.array(z.number().int()).optional(),
});

export const measuredLatenciesSchema = z.object({
  tokens: latencySchema,
  /** Of all other sessions: from the question to the first token. */
  firstTokens: latencySchema,
});
