/** Plans of commands to one session; times and ids are added as the door adds them. */
import fc from 'fast-check';
import { type ChatMessage, messageRoles, startsTurn } from '../../schema/chat-message.ts';
import type { SessionCommand, StoredParticipants, StoredPlace } from '../../schema/commands.ts';
import { type QueuePolicy, queuePolicies } from '../../schema/create-message.ts';
import type { CommandId, MessageId, SessionId, TraceId, TurnId } from '../../schema/ids.ts';
import type { ModelOptions } from '../../schema/model-options.ts';
import {
  type ParticipantId,
  type ParticipantRole,
  participantIdSchema,
  participantRoles,
} from '../../schema/participant.ts';
import type { TurnIdentity } from '../../schema/turn-record.ts';
import { unreachable } from '../../schema/unreachable.ts';
import { idKinds, idOf } from './ids.ts';
import { anyInstant } from './instants.ts';
import { pieceText } from './texts.ts';

export const theSession = idOf<SessionId>(idKinds.session, 1);

type Plan =
  | { readonly type: 'session.create'; readonly title: string; readonly description: string | undefined }
  | {
      readonly type: 'session.update';
      readonly patch: { readonly title?: string; readonly description?: string | null };
    }
  | {
      readonly type:
        | 'session.archive'
        | 'session.unarchive'
        | 'session.close'
        | 'session.reopen'
        | 'session.hand-over'
        | 'session.delete';
    }
  | ParticipantPlan
  | {
      readonly type: 'message.add';
      readonly role: ChatMessage['role'];
      readonly content: string;
      readonly queue?: QueuePolicy;
    }
  | TreePlan
  | { readonly type: 'turn.start' }
  | { readonly type: 'turn.claim'; readonly turn: number }
  | { readonly type: 'turn.cancel'; readonly prompt: number | null };

/** About one of the messages: the `which`th of those that are there. */
type TreePlan = { readonly which: number } & (
  | { readonly type: 'message.regenerate'; readonly continues: boolean }
  | { readonly type: 'message.edit'; readonly content: string; readonly options?: ModelOptions }
  | { readonly type: 'message.delete' | 'message.send-now' | 'message.steer' | 'branch.select' }
);

/** About one of a few participants. */
type ParticipantPlan = {
  readonly type: 'participant.add' | 'participant.update' | 'participant.remove';
  readonly who: number;
  readonly role: ParticipantRole;
  readonly name: string | undefined;
};

export type CommandPlan = Plan & { readonly at: number; readonly named: boolean };

const plan: fc.Arbitrary<Plan> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('session.create' as const),
      title: pieceText,
      description: fc.option(pieceText, { nil: undefined }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('session.update' as const),
      patch: fc.record(
        { title: pieceText, description: fc.option(pieceText, { nil: null }) },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'session.archive' as const,
        'session.unarchive' as const,
        'session.close' as const,
        'session.reopen' as const,
        'session.reopen' as const,
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'participant.add' as const,
        'participant.add' as const,
        'participant.update' as const,
        'participant.remove' as const,
      ),
      who: fc.nat(3),
      role: fc.constantFrom(...participantRoles),
      name: fc.option(fc.constantFrom('Ada', 'Coder'), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('session.delete' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('session.hand-over' as const) }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: fc.constant('message.add' as const),
      role: fc.oneof(
        { weight: 4, arbitrary: fc.constant('user' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...messageRoles) },
      ),
      content: pieceText,
      queue: fc.oneof(
        { weight: 8, arbitrary: fc.constant('queue' as const) },
        { weight: 1, arbitrary: fc.constantFrom(...queuePolicies) },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('message.regenerate' as const),
      which: fc.nat(20),
      continues: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('message.edit' as const),
      which: fc.nat(20),
      content: pieceText,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom(
        'message.delete' as const,
        'message.send-now' as const,
        'message.steer' as const,
        'branch.select' as const,
      ),
      which: fc.nat(20),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('turn.cancel' as const), prompt: fc.option(fc.nat(60)) }),
  },
);

export const commandPlan: fc.Arbitrary<CommandPlan> = fc
  .tuple(plan, anyInstant, fc.boolean())
  .map(([what, at, named]) => ({ ...what, at, named }));

/** An agent outside begins. Not among the others: it needs an agent that goes on. */
export const startPlan: fc.Arbitrary<CommandPlan> = fc
  .tuple(anyInstant, fc.boolean())
  .map(([at, named]) => ({ type: 'turn.start', at, named }));

export function turnIdentity(count: number): TurnIdentity {
  return {
    turnId: idOf<TurnId>(idKinds.turn, count),
    sessionId: theSession,
    promptId: idOf<MessageId>(idKinds.prompt, count),
    answerId: idOf<MessageId>(idKinds.answer, count),
    traceId: idOf<TraceId>(idKinds.trace, count),
  };
}

