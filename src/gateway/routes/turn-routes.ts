/** The routes of turns: what agents push from outside (docs/agents.md), and what turns there are. */

import { z } from 'zod';
import { visibilityOf } from '../../../schema/authorization.ts';
import { sessionIdSchema, turnIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import {
  claimedTurnSchema,
  claimTurnSchema,
  failTurnSchema,
  finishTurnSchema,
  pushPartsSchema,
  startedTurnSchema,
  startTurnSchema,
  turnProgressSchema,
  turnStateSchema,
} from '../../../schema/pushed-turn.ts';
import { accepted } from '../../../schema/refusal.ts';
import { turnStatuses } from '../../../schema/turn-record.ts';
import { pageLimit } from '../http/page-limit.ts';
import { type Route, route, takesNothing, uploadRoute } from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { described } from './described-command.ts';
import { takePushedParts } from './pushed-parts.ts';

const ofTurn = { ...takesNothing, tag: 'turns', id: turnIdSchema } as const;

export const startTurnRoute = route({
  ...described('turn.start'),
  ...takesNothing,
  tag: 'turns',
  id: sessionIdSchema,
  body: startTurnSchema,
  response: {
    status: 201,
    description: 'The turn, and the lease to push it with.',
    schema: startedTurnSchema,
  },
  refusals: [409, 429],
  answer: ({ door }, { id, body, named, principal }) => door.startTurn(id, body, named, principal),
});

export const claimTurnRoute = route({
  ...described('turn.claim'),
  ...ofTurn,
  body: claimTurnSchema,
  response: {
    status: 200,
    description: 'The turn, the lease to push it with, and what a model would be given.',
    schema: claimedTurnSchema,
  },
  refusals: [409],
  answer: ({ door }, { id, body, named, principal }) => door.claimTurn(id, body, named, principal),
});

export const turnRoutes: readonly Route[] = [
  startTurnRoute,
  claimTurnRoute,
  uploadRoute({
    ...described('turn.push'),
    tag: 'turns',
    takes: { form: 'bytes', bytesMax: () => limits.pushStreamBytesMax },
    headers: [
      {
        name: 'callboard-lease',
        says: 'The lease, for a body of lines; with a JSON body, instead of its `lease`.',
        example: 'b0x…',
      },
      { name: 'content-type', says: 'Lines of parts.', example: 'application/x-ndjson' },
    ],
    body: pushPartsSchema,
    response: { status: 200, description: 'How far the turn is.', schema: turnProgressSchema },
    refusals: [403, 404, 409, 429],
    answer: takePushedParts,
  }),
  route({
    ...described('turn.finish'),
    ...ofTurn,
    body: finishTurnSchema,
    response: { status: 200, description: 'How far the turn is.', schema: turnProgressSchema },
    refusals: [403, 409],
    answer: ({ door }, { id, body }) => door.turns.finish(id, body),
  }),
  route({
    ...described('turn.fail'),
    ...ofTurn,
    body: failTurnSchema,
    response: { status: 200, description: 'How far the turn is.', schema: turnProgressSchema },
    refusals: [403, 409],
    answer: ({ door }, { id, body }) => door.turns.fail(id, body),
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/turns',
    tag: 'turns',
    summary: 'Lists the turns of all sessions that have a status, such as those that run, newest first.',
    query: z.object({
      status: z.enum(turnStatuses),
      limit: pageLimit,
      before: turnIdSchema.optional(),
    }),
    response: { status: 200, description: 'Turns.', schema: z.array(turnStateSchema) },
    answer: async ({ door }, { query: { status, ...page }, principal }) => {
      const turns = await door.turns.list(status, page, visibilityOf(principal));
      return accepted(turns.map((turn) => door.turns.shown(turn)));
    },
  }),
  route({
    ...ofTurn,
    method: 'GET',
    path: '/turns/:id',
    summary:
      'Reads a turn. With `wait`, of one that an agent pushes: once a person has decided about a call, or it has ended.',
    query: z.object({ wait: wholeNumber({ min: 0, max: limits.turnWaitMsMax }).default(0) }),
    response: { status: 200, description: 'The turn.', schema: turnStateSchema },
    answer: ({ door }, { id, query }) => door.turns.state(id, query.wait),
  }),
];
