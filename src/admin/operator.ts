/** Whoever may write to the data folder, and so commands the server from its command line. */
import { participantIdSchema } from '../../schema/participant.ts';
import { type Principal, scopes } from '../../schema/principal.ts';

export const operator: Principal = {
  id: participantIdSchema.parse('operator'),
  name: null,
  tenant: null,
  scopes: new Set(scopes),
  sessions: null,
};
