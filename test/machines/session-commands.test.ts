/** What a session does for each command about itself. The properties say what always holds. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionInput } from '../../machines/chat-session-context.ts';
import { startsTurn } from '../../schema/chat-message.ts';
import { noon } from '../arbitraries/instants.ts';
import { type CommandPlan, sessionCommand, theSession } from '../arbitraries/session-commands.ts';
import { type SessionPlan, sessionInput } from '../arbitraries/session-events.ts';
import { isReply, runSession, turnsIn } from './session-run.ts';

const newSession: SessionInput = {
  sessionId: theSession,
  agentId: 'x',
  stored: null,
  at: noon,
  parked: false,
};

/** A new session after these events, 10 ms apart; the n-th command of the run has the id number n. */
const usual = {
  title: 'A title',
  description: undefined,
  role: 'user',
  content: 'Hello',
  prompt: null,
  patch: {},
  named: false,
  which: 0,
  continues: false,
};

function told(...commands: (Partial<CommandPlan> & Pick<CommandPlan, 'type'>)[]) {
  const plans = commands.map((command, index): SessionPlan => {
    const planned = { ...usual, at: noon + index * 10, ...command } as CommandPlan;
    return { kind: 'command', times: 1, command: planned };
  });
  return runSession(newSession, plans);
}

describe('what a session does', () => {
  const result = (run: ReturnType<typeof told>, count: number): unknown => {
    const commandId = sessionCommand({ type: 'session.archive', at: 0, named: false }, count).commandId;
    const reply = run.emissions.filter(isReply).find((event) => event.commandId === commandId);
    return reply?.type === 'command.accepted' ? reply.result : reply?.refusal.code;
  };

  it('[SES4] keeps the description when only the title comes, clears it for null, and is touched by {}', () => {
    const changes = told(
      { type: 'session.create', description: 'About it' },
      { type: 'session.update', patch: { title: 'Another' } },
      { type: 'session.update', patch: { description: null } },
      { type: 'session.update', patch: {} },
    );
    expect(result(changes, 1)).toMatchObject({ title: 'Another', description: 'About it' });
    expect(result(changes, 2)).toMatchObject({ title: 'Another' });
    expect(result(changes, 2)).not.toHaveProperty('description');
    expect(result(changes, 3)).toMatchObject({
      title: 'Another',
      updatedAt: new Date(noon + 30).toISOString(),
    });
    expect(Object.keys(result(changes, 1) as object)).toEqual([
      'id',
      'title',
      'description',
      'status',
      'createdAt',
      'updatedAt',
    ]);
  });

  it('[SES5] is archived again without harm, is touched by it, and still takes messages', () => {
    const archived = told(
      { type: 'session.create' },
      { type: 'session.archive' },
      { type: 'session.archive' },
      { type: 'message.add' },
    );
    expect(result(archived, 2)).toMatchObject({
      status: 'archived',
      updatedAt: new Date(noon + 20).toISOString(),
    });
    expect(result(archived, 3)).toMatchObject({ role: 'user', content: 'Hello' });
    expect(archived.last.value).toEqual({
      open: { status: 'archived', intake: 'taking', activity: 'responding' },
    });
  });

  it('[SES5] comes out of the archive, again without harm, and is touched by it', () => {
    const taken = told(
      { type: 'session.create' },
      { type: 'session.archive' },
      { type: 'session.unarchive' },
      { type: 'session.unarchive' },
    );
    const updatedAt = new Date(noon + 30).toISOString();
    expect(result(taken, 3)).toMatchObject({ status: 'active', updatedAt });
    expect(taken.last.value).toEqual({ open: { status: 'active', intake: 'taking', activity: 'idle' } });
  });

  it('[SES6] knows nothing before it is created, once it is being deleted, and is created once', () => {
    const unborn = told(
      { type: 'session.update' },
      { type: 'session.archive' },
      { type: 'message.add' },
      { type: 'turn.cancel' },
      { type: 'session.delete' },
      { type: 'session.create' },
      { type: 'session.create' },
      { type: 'message.add' },
      { type: 'session.delete' },
      { type: 'session.update' },
      { type: 'message.add' },
      { type: 'session.delete' },
      { type: 'session.create' },
    );
    for (const count of [0, 1, 2, 3, 4, 9, 10, 11]) expect(result(unborn, count)).toBe('not_found');
    for (const count of [6, 12]) expect(result(unborn, count)).toBe('conflict');
    expect(unborn.last.value).toBe('deleting');
  });

  it('[MSG3] answers messages of users, systems and developers, and only stores those of assistants and tools', () => {
    for (const role of ['user', 'system', 'developer', 'assistant', 'tool'] as const) {
      const { last, effects } = told({ type: 'session.create' }, { type: 'message.add', role });
      expect(effects.some(({ kind }) => kind === 'spawn')).toBe(startsTurn(role));
      expect(last.matches({ open: { activity: 'responding' } })).toBe(
        role !== 'assistant' && role !== 'tool',
      );
    }
  });

  it('[SES8] wakes from its row without a word and runs what waits, unless the process is stopping', () => {
    fc.assert(
      fc.property(sessionInput, (input) => {
        const { initial, first, emissions } = runSession(input, []);
        expect(emissions).toEqual([]);
        const waiting = turnsIn(input.stored?.queue ?? []);
        const [next] = input.parked ? [] : waiting;
        expect(first).toEqual(next === undefined ? [] : [{ kind: 'spawn', id: `turn.${next}` }]);
        expect(initial.matches('unborn')).toBe(input.stored === null);
      }),
      { numRuns: 100 },
    );
  });
});
