/** The command door of a running server: stamps, admits, dispatches. */
import { type Actor, createActor } from 'xstate';
import { runtimeConfigLogic } from '../machines/runtime-config.ts';
import { startsTurn } from '../schema/chat-message.ts';
import type { CommandResult, SessionCommand, SessionCommandType } from '../schema/commands.ts';
import type { CommandId, MessageId, SessionId, TraceId, TurnId } from '../schema/ids.ts';
import { accepted, type Outcome, refusal, refused } from '../schema/refusal.ts';
import type { RuntimeConfig } from '../schema/runtime-config.ts';
import type { TurnIdentity } from '../schema/turn-record.ts';
import type { CommandDoor } from './command-door.ts';
import type { Outbox } from './outbox.ts';
import type { PendingReplies } from './pending-replies.ts';
import type { Clock, Ids } from './ports.ts';
import { publishing } from './publishing.ts';
import type { SessionRegistry } from './session-registry.ts';

export type LiveCommandDoorOptions = {
  readonly registry: SessionRegistry;
  readonly outbox: Outbox;
  readonly replies: PendingReplies;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly initialConfig: RuntimeConfig;
};

export function liveCommandDoor(options: LiveCommandDoorOptions): CommandDoor {
  const { registry, outbox, replies, clock, ids } = options;
  let committedConfig = options.initialConfig;
  const config: Actor<typeof runtimeConfigLogic> = createActor(
    publishing(runtimeConfigLogic, outbox.accept),
    {
      id: 'runtimeConfig',
      input: { config: options.initialConfig },
    },
  );
  config.start();

  async function dispatch<Type extends SessionCommandType>(
    id: SessionId,
    command: SessionCommand & { readonly type: Type },
  ): Promise<Outcome<CommandResult[Type]>> {
    const outcome = await registry.dispatch(id, command);
    return outcome.ok ? accepted(outcome.value as CommandResult[Type]) : outcome;
  }

  function stamp(): { readonly commandId: CommandId; readonly at: number } {
    return { commandId: ids.next<CommandId>(), at: clock.now() };
  }

  function newTurn(sessionId: SessionId, promptId: MessageId): TurnIdentity {
    return {
      turnId: ids.next<TurnId>(),
      sessionId,
      promptId,
      answerId: ids.next<MessageId>(),
      failureId: ids.next<MessageId>(),
      traceId: ids.next<TraceId>(),
    };
  }

  return {
    createSession: (body) => dispatch(ids.next<SessionId>(), { type: 'session.create', ...stamp(), ...body }),
    updateSession: (id, patch) => dispatch(id, { type: 'session.update', ...stamp(), patch }),
    archiveSession: (id) => dispatch(id, { type: 'session.archive', ...stamp() }),
    deleteSession: (id) => dispatch(id, { type: 'session.delete', ...stamp() }),
    addMessage: (sessionId, body) => {
      const id = ids.next<MessageId>();
      const turn = startsTurn(body.role) ? { turn: newTurn(sessionId, id) } : {};
      return dispatch(sessionId, { type: 'message.add', ...stamp(), message: { id, ...body }, ...turn });
    },
    updateConfig: async (patch) => {
      if (!outbox.available) return refused(refusal('unavailable', 'The database is unavailable; try again'));
      const { commandId, at } = stamp();
      const reply = replies.expect(commandId);
      config.send({ type: 'config.update', patch, commandId, at });
      const outcome = await reply;
      if (!outcome.ok) return outcome;
      committedConfig = outcome.value as RuntimeConfig;
      return accepted(committedConfig);
    },
    runtimeConfig: () => committedConfig,
  };
}
