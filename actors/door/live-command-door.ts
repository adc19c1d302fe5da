/** The command door of a running server: adds time and ids, admits, and dispatches. */
import type { AnyActorRef } from 'xstate';
import { ownershipOf, visibilityOf } from '../../schema/authorization.ts';
import { startsTurn } from '../../schema/chat-message.ts';
import type { CommandResult, SessionCommand, SessionCommandType } from '../../schema/commands.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import type { CommandId, MessageId, SessionId, TraceId, TurnId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { authorOf } from '../../schema/message-author.ts';
import { local, type Principal } from '../../schema/principal.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { RegisteredTool } from '../../schema/registered-tool.ts';
import type { RuntimeConfig } from '../../schema/runtime-config.ts';
import type { HeldKey } from '../../schema/stored-key.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import type { TurnIdentity } from '../../schema/turn-record.ts';
import type { Admission } from '../fair-admission.ts';
import type { SessionFiles } from '../file-store.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Clock, Ids, ReadModel } from '../ports.ts';
import type { ClaimedContext } from '../pushed-turns/claimed-context.ts';
import type { Leases } from '../pushed-turns/leases.ts';
import type { PushedSources } from '../pushed-turns/pushed-sources.ts';
import { TurnDoor } from '../pushed-turns/turn-door.ts';
import type { RegisteredTools } from '../registered-tools.ts';
import { hasFiles } from '../sessions/attached-files.ts';
import type { PendingReplies } from '../sessions/pending-replies.ts';
import { keyConflict, messageConflict, unconfirmed } from '../sessions/repeated-command.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { KeyHost } from '../stored-keys.ts';
import type { StoredTurn } from '../stored-rows.ts';
import type { TraceRegistry } from '../traces/trace-registry.ts';
import { AffordableCommands } from './affordable-commands.ts';
import { ClientChoice, type ClientChoicePorts, senderScopes } from './client-choice.ts';
import type { CommandDoor, Named } from './command-door.ts';
import { accessForCommand, copyForCommand, readable, turnForCommand } from './command-reads.ts';
import { CommandsInFlight } from './commands-in-flight.ts';
import { ConfigCommands } from './config-commands.ts';
import { copiedConversation } from './copied-conversation.ts';
import { givenText } from './given-text.ts';
import { withBelievedAuthors } from './imported-authors.ts';
import { withSeenFiles } from './imported-files.ts';
import { KeyCommands } from './key-commands.ts';
import { Layouts } from './layouts.ts';
import { ServerCommands, type Stamp, unreadable } from './server-commands.ts';
import type { StoredBytes } from './stored-byte-limit.ts';
import { StoredSessions, type StoreLimit } from './stored-session-limit.ts';
import { TokenBudget, type TokenLimit } from './token-budget.ts';
import { ToolRegistrations } from './tool-registrations.ts';
import { traceCommands } from './trace-commands.ts';

export type LiveCommandDoorOptions = ClientChoicePorts & {
  readonly registry: SessionRegistry;
  readonly fairAdmission: Admission;
  readonly traces: TraceRegistry;
  readonly outbox: Outbox;
  readonly replies: PendingReplies;
  readonly readModel: ReadModel;
  readonly files: Pick<SessionFiles, 'access'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly initialConfig: RuntimeConfig;
  readonly configDefaults: RuntimeConfig;
  readonly initialTools: readonly RegisteredTool[];
  /** Absent: no tools can be registered. */
  readonly registeredTools?: RegisteredTools;
  readonly initialKeys: readonly HeldKey[];
  /** Absent: no keys are kept. */
  readonly keys?: KeyHost;
  readonly pushed: PushedSources;
  readonly leases: Leases;
  /** Absent: nobody is limited. */
  readonly tokenLimit?: TokenLimit | undefined;
  readonly storedSessionLimit?: StoreLimit | undefined;
  readonly storedBytes: StoredBytes;
  /** How long an agent outside may be silent unless it says otherwise. */
  readonly leaseMs: Milliseconds;
  /** What an outside agent is told of the conversation. Rejects when the signal aborts. */
  readonly readContext: (turn: StoredTurn, signal: AbortSignal) => Promise<ClaimedContext>;
};

export type LiveCommandDoor = CommandDoor & {
  /** Call it with each event after its commit, before anybody is told of it. */
  readonly committed: (event: JournaledEvent) => void;
  /** Resets what belongs to no session to what is committed, because the journal refused the newest change for good. */
  readonly reset: () => void;
  /** The actors that belong to no session. */
  readonly serverActors: readonly AnyActorRef[];
};

