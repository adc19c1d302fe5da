/**
 * The commands that an operator may give to a session now. Each command is tried on the session's machine in its
 * present state, without effect: `transition()` returns what it would do.
 */
import { type AnyActorRef, isMachineSnapshot, type SnapshotFrom, transition } from 'xstate';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { ChatSession } from '../../schema/chat-session.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { CommandId, SessionId } from '../../schema/ids.ts';
import type { OperatorCommand } from '../../schema/operator-command.ts';
import type { Refusal } from '../../schema/refusal.ts';
import { field } from './actor-state.ts';

export type ChatSessionSnapshot = SnapshotFrom<typeof chatSessionMachine>;

type Candidate = Pick<OperatorCommand, 'label' | 'destructive' | 'request'> & {
  readonly order: SessionCommand;
  readonly idle: string;
};

export function operatorCommands(id: SessionId, snapshot: ChatSessionSnapshot): OperatorCommand[] {
  const { now, session } = snapshot.context;
  const offered = [
    ...decisions(id, snapshot),
    ...candidates(id, now).filter((one) => isOffered(one, session)),
  ];
  return offered.map(({ order, label, destructive, request, idle }) => {
    const effect = effectOf(snapshot, order);
    const allowed = effect.refusal === null;
    const reason = effect.refusal?.message ?? (effect.changes ? null : idle);
    return {
      command: order.type,
      label,
      allowed,
      effective: allowed && effect.changes,
      reason,
      destructive,
      request,
    };
  });
}

/** The decisions about each call of the running turn that waits for a person. */
function decisions(id: SessionId, snapshot: ChatSessionSnapshot): Candidate[] {
  const { running, now: at } = snapshot.context;
  const turn = running === null ? undefined : snapshot.children[`turn.${running.turnId}`]?.getSnapshot();
  const waiting = turn?.context.calls.filter(({ status }) => status === 'awaitingApproval') ?? [];
  return waiting.flatMap(({ id: callId, name }) =>
    (['approve', 'deny'] as const).map((word) => ({
      order: {
        type: `tool.${word}` as const,
        commandId: id as string as CommandId,
        at,
        sessionId: id,
        callId,
        stored: null,
      },
      label: `${word === 'approve' ? 'Approve' : 'Deny'} ${name}`,
      destructive: false,
      request: {
        method: 'POST' as const,
        path: `/chat-sessions/${id}/tool-calls/${callId}/${word}`,
        body: {},
      },
      idle: '',
    })),
  );
}

function candidates(id: SessionId, at: number): Candidate[] {
  const stamp = { commandId: id as string as CommandId, at };
  const path = `/chat-sessions/${id}`;
  return [
    {
      order: { type: 'turn.cancel', ...stamp },
      label: 'Stop the answer',
      destructive: false,
      request: { method: 'POST', path: `${path}/cancel`, body: {} },
      idle: 'Nothing is being answered',
    },
    {
      order: { type: 'session.archive', ...stamp },
      label: 'Archive',
      destructive: false,
      request: { method: 'PATCH', path: `${path}/archive`, body: null },
      idle: 'It is archived already',
    },
    {
      order: { type: 'session.unarchive', ...stamp },
      label: 'Take out of the archive',
      destructive: false,
      request: { method: 'PATCH', path: `${path}/unarchive`, body: null },
      idle: '',
    },
    {
      order: { type: 'session.close', ...stamp },
      label: 'Close',
      destructive: false,
      request: { method: 'POST', path: `${path}/close`, body: {} },
      idle: 'It is closed already',
    },
    {
      order: { type: 'session.reopen', ...stamp },
      label: 'Reopen',
      destructive: false,
      request: { method: 'POST', path: `${path}/reopen`, body: {} },
      idle: '',
    },
    {
      order: { type: 'session.delete', ...stamp },
      label: 'Delete',
      destructive: true,
      request: { method: 'DELETE', path, body: null },
      idle: '',
    },
  ];
}

/** What takes something back is offered where there is something to take back. */
function isOffered({ order }: Candidate, session: ChatSession | null): boolean {
  if (order.type === 'session.unarchive') return session?.status === 'archived';
  return order.type !== 'session.reopen' || session?.closedAt !== undefined;
}

/** A command that only advances `updatedAt` has no effect that a person would ask for. */
function effectOf(snapshot: ChatSessionSnapshot, order: SessionCommand) {
  if (snapshot.status !== 'active') return { refusal: gone, changes: false };
  const [next, actions] = transition(chatSessionMachine, snapshot, order);
  let refusal: Pick<Refusal, 'message'> | null = null;
  let changes = JSON.stringify(next.value) !== JSON.stringify(snapshot.value);
  for (const { type, params } of actions) {
    const emitted = field(params, 'event');
    const name = field(emitted, 'type');
    if (String(type) !== 'xstate.emit') changes = true;
    else if (name === 'command.refused')
      refusal = { message: String(field(field(emitted, 'refusal'), 'message')) };
    else if (name !== 'command.accepted' && name !== 'session.updated') changes = true;
  }
  return { refusal, changes };
}

const gone = { message: 'The session is gone' };

/** `undefined` when the actor is not a session's. */
export function sessionSnapshotOf(actor: AnyActorRef | undefined): ChatSessionSnapshot | undefined {
  const snapshot: unknown = actor?.getSnapshot();
  if (!isMachineSnapshot(snapshot) || snapshot.machine.id !== chatSessionMachine.id) return undefined;
  return snapshot as ChatSessionSnapshot;
}
