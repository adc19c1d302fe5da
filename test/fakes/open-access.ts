/** What the stream hub of an open server has: nobody is asked for credentials, and everybody hears everything. */
import { SessionAccesses } from '../../src/gateway/access/session-accesses.ts';

export const openAccess = {
  accesses: new SessionAccesses(async () => undefined),
  isOpen: () => true,
} as const;
