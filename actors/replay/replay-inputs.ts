/**
 * Which messages from outside make a session's actors say the next event of its journal. An event is what a machine
 * said, so this goes backwards: from the event, what comes behind it and the state of the actors to the message.
 *
 * What the journal does not hold is filled in where it makes no difference to what is said, and `note` tells so.
 * Whether the guess was right is for the caller to see: it compares what the actors then say.
 */
import type { AnyActorRef } from 'xstate';
import type { SessionEvent } from '../../machines/chat-session-context.ts';
import { interruptionReason } from '../../machines/interruption.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { DomainEvent, DomainEventOf } from '../../schema/event-catalogue.ts';
import { type CommandId, commandIdSchema, messageIdSchema } from '../../schema/ids.ts';
import type { Milliseconds } from '../../schema/timestamp.ts';
import { cancelledTurnsSchema, type TurnIdentity, type TurnOutcome } from '../../schema/turn-record.ts';
import type { ChatSessionSnapshot } from '../watch/operator-commands.ts';
import type { LookAhead } from './replay-look-ahead.ts';
import { askedForTools, attemptFailed, attemptStarted, failed, finished } from './replay-model-call.ts';
import type { ReplayMove } from './replay-move.ts';
import type { ReplayInput, ReplaySandbox } from './replay-sandbox.ts';
import { AnswerGuess } from './replay-text.ts';
import { repeatedDecision, toolMove } from './replay-tool-call.ts';

type Running = { readonly identity: TurnIdentity; readonly actor: AnyActorRef };

type End = NonNullable<ReturnType<LookAhead['endOf']>>;

/** `null`: nothing is known that makes them say it. */
export function replayMove(sandbox: ReplaySandbox, ahead: LookAhead): ReplayMove | null {
  const { snapshot } = sandbox;
  const event = ahead.at(0);
  return event === undefined || snapshot === undefined
    ? null
    : new MoveSearch(sandbox, snapshot, ahead).moveFor(event);
}

class MoveSearch {
  readonly #sandbox: ReplaySandbox;
  readonly #root: string;
  readonly #context: ChatSessionSnapshot['context'];
  readonly #ahead: LookAhead;

  constructor(sandbox: ReplaySandbox, snapshot: ChatSessionSnapshot, ahead: LookAhead) {
    this.#sandbox = sandbox;
    this.#root = sandbox.root.id;
    this.#context = snapshot.context;
    this.#ahead = ahead;
  }

