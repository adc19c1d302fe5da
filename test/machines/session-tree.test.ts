/**
 * The tree of a session's messages, its queue and its leaf. Goal: whatever people do while the agent answers, the rows
 * that the events leave behind are a sound tree, and are all that the session knows (I10, I11). Method: generated
 * interleavings around a live session; after every step its rows, which a small model derives from its events, are
 * checked and compared with what its actor holds.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../schema/ids.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { noon } from '../arbitraries/instants.ts';
import type { LiveStep } from '../arbitraries/live-steps.ts';
import { treeSteps } from '../arbitraries/tree-steps.ts';
import { cases } from '../effort.ts';
import { LiveSession } from './live-session.ts';
import { StoredTree } from './stored-tree.ts';

type Stepped = {
  readonly live: LiveSession;
  readonly step: LiveStep;
  /** What was said in this step. */
  readonly said: readonly Emission[];
  /** The rows before it. */
  readonly before: StoredTree;
};

/** Takes the steps, with a look at each; `before` is only valid during `check`. */
function live(steps: readonly LiveStep[], check: (stepped: Stepped) => void): LiveSession {
  const session = new LiveSession({ steps: [], tools: [] });
  const before = new StoredTree();
  for (const step of steps) {
    const heard = session.emissions.length;
    session.take(step);
    expect(session.crash).toBeNull();
    const said = session.emissions.slice(heard);
    check({ live: session, step, said, before });
    for (const event of said) before.hear(event);
  }
  return session;
}

function always(check: (stepped: Stepped) => void): void {
  fc.assert(
    fc.property(treeSteps, (steps) => {
      live(steps, check);
    }),
    { numRuns: cases({ quick: 60, full: 200 }) },
  );
}

/** The message that the event is about, or adds. */
function subjectOf(event: Emission): MessageId | null {
  switch (event.type) {
    case 'message.created':
    case 'message.updated':
      return event.data.id;
    case 'message.checkpoint':
    case 'message.reasoning.completed':
      return event.data.messageId;
    case 'message.delta':
    case 'reasoning.delta':
      return event.messageId;
    case 'turn.queued':
      return event.data.promptId;
    case 'branch.selected':
      return event.data.leafId;
    case 'session.updated':
      return event.data.leafId ?? null;
    default:
      return null;
  }
}

