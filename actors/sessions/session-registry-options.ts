/** What the session registry is made of. */
import type { SessionInput } from '../../machines/chat-session-context.ts';
import type { TurnBounds } from '../../machines/turn-context.ts';
import type { SessionId } from '../../schema/ids.ts';
import type { CauseLedger } from '../causes/cause-ledger.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Clock, Log, ReadModel } from '../ports.ts';
import type { AttachedFiles } from './attached-files.ts';
import type { OwnerLimits, SessionOwners } from './owner-limits.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { SessionActor } from './session-actor.ts';
import type { Supervisor } from './supervisor.ts';

export type SessionRegistryOptions = {
  readonly outbox: Outbox;
  readonly causes: CauseLedger;
  readonly replies: PendingReplies;
  readonly readModel: ReadModel;
  readonly attached: AttachedFiles;
  readonly clock: Clock;
  readonly log: Log;
  readonly supervisor: Supervisor;
  /** For each session that wakes. `turnBounds`: by default `defaultTurnBounds`. */
  readonly settings: () => {
    readonly agentId: string;
    readonly turnBounds: TurnBounds | undefined;
  };
  /** Called when a session leaves memory. */
  readonly left: (id: SessionId) => void;
  readonly createSessionActor: (input: SessionInput) => SessionActor;
  /** Default: `limits.sessionsLiveMax`. */
  readonly sessionsLiveMax?: number;
  /** Absent: the sessions are nobody's. */
  readonly owners?: SessionOwners | undefined;
  /** Absent: no owner is limited. */
  readonly ownerLimits?: OwnerLimits | undefined;
};
