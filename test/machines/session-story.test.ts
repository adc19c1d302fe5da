/**
 * The exact emissions of a session. The properties say what always holds; these tests list the emissions once, so
 * that no change of them goes unnoticed.
 */
import { describe, expect, it } from 'vitest';
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { chatSessionMachine } from '../../machines/chat-session.ts';
import type { SessionEvent, SessionInput } from '../../machines/chat-session-context.ts';
import type { SessionCommand } from '../../schema/commands.ts';
import type { CommandId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { idKinds, idOf } from '../arbitraries/ids.ts';
import { noon } from '../arbitraries/instants.ts';
import { theSession, turnIdentity } from '../arbitraries/session-commands.ts';
import { type Effect, effectsOf } from '../machine-steps.ts';

type Snapshot = SnapshotFrom<typeof chatSessionMachine>;

const stamp = isoTimestamp(noon);
const stored = { id: theSession, title: 'A', status: 'active' as const, createdAt: stamp, updatedAt: stamp };
const input: SessionInput = {
  sessionId: theSession,
  agentId: 'rehearsal',
  stored: { session: stored, queue: [] },
  at: noon,
  parked: false,
};

/** The session after these events, and the effects of the last one. */
function told(
  given: SessionInput,
  ...events: readonly SessionEvent[]
): { last: Snapshot; effects: Effect[] } {
  let [last, actions] = initialTransition(chatSessionMachine, given);
  for (const event of events) [last, actions] = transition(chatSessionMachine, last, event);
  return { last, effects: effectsOf(actions) };
}

const commandId = (count: number) => idOf<CommandId>(idKinds.command, count);

function add(count: number, more: object = {}): SessionCommand {
  const turn = turnIdentity(count);
  return {
    type: 'message.add',
    commandId: commandId(count),
    at: noon + count,
    message: { id: turn.promptId, role: 'user', content: 'Hello' },
    clientMadeId: false,
    turn,
    ...more,
  };
}

const ended = (count: number): SessionEvent => {
  const { turnId } = turnIdentity(count);
  const output = { turnId, outcome: 'completed' as const, at: noon + 90, decided: [] };
  return { type: `xstate.done.actor.turn.${turnId}`, actorId: `turn.${turnId}`, output };
};
const simple = (type: 'session.archive' | 'session.delete' | 'turn.cancel', count = 9): SessionCommand => ({
  type,
  commandId: commandId(count),
  at: noon + count,
});

const said = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.kind === 'emit' ? [effect.event] : []));

