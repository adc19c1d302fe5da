/** Asks `may` about what a request names: a session, a turn or trace of one, or a file. */
import type { FileRecords } from '../../../actors/file-store.ts';
import type { ReadModel } from '../../../actors/ports.ts';
import { seenFiles } from '../../../actors/seen-files.ts';
import {
  may,
  maySee,
  nobodys,
  type SessionAccess,
  type SessionAction,
  visibilityOf,
} from '../../../schema/authorization.ts';
import {
  fileIdSchema,
  type SessionId,
  sessionIdSchema,
  traceIdSchema,
  turnIdSchema,
} from '../../../schema/ids.ts';
import { local, type Principal } from '../../../schema/principal.ts';
import {
  fileNotFound,
  type Refusal,
  refusal,
  sessionNotFound,
  traceNotFound,
  turnNotFound,
} from '../../../schema/refusal.ts';
import { unreachable } from '../../../schema/unreachable.ts';
import type { SessionAccesses } from './session-accesses.ts';

/** What an id names. */
export type ResourceKind = 'session' | 'turn' | 'trace' | 'file';

/**
 * Why the principal may not do it, or `null`: it may, or the id is none, which whoever reads it refuses. What the principal
 * may not see is refused as if it did not exist. Rejects with `JournalUnavailable`.
 */
export type Authorize = (
  principal: Principal,
  action: SessionAction,
  resource: { readonly kind: ResourceKind; readonly id: string | undefined },
) => Refusal | null | Promise<Refusal | null>;

export function authorizeBy(
  accesses: Pick<SessionAccesses, 'known' | 'read'>,
  readModel: Pick<ReadModel, 'turn' | 'trace'>,
  files: Pick<FileRecords, 'access'>,
): Authorize {
  return (principal, action, { kind, id }) => {
    if (principal === local) return null;
    switch (kind) {
      case 'session': {
        const session = sessionIdSchema.safeParse(id);
        if (!session.success) return null;
        return ofSession(principal, action, session.data, sessionNotFound(session.data));
      }
      case 'turn': {
        const turn = turnIdSchema.safeParse(id);
        if (!turn.success) return null;
        const missing = turnNotFound(turn.data);
        return readModel.turn(turn.data).then((found) => {
          return found === undefined ? missing : ofSession(principal, action, found.sessionId, missing);
        });
      }
      case 'trace': {
        const trace = traceIdSchema.safeParse(id);
        if (!trace.success) return null;
        const missing = traceNotFound(trace.data);
        return readModel.trace(trace.data).then((found) => {
          if (found === undefined) return missing;
          const { sessionId = null } = found;
          if (sessionId !== null) return ofSession(principal, action, sessionId, missing);
          return maySee(principal, null, nobodys) ? null : missing;
        });
      }
      case 'file': {
        const file = fileIdSchema.safeParse(id);
        const visibleTo = visibilityOf(principal);
        if (!file.success || visibleTo === undefined) return null;
        return seenFiles(files, [file.data], visibleTo).then((seen) => {
          return seen.has(file.data) ? null : fileNotFound(file.data);
        });
      }
      default:
        return unreachable(kind);
    }
  };

  function ofSession(
    principal: Principal,
    action: SessionAction,
    id: SessionId,
    missing: Refusal,
  ): Refusal | null | Promise<Refusal | null> {
    const judge = (access: SessionAccess | undefined): Refusal | null => {
      if (access === undefined) return missing;
      const decision = may(principal, action, id, access);
      switch (decision) {
        case 'allowed':
          return null;
        case 'forbidden':
          return refusal('forbidden', `Your role in chat session ${id} does not allow this`);
        case 'unseen':
          return missing;
        default:
          return unreachable(decision);
      }
    };
    const known = accesses.known(id);
    return known === undefined ? accesses.read(id).then(judge) : judge(known);
  }
}

/** What the `:id` of a path names; `null`: nothing that belongs to a session. */
export function resourceOfPath(path: string): ResourceKind | null {
  const [, first, second, third] = path.split('/');
  if (first === 'inspect' && second === 'sessions' && third === ':id') return 'session';
  if (second !== ':id') return null;
  switch (first) {
    case 'chat-sessions':
      return 'session';
    case 'turns':
      return 'turn';
    case 'traces':
      return 'trace';
    case 'files':
      return 'file';
    default:
      return null;
  }
}