export function liveCommandDoor(options: LiveCommandDoorOptions): LiveCommandDoor {
  const { registry, fairAdmission, outbox, replies, readModel, clock, ids } = options;
  const layouts = new Layouts(options);
  const turns = new TurnDoor(options);
  const budget = new TokenBudget(options);
  const stored = new StoredSessions(options);
  const affordable = new AffordableCommands({
    ...options,
    budget,
    sessions: stored,
    bytes: options.storedBytes,
  });
  const choice = new ClientChoice(options);
  const senderOf = (by: Principal) => ({ scopes: senderScopes(by), chargedTo: ownershipOf(by) });
  const inFlight = new CommandsInFlight();
  const underName = (named: Named, run: () => Promise<Outcome<unknown>>) =>
    inTime(named === undefined ? run() : inFlight.run(named, keyConflict, run));

  /** Runs a command under the names that its client gave it: an `Idempotency-Key`, a message id, or neither. */
  function underItsNames(
    id: SessionId,
    command: SessionCommand,
    run: () => Promise<Outcome<unknown>>,
  ): Promise<Outcome<unknown>> {
    const byMessageId =
      command.type === 'message.add' && command.clientMadeId
        ? () => inFlight.run(messageName(id, command), messageConflict(command.message.id), run)
        : run;
    return command.idempotency === undefined
      ? byMessageId()
      : inFlight.run(command.idempotency, keyConflict, byMessageId);
  }

  /**
   * No client waits longer than `commandWaitMsMax`. The command itself goes on, and so do its names: a repetition
   * joins it, even where it would otherwise start an effect of its own.
   */
  async function inTime(outcome: Promise<Outcome<unknown>>): Promise<Outcome<unknown>> {
    const late = Promise.withResolvers<Outcome<unknown>>();
    const cancel = clock.after(limits.commandWaitMsMax, () => late.resolve(refused(unconfirmed)));
    const first = await Promise.race([outcome, late.promise]);
    cancel();
    return first;
  }

  async function dispatch<Type extends SessionCommandType>(
    id: SessionId,
    command: SessionCommand & { readonly type: Type },
  ): Promise<Outcome<CommandResult[Type]>> {
    const run = () => underItsNames(id, command, () => affordable.dispatch(id, command));
    if (fairAdmission.waiting >= limits.waitingCommandsMax) return refused(overloaded);
    const slice = fairAdmission.enter();
    const outcome = await inTime(slice === undefined ? run() : slice.then(run));
    return outcome.ok ? accepted(outcome.value as CommandResult[Type]) : outcome;
  }

  async function contextInTime(turn: StoredTurn): Promise<Outcome<ClaimedContext>> {
    const late = new AbortController();
    const cancel = clock.after(limits.commandWaitMsMax, () => late.abort());
    try {
      return accepted(await options.readContext(turn, late.signal));
    } catch {
      return refused(unreadable);
    } finally {
      cancel();
    }
  }

  function stamp(idempotency: Named): Stamp {
    return { commandId: ids.next<CommandId>(), at: clock.now(), idempotency };
  }

  function newTurn(sessionId: SessionId, promptId: MessageId): TurnIdentity {
    return {
      turnId: ids.next<TurnId>(),
      sessionId,
      promptId,
      answerId: ids.next<MessageId>(),
      traceId: ids.next<TraceId>(),
    };
  }

  const server = new ServerCommands({ readModel, replies, stamp, admission: () => registry.admission() });
  const toServer = (named: Named, send: (command: Stamp) => void) =>
    underName(named, () => server.run(named, send));

  const config = new ConfigCommands({ ...options, run: toServer });
  const tools = new ToolRegistrations({
    outbox,
    initial: options.initialTools,
    host: options.registeredTools,
    run: toServer,
  });

  const keys = new KeyCommands({
    outbox,
    ids,
    initial: options.initialKeys,
    host: options.keys,
    run: toServer,
  });

  function decide(type: 'tool.approve' | 'tool.deny'): CommandDoor['approveToolCall'] {
    return (sessionId, callId, reason, named) =>
      dispatch(sessionId, { type, ...stamp(named), sessionId, callId, reason, stored: null });
  }

  return {
    createSession: async (body, named, by = local) => {
      const reason = choice.refusalOf(by, body.options);
      if (reason !== null) return refused(reason);
      const owner = ownershipOf(by);
      return dispatch(ids.next<SessionId>(), { type: 'session.create', ...stamp(named), ...body, owner });
    },
    updateSession: async (id, patch, named, by = local) => {
      const reason = choice.patchRefusal(by, patch.options);
      if (reason !== null) return refused(reason);
      return dispatch(id, { type: 'session.update', ...stamp(named), patch });
    },
    archiveSession: (id, named) => dispatch(id, { type: 'session.archive', ...stamp(named) }),
    unarchiveSession: (id, named) => dispatch(id, { type: 'session.unarchive', ...stamp(named) }),
    handOverSession: async (id, { owner, tenant }, by, named) => {
      const access = await accessForCommand(readModel, id);
      if (!access.ok) return access;
      const command = { from: access.value.owner, to: owner, tenant, by };
      return dispatch(id, { type: 'session.hand-over', ...stamp(named), ...command });
    },
    closeSession: (id, named) => dispatch(id, { type: 'session.close', ...stamp(named) }),
    reopenSession: (id, named) => dispatch(id, { type: 'session.reopen', ...stamp(named) }),
    addParticipant: (sessionId, participant, named) =>
      dispatch(sessionId, { type: 'participant.add', ...stamp(named), participant, stored: null }),
    updateParticipant: (sessionId, id, patch, named) =>
      dispatch(sessionId, { type: 'participant.update', ...stamp(named), id, patch, stored: null }),
    removeParticipant: (sessionId, id, named) =>
      dispatch(sessionId, { type: 'participant.remove', ...stamp(named), id, stored: null }),
    deleteSession: (id, named) => dispatch(id, { type: 'session.delete', ...stamp(named) }),
    addMessage: async (sessionId, { options, queue, role, toolCallId, name, ...body }, named, by = local) => {
      const reason = choice.roleRefusal(by, role) ?? choice.refusalOf(by, options);
      if (reason !== null) return refused(reason);
      const id = body.id ?? ids.next<MessageId>();
      const text = givenText(body);
      return dispatch(sessionId, {
        type: 'message.add',
        ...stamp(named),
        message: { id, role, ...text, toolCallId, name },
        author: authorOf(by),
        sees: hasFiles(text.marks) ? visibilityOf(by) : undefined,
        clientMadeId: body.id !== undefined,
        ...(startsTurn(role) ? { turn: newTurn(sessionId, id), options, ...senderOf(by) } : {}),
        queue,
      });
    },
    regenerateMessage: async (sessionId, messageId, body, named, by = local) => {
      const { options, continue: continues = false } = body;
      const reason = choice.refusalOf(by, options);
      if (reason !== null) return refused(reason);
      const { promptId: _, ...turn } = newTurn(sessionId, messageId);
      return dispatch(sessionId, {
        type: 'message.regenerate',
        ...stamp(named),
        messageId,
        turn,
        options,
        ...senderOf(by),
        continues,
        stored: null,
      });
    },
    editMessage: async (sessionId, messageId, { options, ...body }, named, by = local) => {
      const reason = choice.refusalOf(by, options);
      if (reason !== null) return refused(reason);
      const text = givenText(body);
      return dispatch(sessionId, {
        type: 'message.edit',
        ...stamp(named),
        messageId,
        ...text,
        author: authorOf(by),
        sees: hasFiles(text.marks) ? visibilityOf(by) : undefined,
        turn: newTurn(sessionId, ids.next<MessageId>()),
        options,
        ...senderOf(by),
        stored: null,
      });
    },
    deleteMessage: (sessionId, messageId, named) =>
      dispatch(sessionId, { type: 'message.delete', ...stamp(named), messageId, stored: null }),
    sendMessageNow: (sessionId, messageId, named) =>
      dispatch(sessionId, { type: 'message.send-now', ...stamp(named), messageId, stored: null }),
    steerMessage: (sessionId, messageId, named) =>
      dispatch(sessionId, { type: 'message.steer', ...stamp(named), messageId, stored: null }),
    selectBranch: (sessionId, messageId, named) =>
      dispatch(sessionId, { type: 'branch.select', ...stamp(named), messageId, stored: null }),
    forkSession: async (sessionId, { messageId, title }, named, by = local) => {
      const copy = await copyForCommand(readModel, sessionId, messageId);
      if (!copy.ok) return copy;
      const { session, conversation } = copy.value;
      const id = ids.next<SessionId>();
      return dispatch(id, {
        type: 'session.fork',
        ...stamp(named),
        session: {
          title: title ?? session.title,
          ...(session.description === undefined ? {} : { description: session.description }),
          status: 'active',
          ...choice.copied(by, session.options),
          forkedFrom: { sessionId, messageId },
        },
        conversation: copiedConversation(conversation, id, ids),
        owner: ownershipOf(by),
      });
    },
    importSession: async (
      { session: { title, description, options: chosen }, conversation, participants },
      named,
      by = local,
    ) => {
      const reason = choice.importRefusal(by, conversation, chosen);
      if (reason !== null) return refused(reason);
      const seen = await readable(() => withSeenFiles(options, conversation, visibilityOf(by)));
      if (!seen.ok) return seen;
      const id = ids.next<SessionId>();
      return dispatch(id, {
        type: 'session.import',
        ...stamp(named),
        session: {
          title,
          ...(description === undefined ? {} : { description }),
          status: 'active',
          ...(chosen === undefined ? {} : { options: chosen }),
        },
        conversation: copiedConversation(withBelievedAuthors(seen.value, by), id, ids),
        ...(participants === undefined ? {} : { participants }),
        owner: ownershipOf(by),
      });
    },
    startTurn: async (sessionId, { agent, leaseMs = options.leaseMs }, named, by = local) => {
      const { promptId: _, ...turn } = newTurn(sessionId, ids.next<MessageId>());
      const started = await dispatch(sessionId, {
        type: 'turn.start',
        ...stamp(named),
        turn,
        ...senderOf(by),
        agent,
        leaseMs,
        author: authorOf(by),
      });
      if (!started.ok) return started;
      const lease = options.leases.of(started.value.turnId);
      return accepted({ ...started.value, agent, lease, leaseMs, received: 0, durable: 0 });
    },
    claimTurn: async (turnId, { agent, leaseMs = options.leaseMs }, named, by = local) => {
      const found = await turnForCommand(readModel, turnId);
      if (!found.ok) return found;
      const { sessionId } = found.value;
      const claim = { turnId, agent, leaseMs, author: authorOf(by) } as const;
      const claimed = await dispatch(sessionId, { type: 'turn.claim', ...stamp(named), ...claim });
      if (!claimed.ok) return claimed;
      const context = await contextInTime(found.value);
      if (!context.ok) return context;
      const lease = options.leases.of(turnId);
      const turn = { ...claimed.value, agent, lease, leaseMs, received: 0, durable: 0 };
      return accepted({ ...turn, ...context.value });
    },
    turns,
    cancelTurns: (sessionId, promptId, named) =>
      dispatch(sessionId, { type: 'turn.cancel', ...stamp(named), promptId }),
    approveToolCall: decide('tool.approve'),
    denyToolCall: decide('tool.deny'),
    updateLayout: layouts.update,
    updateConfig: config.update,
    ...traceCommands({ ...options, stamp, named: underName }),
    setFlag: config.setFlag,
    resetConfig: config.reset,
    runtimeConfig: config.runtimeConfig,
    registerTool: tools.registerTool,
    updateTool: tools.updateTool,
    activateTool: tools.activateTool,
    deactivateTool: tools.deactivateTool,
    rotateToolSecret: tools.rotateToolSecret,
    registeredTools: tools.registeredTools,
    createKey: keys.createKey,
    revokeKey: keys.revokeKey,
    rotateKey: keys.rotateKey,
    storedKeys: keys.storedKeys,
    serverActors: [config.actor, tools.actor],
    committed: (event) => {
      budget.committed(event);
      stored.committed(event);
      options.storedBytes.committed(event);
      config.committed(event);
      tools.committed(event);
      keys.committed(event);
    },
    reset: () => {
      config.restore();
      tools.reset();
      keys.reset();
    },
  };
}

function messageName(session: SessionId, command: Extract<SessionCommand, { type: 'message.add' }>) {
  const { id, role, content, marks = [], toolCallId = null, name = null } = command.message;
  const said = marks.length === 0 ? content : [content, marks];
  return { key: `message ${session} ${id}`, fingerprint: JSON.stringify([role, said, toolCallId, name]) };
}

const overloaded = refusal('overloaded', 'The server is overloaded; try again');
