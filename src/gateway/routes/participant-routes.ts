/** Who takes part in a session, over REST (SPEC, rules PTC). */
import { z } from 'zod';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { participantSchema } from '../../../schema/participant.ts';
import { accepted, refused, sessionNotFound } from '../../../schema/refusal.ts';
import { type Route, route, takesNothing } from '../http/route.ts';
import { commandRoutes } from './command-routes.ts';

export const participantRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions/:id/participants',
    tag: 'participants',
    summary: 'Lists who takes part in a session, in the order in which they were added.',
    id: sessionIdSchema,
    response: { status: 200, description: 'Participants.', schema: z.array(participantSchema) },
    answer: async ({ readModel }, { id }) => {
      if ((await readModel.session(id)) === undefined) return refused(sessionNotFound(id));
      return accepted(await readModel.participants(id));
    },
  }),
  commandRoutes['participant.add'],
  commandRoutes['participant.update'],
  commandRoutes['participant.remove'],
];
