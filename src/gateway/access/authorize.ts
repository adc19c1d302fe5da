/** Asks `may` about what a request names: a session, a turn or trace of one, or a file. */
import type { FileRecords } from '../../../actors/file-store.ts';
import type { ReadModel } from '../../../actors/ports.ts';
import { seenFiles } from '../../../actors/seen-files.ts';
import { may, maySee, nobodys, type SessionAccess, visibilityOf } from '../../../schema/authorization.ts';
import {
  fileIdSchema,
  type SessionId,
  sessionIdSchema,
  traceIdSchema,
  turnIdSchema,
} from '../../../schema/ids.ts';
import { local, type Principal, type PrincipalId } from '../../../schema/principal.ts';
import {
  fileNotFound,
  type Refusal,
  refusal,
  sessionNotFound,
  traceNotFound,
  turnNotFound,
} from '../../../schema/refusal.ts';
import type { SessionAction } from '../../../schema/role-permissions.ts';
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
  resource: {
    readonly kind: ResourceKind;
    readonly id: string | undefined;
    /** The route or the frame, for the audit; default: nothing is told. */
    readonly command?: string;
  },
) => Refusal | null | Promise<Refusal | null>;

/** A command to a session of somebody else, by whoever sees all sessions ([AUD1]). */
export type CommandOfOther = {
  readonly sessionId: SessionId;
  readonly owner: PrincipalId | null;
  readonly by: PrincipalId;
  readonly command: string;
};

export function authorizeBy(
  accesses: Pick<SessionAccesses, 'known' | 'read'>,
  readModel: Pick<ReadModel, 'turn' | 'traceAccess'>,
  files: Pick<FileRecords, 'access'>,
  commanded: (told: CommandOfOther) => void = () => {},
): Authorize {
  return (principal, action, { kind, id, command }) => {
    if (principal === local) return null;
    switch (kind) {
      case 'session': {
        const session = sessionIdSchema.safeParse(id);
        if (!session.success) return null;
        return ofSession(principal, action, session.data, sessionNotFound(session.data), command);
      }
      case 'turn': {
        const turn = turnIdSchema.safeParse(id);
        if (!turn.success) return null;
        const missing = turnNotFound(turn.data);
        return readModel.turn(turn.data).then((found) => {
          return found === undefined
            ? missing
            : ofSession(principal, action, found.sessionId, missing, command);
        });
      }
      case 'trace': {
        const trace = traceIdSchema.safeParse(id);
        if (!trace.success) return null;
        const missing = traceNotFound(trace.data);
        return readModel.traceAccess(trace.data).then((found) => {
          if (found === undefined) return missing;
          const { sessionId, ...owned } = found;
          if (sessionId !== null) return ofSession(principal, action, sessionId, missing, command);
          return maySee(principal, null, { ...nobodys, ...owned }) ? null : missing;
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
    command: string | undefined,
  ): Refusal | null | Promise<Refusal | null> {
    const judge = (access: SessionAccess | undefined): Refusal | null => {
      if (access === undefined) return missing;
      const decision = may(principal, action, id, access);
      switch (decision) {
        case 'allowed':
          if (command !== undefined && action !== 'see' && isOfOther(principal, access)) {
            commanded({ sessionId: id, owner: access.owner, by: principal.id, command });
          }
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

/** Neither its own session, nor one in which it takes part, which the session itself tells. */
function isOfOther({ id }: Principal, { owner, members }: SessionAccess): boolean {
  return id !== owner && !members.has(id);
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