describe('what a session says, to the letter', () => {
  it('[MSG7] [SES2] a message with all that it may have, named: message, session, the stored answer, the reply', () => {
    const message = {
      id: turnIdentity(1).promptId,
      role: 'tool' as const,
      content: '21 °C',
      toolCallId: 'call_1',
      name: 'weather',
    };
    const idempotency = { key: 'a key', fingerprint: 'a print' };
    const { effects } = told(input, add(1, { message, turn: undefined, idempotency }));
    const data = { ...message, sessionId: theSession, createdAt: isoTimestamp(noon + 1), parentId: null };
    const result = { ...data, status: 'complete', parts: [{ type: 'text', text: '21 °C' }] };
    const session = { ...stored, updatedAt: isoTimestamp(noon + 1), leafId: message.id };
    const about = { sessionId: theSession, at: noon + 1, commandId: commandId(1) };
    expect(said(effects)).toEqual([
      { type: 'message.created', ...about, data },
      { type: 'session.updated', ...about, data: session },
      { type: 'command.completed', ...about, data: { ...idempotency, result } },
      { type: 'command.accepted', sessionId: theSession, commandId: commandId(1), result },
    ]);
  });

  it('[MSG7] [TREE3] a turn that adds a message moves the session and its leaf, by nobody’s command', () => {
    const { promptId, answerId } = turnIdentity(1);
    const { effects } = told(input, add(1), {
      type: 'message.added',
      at: noon + 5,
      answerId,
      parentId: promptId,
    });
    expect(said(effects)).toStrictEqual([
      {
        type: 'session.updated',
        sessionId: theSession,
        at: noon + 5,
        data: { ...stored, updatedAt: isoTimestamp(noon + 5), leafId: answerId },
      },
    ]);
  });

  it('[MSG2] a message that wants an answer is queued and its turn begins', () => {
    const { effects, last } = told(input, add(1));
    expect(said(effects)[2]).toEqual({
      type: 'turn.queued',
      sessionId: theSession,
      at: noon + 1,
      commandId: commandId(1),
      data: { ...turnIdentity(1), timestamp: isoTimestamp(noon + 1), rank: 1 },
    });
    expect(effects.at(-1)).toEqual({ kind: 'spawn', id: `turn.${turnIdentity(1).turnId}` });
    expect(last.context).toMatchObject({
      running: { ...turnIdentity(1), traceCreatedAt: null },
      queue: [],
    });
  });

  it('[MSG2] [TREE2] a turn that ends is let go, and the next question comes into the tree and begins', () => {
    const { effects } = told(input, add(1), add(2), ended(1));
    const { promptId } = turnIdentity(2);
    const about = { sessionId: theSession, at: noon + 90 };
    const data = {
      id: promptId,
      sessionId: theSession,
      role: 'user',
      content: 'Hello',
      createdAt: isoTimestamp(noon + 2),
      parentId: turnIdentity(1).promptId,
    };
    expect(effects).toEqual([
      { kind: 'stop', id: `turn.${turnIdentity(1).turnId}` },
      { kind: 'emit', event: { type: 'message.updated', ...about, data } },
      {
        kind: 'emit',
        event: { type: 'branch.selected', ...about, data: { sessionId: theSession, leafId: promptId } },
      },
      { kind: 'spawn', id: `turn.${turnIdentity(2).turnId}` },
    ]);
  });

  it('[STOP2] a parked session starts nothing more, and keeps what waits', () => {
    const { effects, last } = told(input, add(1), add(2), { type: 'session.park', at: noon }, ended(1));
    expect(effects).toEqual([{ kind: 'stop', id: `turn.${turnIdentity(1).turnId}` }]);
    expect(last.context).toMatchObject({ parked: true, running: null, queue: [{ turn: turnIdentity(2) }] });
    const deleting = told(input, add(1), simple('session.delete'), { type: 'session.park', at: noon });
    expect(deleting.last.context.parked).toBe(true);
  });

  it('[STOP2] an interruption is told to the turn that runs, with its reason', () => {
    const { effects } = told(input, add(1), { type: 'session.interrupt', at: noon + 7, reason: 'Stopping' });
    expect(effects).toEqual([
      {
        kind: 'send',
        to: `turn.${turnIdentity(1).turnId}`,
        event: { type: 'turn.interrupt', at: noon + 7, reason: 'Stopping' },
      },
    ]);
    expect(told(input, { type: 'session.interrupt', at: noon, reason: 'Stopping' }).effects).toEqual([]);
  });

  it('[CAN1] [CAN2] [TREE7] cancelling names the running turn first, then those that waited', () => {
    const { effects, last } = told(input, add(1), add(2), add(3), simple('turn.cancel'));
    const [one, two, three] = [1, 2, 3].map(turnIdentity);
    const dropped = (turn: typeof two) => ({
      kind: 'emit',
      event: {
        type: 'turn.ended',
        sessionId: theSession,
        at: noon + 9,
        data: {
          turnId: turn?.turnId,
          sessionId: theSession,
          timestamp: isoTimestamp(noon + 9),
          outcome: 'cancelled',
        },
      },
    });
    expect(effects).toEqual([
      dropped(two),
      dropped(three),
      { kind: 'send', to: `turn.${one?.turnId}`, event: { type: 'turn.cancel', at: noon + 9 } },
      {
        kind: 'emit',
        event: {
          type: 'command.accepted',
          sessionId: theSession,
          commandId: commandId(9),
          result: { sessionId: theSession, cancelled: [one?.promptId, two?.promptId, three?.promptId] },
        },
      },
    ]);
    // Their messages keep their places in the conversation.
    expect(last.context.queue).toMatchObject([
      { rank: 1, message: { id: two?.promptId }, turn: null },
      { rank: 2, message: { id: three?.promptId }, turn: null },
    ]);
    const placed = told(input, add(1), add(2), add(3), simple('turn.cancel'), ended(1));
    expect(said(placed.effects)).toMatchObject([
      { type: 'message.updated', data: { id: two?.promptId, parentId: one?.promptId } },
      { type: 'branch.selected', data: { leafId: two?.promptId } },
      { type: 'message.updated', data: { id: three?.promptId, parentId: two?.promptId } },
      { type: 'branch.selected', data: { leafId: three?.promptId } },
    ]);
  });

  it('[SES7] deletion while it answers tells the turn, refuses everything meanwhile, and ends when the turn has', () => {
    const begun = [add(1), add(2), simple('session.delete')];
    const { effects, last } = told(input, ...begun);
    const { turnId, sessionId } = turnIdentity(2);
    const timestamp = isoTimestamp(noon + 9);
    expect(effects).toEqual([
      {
        kind: 'emit',
        event: {
          type: 'turn.ended',
          sessionId,
          at: noon + 9,
          data: { turnId, sessionId, timestamp, outcome: 'cancelled' },
        },
      },
      {
        kind: 'send',
        to: `turn.${turnIdentity(1).turnId}`,
        event: { type: 'turn.cancel', at: noon + 9 },
      },
    ]);
    expect(last.context.queue).toEqual([]);
    const code = (event: SessionEvent) => {
      const reply = said(told(input, ...begun, event).effects).at(-1);
      return reply?.type === 'command.refused' ? reply.refusal : reply?.type;
    };
    const unknown = { code: 'not_found', message: `Chat session ${theSession} not found`, retryable: false };
    expect(code(simple('session.archive', 10))).toEqual(unknown);
    expect(code(simple('session.delete', 10))).toEqual(unknown);
    expect(code(simple('turn.cancel', 10))).toEqual(unknown);
    expect(code(add(10))).toEqual(unknown);
    expect(code({ type: 'session.update', commandId: commandId(10), at: noon, patch: {} })).toEqual(unknown);
    const end = told(input, ...begun, ended(1));
    expect(said(end.effects)).toEqual([
      {
        type: 'session.updated',
        sessionId: theSession,
        at: noon + 90,
        data: { ...stored, updatedAt: isoTimestamp(noon + 90), leafId: turnIdentity(1).promptId },
      },
      { type: 'session.deleted', sessionId: theSession, at: noon + 90, data: { id: theSession } },
      { type: 'command.accepted', sessionId: theSession, commandId: commandId(9), result: null },
    ]);
    expect(end.last.status).toBe('done');
  });

  it('[SES6] [LIM10] refusals say what is wrong', () => {
    const again = told(input, { type: 'session.create', commandId: commandId(1), at: noon, title: 'B' });
    expect(said(again.effects)).toMatchObject([
      { refusal: { code: 'conflict', message: `Chat session ${theSession} exists already` } },
    ]);
    const many = Array.from({ length: limits.turnsWaitingMax + 1 }, (_, index) => add(index + 1));
    const full = told(input, ...many, add(99));
    expect(said(full.effects)).toMatchObject([
      {
        refusal: {
          code: 'queue_full',
          message: `At most ${limits.turnsWaitingMax} messages of a session can wait for their answer`,
        },
      },
    ]);
    const role = { id: turnIdentity(99).promptId, role: 'assistant' as const, content: 'Stored' };
    expect(said(told(input, ...many, add(99, { turn: undefined, message: role })).effects)).toMatchObject([
      { type: 'message.created' },
      { type: 'session.updated' },
      { type: 'command.accepted' },
    ]);
  });

  it('[SES5] [SES8] a session wakes as what it is stored as', () => {
    const open = { status: 'active', intake: 'taking', activity: 'idle' };
    expect(told(input).last.value).toEqual({ open });
    const archived = {
      ...input,
      stored: { session: { ...stored, status: 'archived' as const }, queue: [] },
    };
    expect(told(archived).last.value).toEqual({ open: { ...open, status: 'archived' } });
    const closed = { ...input, stored: { session: { ...stored, closedAt: stamp }, queue: [] } };
    expect(told(closed).last.value).toEqual({ open: { ...open, intake: 'closed' } });
    expect(told({ ...input, stored: null }).last.value).toBe('unborn');
    expect(chatSessionMachine.id).toBe('chatSession');
  });
});
