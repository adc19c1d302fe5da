/** Whoever may write to the data folder, and so commands the server from its command line. */
import { operatorId, type Principal, scopes } from '../../schema/principal.ts';

export const operator: Principal = {
  id: operatorId,
  name: null,
  tenant: null,
  scopes: new Set(scopes),
  sessions: null,
};