/** What commands about messages are looked up in. */
export type Places = {
  readonly messages: readonly { readonly id: MessageId }[];
  readonly place: (id: MessageId) => StoredPlace | null;
  /** What commands about participants are looked up in. */
  readonly participants?: (id: ParticipantId) => StoredParticipants;
};

const nowhere: Places = { messages: [], place: () => null };

export function participantIdOf(who: number): ParticipantId {
  return participantIdSchema.parse(`key:${who}`);
}

/** The planned command, number `count` of its run. */
export function sessionCommand(
  planned: CommandPlan,
  count: number,
  places: Places = nowhere,
): SessionCommand {
  const stamp = {
    at: planned.at,
    commandId: idOf<CommandId>(idKinds.command, count),
    ...(planned.named ? { idempotency: { key: `key-${count}`, fingerprint: planned.type } } : {}),
  };
  switch (planned.type) {
    case 'session.create':
      return { type: planned.type, ...stamp, title: planned.title, description: planned.description };
    case 'session.update':
      return { type: planned.type, ...stamp, patch: planned.patch };
    case 'session.archive':
    case 'session.unarchive':
      return { type: planned.type, ...stamp };
    case 'session.close':
    case 'session.reopen':
      return { type: planned.type, ...stamp };
    case 'session.hand-over': {
      const [to, by] = ['key:ada', 'operator'].map((id) => participantIdSchema.parse(id));
      if (to === undefined || by === undefined) throw new Error('two principals');
      return { type: planned.type, ...stamp, from: null, to, tenant: null, by };
    }
    case 'session.delete':
      return { type: planned.type, ...stamp };
    case 'participant.add':
    case 'participant.update':
    case 'participant.remove':
      return aboutParticipant(planned, stamp, places);
    case 'message.add': {
      const { promptId } = turnIdentity(count);
      return {
        type: planned.type,
        ...stamp,
        message: { id: promptId, role: planned.role, content: planned.content },
        clientMadeId: planned.named,
        ...(planned.queue === undefined ? {} : { queue: planned.queue }),
        ...(startsTurn(planned.role) ? { turn: turnIdentity(count) } : {}),
      };
    }
    case 'message.regenerate': {
      const { promptId: _, ...turn } = turnIdentity(count);
      const { type, continues } = planned;
      return { type, ...stamp, ...target(planned, places), turn, continues };
    }
    case 'message.edit': {
      const { type, content, options } = planned;
      const turn = turnIdentity(count);
      return { type, ...stamp, ...target(planned, places), content, turn, options };
    }
    case 'message.delete':
      return { type: planned.type, ...stamp, ...target(planned, places) };
    case 'message.send-now':
    case 'message.steer':
      return { type: planned.type, ...stamp, ...target(planned, places) };
    case 'branch.select':
      return { type: planned.type, ...stamp, ...target(planned, places) };
    case 'turn.start': {
      const { promptId: _, ...turn } = turnIdentity(count);
      return { type: planned.type, ...stamp, turn, agent: 'weather', leaseMs: 60_000 };
    }
    case 'turn.claim': {
      const { turnId } = turnIdentity(planned.turn);
      return { type: planned.type, ...stamp, turnId, agent: 'weather', leaseMs: 60_000 };
    }
    case 'turn.cancel':
      return {
        type: planned.type,
        ...stamp,
        ...(planned.prompt === null ? {} : { promptId: turnIdentity(planned.prompt).promptId }),
      };
    default:
      return unreachable(planned);
  }
}

function aboutParticipant(
  { type, who, role, name }: ParticipantPlan,
  stamp: Pick<SessionCommand, 'at' | 'commandId' | 'idempotency'>,
  { participants }: Places,
): SessionCommand {
  const id = participantIdOf(who);
  const stored = participants?.(id) ?? null;
  switch (type) {
    case 'participant.add':
      return { type, ...stamp, participant: { id, role, name }, stored };
    case 'participant.update':
      return { type, ...stamp, id, patch: { role, name: name ?? null }, stored };
    case 'participant.remove':
      return { type, ...stamp, id, stored };
    default:
      return unreachable(type);
  }
}

/** The newest messages have the least numbers; one number more is of a message that nobody knows. */
function target({ which }: TreePlan, places: Places) {
  const { messages } = places;
  const at = messages.length - (which % (messages.length + 1)) - 1;
  const messageId = messages[at]?.id ?? idOf<MessageId>(idKinds.prompt, 0xffff);
  return { messageId, stored: places.place(messageId) };
}
