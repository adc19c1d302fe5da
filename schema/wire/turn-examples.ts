/** Examples of what agents push from outside, for the API documents. */
import type { z } from 'zod';
import {
  claimTurnSchema,
  contextMessageSchema,
  failTurnSchema,
  finishTurnSchema,
  type PushedPart,
  pushedCallDecisionSchema,
  pushedPartSchema,
  pushPartsSchema,
  startedTurnSchema,
  startTurnSchema,
  turnProgressSchema,
  turnStateSchema,
} from '../pushed-turn.ts';
import { turnClaimedSchema } from '../turn-offer.ts';
import { exampleIds } from './example-ids.ts';

export const exampleLease = 'q0Xc1m0uUe7n3vYqO0tq4yC9Jv6lR8aZb2dKf5hTjLw';

const part = { seq: 1, type: 'text', text: 'It is ' } satisfies PushedPart;
const { turn: turnId, session: sessionId, answer: answerId, trace: traceId } = exampleIds;
const identity = { turnId, sessionId, promptId: answerId, answerId };
const far = { received: 3, durable: 2 };

export const turnExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [startTurnSchema, { agent: 'weather', leaseMs: 60_000 }],
  [
    startedTurnSchema,
    { ...identity, traceId, agent: 'weather', lease: exampleLease, leaseMs: 60_000, received: 0, durable: 0 },
  ],
  [claimTurnSchema, { agent: 'weather', leaseMs: 60_000 }],
  [
    turnClaimedSchema,
    {
      turnId,
      sessionId,
      timestamp: '2026-11-23T04:40:00.400Z',
      agent: null,
      promptId: exampleIds.prompt,
      claimedBy: 'weather',
      leaseMs: 60_000,
      author: { id: 'key:weather', name: 'Weather' },
    } satisfies z.input<typeof turnClaimedSchema>,
  ],
  [contextMessageSchema, { role: 'user', content: 'What is the weather?' }],
  [pushedPartSchema, part],
  [pushPartsSchema, { lease: exampleLease, parts: [part] }],
  [finishTurnSchema, { lease: exampleLease, seq: 3 }],
  [failTurnSchema, { lease: exampleLease, error: 'The weather service is down' }],
  [pushedCallDecisionSchema, { callId: '1', decision: 'pending' }],
  [turnProgressSchema, { turnId, status: 'running', ...far }],
  [
    turnStateSchema,
    {
      ...identity,
      status: 'running',
      step: 1,
      queuedAt: '2026-11-23T04:40:00.000Z',
      agent: 'weather',
      leaseMs: 60_000,
      leaseExpiresAt: '2026-11-23T04:41:00.000Z',
      ...far,
    },
  ],
];
