/** The audiences of events, and the connections that a change of who takes part concerns. */
import type { JournaledEvent } from '../../../schema/event-catalogue.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { type Audience, audienceOfOnly } from '../../../schema/wire/topic.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import { ownAccessOf } from './event-owner.ts';
import { audiencesOf, audiencesOfServer } from './reach.ts';
import type { SessionAccesses } from './session-accesses.ts';

/** Where the events of a namespace and session go. */
export type Audiences = {
  readonly of: (namespace: WireNamespace, session: SessionId | null) => readonly Audience[];
  /**
   * Those of a committed event that is published now. It may change who hears the next ones: whoever is added hears this
   * one first, whoever is removed hears it last.
   */
  readonly told: (event: JournaledEvent, namespace: WireNamespace) => readonly Audience[];
};

/** On a server without authentication everything goes to everybody. */
const everybody: readonly Audience[] = ['all'];
export const oneAudience: Audiences = { of: () => everybody, told: () => everybody };

const nobody: readonly Audience[] = [];

export type AudiencesOptions = {
  readonly accesses: Pick<SessionAccesses, 'known' | 'told'>;
  /** Whether anybody listens who is narrowed to this session. */
  readonly isNarrowedTo: (session: SessionId) => boolean;
  /** Whether everything goes to everybody now. */
  readonly isOpen: () => boolean;
};

export function audiencesBy({ accesses, isNarrowedTo, isOpen }: AudiencesOptions): Audiences {
  const of = (namespace: WireNamespace, session: SessionId | null): readonly Audience[] => {
    if (isOpen()) return everybody;
    // The audit is no part of the session that it tells of.
    if (session === null || namespace === 'audit') return audiencesOfServer(namespace);
    const access = accesses.known(session);
    // Nobody hears of a session before it is known whose it is.
    if (access === undefined) return nobody;
    const whole = audiencesOf(access);
    if (!isNarrowedTo(session)) return whole;
    return [...whole, ...whole.map((audience) => audienceOfOnly(session, audience))];
  };
  return {
    of,
    told: (event, namespace) => {
      if (isOpen()) return everybody;
      const own = ownAccessOf(event);
      if (own !== undefined) return audiencesOf(own);
      const before = of(namespace, event.sessionId);
      accesses.told(event);
      const after = of(namespace, event.sessionId);
      return before === after ? before : [...new Set([...before, ...after])];
    },
  };
}