  moveFor(event: DomainEvent): ReplayMove | null {
    const command = this.#commandThatSays(event);
    if (command !== null) {
      const unseen = this.#unseenBefore(command, this.#startBehind(event));
      return this.#inputs([...unseen, command]);
    }
    switch (event.type) {
      case 'trace.created':
      case 'turn.started':
        return { kind: 'woken' };
      case 'session.updated':
        return this.#ahead.deletesAt(0)
          ? this.#inputs([
              ...this.#timeBefore(this.#deletion(2, event.at), event.at),
              this.#deletion(2, event.at),
            ])
          : null;
      case 'turn.ended':
        return this.#dropping(event);
      case 'command.completed':
        return this.#inputs([repeatedDecision(event) ?? idleCancel(event)]);
      default: {
        const running = this.#running();
        return running === null ? null : this.#moveOfTurn(running, event);
      }
    }
  }

  /** The turn that a message begins at once. */
  #startBehind({ type, commandId }: DomainEvent): DomainEventOf<'turn.started'> | undefined {
    if (type !== 'message.created' || commandId === undefined) return undefined;
    const queued = this.#ahead.find('turn.queued', (one) => one.commandId === commandId);
    if (queued === undefined) return undefined;
    for (const behind of [1, 2, 3]) {
      const event = this.#ahead.at(queued.offset + behind);
      if (event?.type === 'turn.started' && event.data.turnId === queued.event.data.turnId) return event;
    }
    return undefined;
  }

  #running(): Running | null {
    const { running } = this.#context;
    const actor = running === null ? undefined : this.#sandbox.find(`turn.${running.turnId}`);
    return running === null || actor === undefined ? null : { identity: running, actor };
  }

  #inputs(commands: readonly (SessionCommand | SessionOrder)[], note: string | null = null): ReplayMove {
    return { kind: 'inputs', inputs: commands.map((event) => ({ to: this.#root, event })), note };
  }

  /** A command that is named by the event that it led to. */
  #commandThatSays(event: DomainEvent): SessionCommand | null {
    if (event.commandId === undefined) return null;
    const stamp = this.#stamp(event.commandId, event.at);
    switch (event.type) {
      case 'session.created': {
        const { title, description } = event.data;
        return { type: 'session.create', ...stamp, title, description };
      }
      case 'session.updated': {
        const { title, description, status } = event.data;
        // Of one that is archived already, archiving and changing nothing say the same.
        return status === this.#context.session?.status
          ? { type: 'session.update', ...stamp, patch: { title, description: description ?? null } }
          : { type: 'session.archive', ...stamp };
      }
      case 'message.created': {
        const queued = this.#ahead.find('turn.queued', (one) => one.commandId === event.commandId);
        const { id, role, content, toolCallId, name } = event.data;
        const message = { id, role, content, toolCallId, name };
        return {
          type: 'message.add',
          ...stamp,
          message,
          clientMadeId: false,
          ...(queued === undefined ? {} : { turn: identityOf(queued.event) }),
        };
      }
      default:
        return null;
    }
  }

  #stamp(commandId: CommandId, at: Milliseconds) {
    const name = this.#ahead.nameOf(commandId)?.data;
    return {
      commandId,
      at,
      ...(name === undefined ? {} : { idempotency: { key: name.key, fingerprint: name.fingerprint } }),
    };
  }

  /** `offset`: right behind `session.deleted`, where the answer to a command with a name is. */
  #deletion(offset: number, at: Milliseconds): SessionCommand {
    const behind = this.#ahead.at(offset);
    const named = behind?.type === 'command.completed' ? behind : undefined;
    return { type: 'session.delete', ...this.#stamp(named?.commandId ?? unnamed, named?.at ?? at) };
  }

  /** What left no trace before a message whose turn begins later than it came, or not although nothing runs. */
  #unseenBefore(
    command: SessionCommand,
    started: DomainEventOf<'turn.started'> | undefined,
  ): readonly (SessionCommand | SessionOrder)[] {
    if (command.type !== 'message.add' || command.turn === undefined) return [];
    const { running, waiting, parked } = this.#context;
    if (running !== null || waiting.length > 0 || parked) return [];
    if (started === undefined) return [{ type: 'session.park', at: command.at }];
    return this.#timeBefore(command, started.at);
  }

  /**
   * What a command led to happened later than it came: something without a trace had moved the session's time, such as
   * waking for it. A cancellation of nothing does the same.
   */
  #timeBefore(command: SessionCommand, at: Milliseconds): readonly SessionCommand[] {
    if (at <= Math.max(this.#context.now, command.at)) return [];
    return [{ type: 'turn.cancel', commandId: unnamed, at, promptId: noPrompt }];
  }

  /** Turns end that have not begun: they were cancelled, or the session was deleted. */
  #dropping(first: DomainEventOf<'turn.ended'>): ReplayMove | null {
    const { waiting } = this.#context;
    const isWaiting = (event: DomainEventOf<'turn.ended'>) =>
      event.at === first.at && waiting.some(({ turnId }) => turnId === event.data.turnId);
    const dropped = this.#ahead.run('turn.ended', 0, isWaiting);
    if (dropped.length === 0) return null;
    const running = this.#running();
    const next = running === null ? undefined : this.#ahead.endOf(running.identity, dropped.length);
    const end = next?.event.data.outcome === 'cancelled' ? next : undefined;
    const after = end === undefined ? dropped.length : end.offset + 1;
    const text = running === null || end === undefined ? [] : this.#restOfAnswer(running, end);
    const note = text.length === 0 ? null : piecesUnknown;
    if (dropped.length === waiting.length && this.#ahead.deletesAt(after)) {
      return withText(text, this.#inputs([this.#deletion(after + 2, first.at)], note));
    }
    const turn = waiting.find(({ turnId }) => turnId === first.data.turnId);
    const name = this.#cancelNameAt(after, turn?.promptId);
    const isAll = dropped.length === waiting.length && (running === null || end !== undefined);
    if (isAll && dropped.length + (end === undefined ? 0 : 1) > 1) {
      return withText(text, this.#inputs([this.#cancel(first.at, name, undefined)], note));
    }
    const ownName = this.#cancelNameAt(1, turn?.promptId);
    return this.#inputs([this.#cancel(first.at, ownName, turn?.promptId)]);
  }

  /** The answer to the command that cancelled `promptId`, if it had a name. */
  #cancelNameAt(
    offset: number,
    promptId: TurnIdentity['promptId'] | undefined,
  ): DomainEventOf<'command.completed'> | undefined {
    const event = this.#ahead.at(offset);
    if (event?.type !== 'command.completed') return undefined;
    const result = cancelledTurnsSchema.safeParse(event.data.result);
    return result.data?.cancelled.some((id) => id === promptId) === true ? event : undefined;
  }

  #cancel(
    at: Milliseconds,
    name: DomainEventOf<'command.completed'> | undefined,
    promptId: TurnIdentity['promptId'] | undefined,
  ): SessionCommand {
    const commandId = name?.commandId ?? unnamed;
    // The command came when it came; what it led to is not older than what was before.
    return { type: 'turn.cancel', ...this.#stamp(commandId, name?.at ?? at), promptId };
  }

  #moveOfTurn(running: Running, event: DomainEvent): ReplayMove | null {
    const { actor } = running;
    const toTurn = (events: readonly ReplayInput['event'][]): ReplayMove => ({
      kind: 'inputs',
      inputs: events.map((one) => ({ to: actor.id, event: one })),
      note: null,
    });
    const end = this.#ahead.endOf(running.identity);
    if (end !== undefined && beginsEnd(event, end)) return this.#ending(running, end);
    switch (event.type) {
      case 'turn.step.started':
        return toTurn(attemptStarted(actor, event));
      case 'turn.step.ended':
        return this.#toolCalls(running, event);
      case 'tool.call':
      case 'tool.result':
        return toolMove(this.#sandbox, this.#ahead, event);
      case 'agent.activity':
        // Said again by a turn that waits for a person in another life.
        return event.data.state === 'tool' ? { kind: 'woken' } : null;
      default: {
        const pieces = new AnswerGuess(this.#sandbox, running, this.#ahead).upTo(event);
        return pieces === null ? null : { kind: 'inputs', inputs: pieces, note: piecesUnknown };
      }
    }
  }

  #toolCalls(running: Running, event: DomainEventOf<'turn.step.ended'>): ReplayMove {
    const { turnId } = running.identity;
    const inputs = askedForTools(this.#ahead, event).map((one) => ({ to: running.actor.id, event: one }));
    const end = this.#ahead.find('turn.ended', ({ data }) => data.turnId === turnId);
    const another = this.#ahead.find('turn.step.started', ({ data }) => data.turnId === turnId);
    // No other model call follows: what the answer still lacks has come in this one.
    const isLastCall = end !== undefined && (another === undefined || another.offset > end.offset);
    const next = this.#ahead.at(1);
    const text =
      next?.type === 'message.checkpoint'
        ? (new AnswerGuess(this.#sandbox, running, this.#ahead).upTo(next) ?? []).filter(
            (piece) => piece.event.type !== 'answer.checkpoint',
          )
        : isLastCall
          ? this.#restOfAnswer(running, end, event.at)
          : [];
    return {
      kind: 'inputs',
      inputs: [...text, ...inputs],
      note: 'When the model asked for each call is not in the journal; it is shown when its answer ended',
    };
  }

  #restOfAnswer(running: Running, end: End, at = end.event.at): readonly ReplayInput[] {
    const { actor, identity } = running;
    return [
      ...attemptFailed(actor, identity, this.#ahead, at).map((event) => ({ to: actor.id, event })),
      ...new AnswerGuess(this.#sandbox, running, this.#ahead).upToEnd(end.offset, at),
    ];
  }

  #ending(running: Running, end: End): ReplayMove {
    const { actor, identity } = running;
    const { outcome, reason = '' } = end.event.data;
    if (reason === interruptionReason) return { kind: 'closed', count: end.offset + 1 };
    const text = this.#restOfAnswer(running, end);
    const note = text.length === 0 ? null : piecesUnknown;
    const { at } = end.event;
    const toTurn = (...events: ReplayInput['event'][]): ReplayMove => ({
      kind: 'inputs',
      inputs: [...this.#parkBefore(end), ...text, ...events.map((event) => ({ to: actor.id, event }))],
      note,
    });
    switch (outcome) {
      case 'completed':
        return toTurn(finished(actor, identity, this.#ahead, at));
      case 'failed':
        return toTurn(...failed(actor, identity, this.#ahead, { reason, at }));
      case 'interrupted':
        return withText(
          [...this.#parkBefore(end), ...text],
          this.#inputs([{ type: 'session.interrupt', at, reason }], note),
        );
      case 'cancelled': {
        if (this.#ahead.deletesAt(end.offset + 1)) {
          return withText(text, this.#inputs([this.#deletion(end.offset + 3, at)], note));
        }
        const name = this.#cancelNameAt(end.offset + 1, identity.promptId);
        const promptId = this.#context.waiting.length === 0 ? undefined : identity.promptId;
        return withText(
          [...this.#parkBefore(end), ...text],
          this.#inputs([this.#cancel(at, name, promptId)], note),
        );
      }
    }
  }

  /** The next turn does not start though one waits: the process was about to stop. */
  #parkBefore(end: End): readonly ReplayInput[] {
    const [next] = this.#context.waiting;
    if (next === undefined || this.#context.parked) return [];
    const starts = [1, 2, 3].some((behind) => {
      const event = this.#ahead.at(end.offset + behind);
      // Later: it was started by the next process.
      const at = Math.max(this.#context.now, end.event.at);
      return event?.type === 'turn.started' && event.data.turnId === next.turnId && event.at === at;
    });
    return starts ? [] : [{ to: this.#root, event: { type: 'session.park', at: end.event.at } }];
  }
}

type SessionOrder = Extract<SessionEvent, { type: 'session.interrupt' | 'session.park' }>;

export const piecesUnknown =
  'The journal has the text of an answer, but not where its pieces began and ended, nor when each came';

/** Stands for the id of a command that left none. */
const unnamed = commandIdSchema.parse('00000000-0000-0000-0000-000000000000');
const noPrompt = messageIdSchema.parse('00000000-0000-0000-0000-000000000000');

function identityOf({ data }: DomainEventOf<'turn.queued'>): TurnIdentity {
  const { timestamp: _, ...identity } = data;
  return identity;
}

function withText(text: readonly ReplayInput[], move: ReplayMove): ReplayMove {
  return move.kind === 'inputs' ? { ...move, inputs: [...text, ...move.inputs] } : move;
}

const firstOfEnd: Readonly<Record<TurnOutcome, readonly DomainEvent['type'][]>> = {
  completed: ['agent.activity'],
  failed: ['trace.updated'],
  cancelled: ['tool.result', 'message.reasoning.completed', 'message.updated', 'trace.updated'],
  interrupted: ['tool.result', 'message.reasoning.completed', 'message.updated', 'trace.updated'],
};

/** Whether `event` is the first that the end of its turn says. */
function beginsEnd(event: DomainEvent, { event: { data } }: End): boolean {
  if (data.reason === interruptionReason) return true;
  // A call that was not cut short by its turn has ended by itself before.
  const isCutShort = event.type !== 'tool.result' || event.record.result === 'Cancelled';
  return isCutShort && firstOfEnd[data.outcome].includes(event.type);
}

/** A cancellation that found nothing to cancel, and had a name. */
function idleCancel({ commandId, at, data }: DomainEventOf<'command.completed'>): SessionCommand {
  const { key, fingerprint } = data;
  return {
    type: 'turn.cancel',
    commandId: commandId ?? unnamed,
    at,
    idempotency: { key, fingerprint },
    promptId: noPrompt,
  };
}
