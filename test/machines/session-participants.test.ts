/**
 * Who takes part in a session. Goal: whatever people say, the events give the participants that a simple list would
 * have, and a session that has an owner keeps one. Method: generated commands through the pure `transition()`, each
 * looked up in the rows that the events before it left.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionInput } from '../../machines/chat-session-context.ts';
import { limits } from '../../schema/limits.ts';
import { type ParticipantRole, participantRoles } from '../../schema/participant.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { anyInstant, noon } from '../arbitraries/instants.ts';
import { type CommandPlan, participantIdOf, theSession } from '../arbitraries/session-commands.ts';
import type { SessionPlan } from '../arbitraries/session-events.ts';
import { emissionsOf } from '../machine-steps.ts';
import { isReply, runSession } from './session-run.ts';

const stamp = isoTimestamp(noon);
const stored: SessionInput = {
  sessionId: theSession,
  agentId: 'x',
  stored: {
    session: { id: theSession, title: 'A', status: 'active', createdAt: stamp, updatedAt: stamp },
    queue: [],
  },
  at: noon,
  parked: false,
};

type Step = {
  readonly type: 'participant.add' | 'participant.update' | 'participant.remove';
  readonly who: number;
  readonly role: ParticipantRole;
  readonly name: string | undefined;
};

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom('participant.add', 'participant.update', 'participant.remove'),
  who: fc.nat(2),
  role: fc.constantFrom(...participantRoles),
  name: fc.constantFrom('Ada', undefined),
});

function told(steps: readonly Step[], at = noon) {
  const plans = steps.map((one, index): SessionPlan => {
    const command = { ...one, at: at + index, named: false } satisfies CommandPlan;
    return { kind: 'command', times: 1, command };
  });
  return runSession(stored, plans);
}

type Row = Pick<Step, 'role' | 'name'>;

/** What the list says to the step: the answer, and whether an event tells it. */
function judged(list: Map<number, Row>, { type, who, role, name }: Step) {
  const known = list.get(who);
  const isOnlyOwner = known?.role === 'owner' && [...list.values()].filter(isOwner).length === 1;
  const isSame = known?.role === role && known.name === name;
  if (type === 'participant.add') {
    if (known !== undefined) return isSame ? 'silent' : 'conflict';
    list.set(who, { role, name });
    return 'told';
  }
  if (known === undefined) return 'not_found';
  if (type === 'participant.remove') {
    if (isOnlyOwner) return 'conflict';
    list.delete(who);
    return 'told';
  }
  if (isOnlyOwner && role !== 'owner') return 'conflict';
  if (isSame) return 'silent';
  list.set(who, { role, name });
  return 'told';
}

function isOwner({ role }: Row): boolean {
  return role === 'owner';
}

describe('the participants of a session', () => {
  it('[PTC2] [PTC3] [PTC4] [PTC5] are those that a list would have, after the same answers', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), anyInstant, (steps, at) => {
        const list = new Map<number, Row>();
        const run = told(steps, at);
        for (const [index, { effects }] of run.steps.entries()) {
          const one = steps[index];
          if (one === undefined) throw new Error('each step is one command');
          const verdict = judged(list, one);
          seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
          const emitted = emissionsOf(effects);
          const [reply] = emitted.filter(isReply);
          const code = reply?.type === 'command.refused' ? reply.refusal.code : undefined;
          expect(code).toBe(verdict === 'told' || verdict === 'silent' ? undefined : verdict);
          expect(emitted.filter((event) => !isReply(event))).toHaveLength(verdict === 'told' ? 1 : 0);
        }
        const rows = run.tree.takingPart.map(({ id, role, name }) => [id, role, name]);
        expect(rows).toEqual([...list].map(([who, { role, name }]) => [participantIdOf(who), role, name]));
        expect(run.last.context.session?.updatedAt).toBe(stamp);
      }),
      { numRuns: 150 },
    );
    for (const verdict of ['told', 'silent', 'conflict', 'not_found'])
      expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(20);
  });

  it('[PTC4] have an owner as long as they once had one', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        let had = false;
        let owners = new Set<string>();
        for (const event of told(steps).emissions) {
          if (event.type === 'participant.removed') owners.delete(event.data.id);
          if (event.type !== 'participant.added' && event.type !== 'participant.updated') continue;
          owners = new Set([...owners].filter((id) => id !== event.data.id));
          if (event.data.role === 'owner') owners.add(event.data.id);
          had ||= owners.size > 0;
          expect(owners.size > 0).toBe(had);
        }
        expect(owners.size > 0).toBe(had);
      }),
      { numRuns: 150 },
    );
  });

  it('[PTC2] are at most as many as allowed', () => {
    const all = Array.from({ length: limits.participantsMax + 1 }, (_, who): Step => {
      return { type: 'participant.add', who, role: 'observer', name: undefined };
    });
    const run = told(all);
    expect(run.tree.takingPart).toHaveLength(limits.participantsMax);
    expect(run.emissions.at(-1)).toMatchObject({
      refusal: { code: 'conflict', message: 'At most 100 participants can take part', retryable: false },
    });
  });

  it('[PTC2] [PTC3] are told to the letter', () => {
    const about = { sessionId: theSession, id: participantIdOf(1) };
    const run = told([
      { type: 'participant.add', who: 1, role: 'agent', name: 'Coder' },
      { type: 'participant.update', who: 1, role: 'observer', name: undefined },
      { type: 'participant.remove', who: 1, role: 'observer', name: undefined },
    ]);
    const added = { ...about, name: 'Coder', role: 'agent', createdAt: stamp, updatedAt: stamp };
    const updated = { ...about, role: 'observer', createdAt: stamp, updatedAt: isoTimestamp(noon + 1) };
    expect(run.emissions.filter((event) => !isReply(event))).toMatchObject([
      { type: 'participant.added', at: noon, data: added },
      { type: 'participant.updated', at: noon + 1, data: updated },
      { type: 'participant.removed', at: noon + 2, data: about },
    ]);
    expect(run.emissions.filter(isReply)).toMatchObject([
      { result: added },
      { result: updated },
      { result: null },
    ]);
  });
});