describe('the tree of messages, whatever people do', () => {
  it('[TREE1] is a tree: every message has its parent, none is below itself, and only one that waits has no place', () => {
    always(({ live: { tree } }) => {
      for (const message of tree.messages) {
        expect(message.parentId === undefined, message.id).toBe(message.queueRank !== undefined);
        const path = tree.pathTo(message.id);
        for (const above of path.slice(0, -1)) expect(above.queueRank).toBeUndefined();
        if (message.promptId !== undefined) expect(message.parentId).toBe(message.promptId);
      }
    });
  });

  it('[TREE3] has a leaf that is there, as long as a message is in it', () => {
    always(({ live: { tree } }) => {
      const placed = tree.messages.filter(({ queueRank }) => queueRank === undefined);
      const leafId = tree.session?.leafId;
      expect(leafId === undefined).toBe(placed.length === 0);
      if (leafId !== undefined) expect(placed.map(({ id }) => id)).toContain(leafId);
    });
  });

  it('[TREE3] lets an answer become the leaf only behind a question that is the leaf', () => {
    always(({ said, before }) => {
      const rows = before.copy();
      for (const [index, event] of said.entries()) {
        const leafBefore = rows.session?.leafId;
        rows.hear(event);
        if (event.type !== 'message.created' || event.data.promptId === undefined) continue;
        const { id, promptId } = event.data;
        expect(said[index + 1]).toMatchObject({
          type: 'session.updated',
          data: { leafId: leafBefore === promptId ? id : leafBefore },
        });
      }
    });
  });

  it('[TREE2] [TREE6] keeps in its rows what the session holds: its leaf, what waits, and in which order', () => {
    always(({ live: { tree, context, isDone } }) => {
      if (isDone) return;
      expect(context.session).toEqual(tree.session);
      expect(context.queue).toEqual(tree.queue);
      const ranks = context.queue.map(({ rank }) => rank);
      expect(ranks).toEqual([...new Set(ranks)].toSorted((one, other) => one - other));
      const running = tree.openTurns.filter(({ status }) => status === 'running');
      expect(running.map(({ turnId }) => turnId)).toEqual(
        context.running === null ? [] : [context.running.turnId],
      );
    });
  });

  it('[SES2] answers each command once and at once, behind the events that name it', () => {
    always(({ live: { commands }, step, said }) => {
      const replies = said.flatMap((event, index) =>
        event.type === 'command.accepted' || event.type === 'command.refused'
          ? [{ index, commandId: event.commandId }]
          : [],
      );
      if (step.kind !== 'command') return expect(replies).toEqual([]);
      expect(replies.map(({ commandId }) => commandId)).toEqual([commands.at(-1)]);
      const caused = said.findLastIndex(
        (event) => 'at' in event && 'commandId' in event && event.commandId === commands.at(-1),
      );
      expect(caused).toBeLessThan(replies[0]?.index ?? -1);
    });
  });

  it('[TREE8] says nothing more of what was deleted, or below it', () => {
    fc.assert(
      fc.property(treeSteps, (steps) => {
        const gone = new Set<string>();
        live(steps, ({ said, before }) => {
          const rows = before.copy();
          for (const event of said) {
            const subject = subjectOf(event);
            if (subject !== null) {
              // The row of the session is told once more while its leaf is already gone: the new leaf follows.
              expect(gone.has(subject), `${event.type} of ${subject}`).toBe(false);
            }
            if (event.type === 'message.deleted') for (const id of rows.subtree(event.data.id)) gone.add(id);
            rows.hear(event);
          }
          for (const { promptId } of rows.openTurns) expect(gone).not.toContain(promptId);
        });
      }),
      { numRuns: cases({ quick: 100, full: 300 }) },
    );
  });

  it('[TREE4] [TREE5] adds versions, and takes nothing away', () => {
    always(({ step, said, before, live: { tree } }) => {
      if (step.kind !== 'command') return;
      const { type } = step.command;
      if (type === 'message.delete') return;
      // Every message that was there is there still, where it was.
      for (const message of before.messages) {
        const now = tree.message(message.id);
        expect(now).toBeDefined();
        if (message.queueRank === undefined) expect(now?.parentId).toBe(message.parentId);
      }
      const accepted = said.some((event) => event.type === 'command.accepted');
      const created = said.filter((event) => event.type === 'message.created');
      if (type === 'message.edit' && accepted && created.length > 0) {
        const [version] = created;
        const old = before.messages.filter(({ parentId }) => parentId === version?.data.parentId);
        expect(old.length).toBeGreaterThan(0);
        expect(old.map(({ role }) => role)).toContain(version?.data.role);
      }
    });
  });

  it('is not vacuous: the generated steps take every way', () => {
    const seen = new Map<string, number>();
    const note = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
    for (const steps of fc.sample(treeSteps, { numRuns: 150, seed: 7 })) {
      live(steps, ({ step, said }) => {
        if (step.kind === 'command') {
          for (const { type } of said)
            if (type === 'command.accepted' || type === 'command.refused')
              note(`${step.command.type} ${type}`);
          if (step.command.type === 'message.regenerate' && step.command.continues)
            if (said.some(({ type }) => type === 'command.accepted')) note('continued');
        }
        for (const event of said) if (event.type === 'turn.ended') note(`turn ${event.data.outcome}`);
      });
    }
    for (const type of [
      'message.add',
      'message.regenerate',
      'message.edit',
      'message.delete',
      'message.send-now',
      'message.steer',
      'branch.select',
    ]) {
      for (const reply of ['command.accepted', 'command.refused'])
        expect(seen.get(`${type} ${reply}`) ?? 0, `${type} ${reply}`).toBeGreaterThanOrEqual(5);
    }
    expect(seen.get('continued') ?? 0).toBeGreaterThanOrEqual(5);
    for (const outcome of ['completed', 'failed', 'cancelled'])
      expect(seen.get(`turn ${outcome}`) ?? 0, outcome).toBeGreaterThanOrEqual(5);
  });
});

describe('the queue of messages', () => {
  it('[TREE2] makes q1 q2 q3, sent at once, q1 a1 q2 a2 q3 a3 on one path, with what is only stored in its place', () => {
    const sent = fc.array(
      fc.record({
        role: fc.constantFrom('user', 'user', 'user', 'assistant'),
        end: fc.constantFrom('finish', 'finish', 'fail', 'cancel'),
        speaks: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(sent, (messages) => {
        const session = new LiveSession({ steps: [], tools: [] });
        const give = (command: object) =>
          session.take({ kind: 'command', command: { at: noon, named: false, ...command } as never });
        give({ type: 'session.create', title: 'A', description: undefined });
        for (const [index, { role }] of messages.entries())
          give({ type: 'message.add', role, content: `q${index}`, queue: 'queue' });
        const expected: string[] = [];
        for (const [index, { role, end, speaks }] of messages.entries()) {
          expected.push(`q${index}`);
          if (role === 'assistant') continue;
          if (speaks) session.take({ kind: 'text', text: `a${index}`, at: noon });
          if (end === 'finish') session.take({ kind: 'finish', at: noon });
          if (end === 'fail') session.take({ kind: 'fail', error: 'no', at: noon });
          // The first command is not about a message.
          if (end === 'cancel') give({ type: 'turn.cancel', prompt: index + 1 });
          // An engine that finishes without a word has failed, and a failure is a message.
          if (speaks) expected.push(`a${index}`);
          else if (end !== 'cancel') expected.push('');
        }
        const { tree } = session;
        expect(tree.waiting).toEqual([]);
        expect(tree.pathTo(tree.session?.leafId).map(({ content }) => content)).toEqual(expected);
        expect(tree.messages).toHaveLength(expected.length);
      }),
      { numRuns: cases({ quick: 50, full: 150 }) },
    );
  });
});
