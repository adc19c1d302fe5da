/**
 * What a live session does for each command about its tree and its queue, one at a time. The properties say what always
 * holds; these examples say what is meant.
 */
import { describe, expect, it } from 'vitest';
import { shownMessage } from '../../schema/chat-message.ts';
import type { MessageId } from '../../schema/ids.ts';
import type { Emission } from '../../schema/text-piece.ts';
import { noon } from '../arbitraries/instants.ts';
import type { EngineStep } from '../arbitraries/live-steps.ts';
import type { CommandPlan } from '../arbitraries/session-commands.ts';
import { LiveSession } from './live-session.ts';

/** A session that is told of messages by what they say. */
class Told {
  readonly session = new LiveSession({ steps: [], tools: [] });

  constructor() {
    this.give({ type: 'session.create', title: 'A', description: undefined });
  }

  /** What is said because of the command. */
  give(command: object): readonly Emission[] {
    const heard = this.session.emissions.length;
    const planned = { at: noon, named: false, queue: 'queue', ...command } as CommandPlan;
    this.session.take({ kind: 'command', command: planned });
    return this.session.emissions.slice(heard);
  }

  add(content: string, more: object = {}): readonly Emission[] {
    return this.give({ type: 'message.add', role: 'user', content, ...more });
  }

  about(content: string, command: object): readonly Emission[] {
    return this.give({ ...command, which: this.which(content) });
  }

  /** Commands count messages from the newest. */
  which(content: string): number {
    const { messages } = this.session.tree;
    return messages.length - 1 - messages.findLastIndex((one) => one.content === content);
  }

  engine(...steps: readonly Partial<EngineStep>[]): readonly Emission[] {
    const heard = this.session.emissions.length;
    for (const step of steps) this.session.take({ at: noon, ...step } as EngineStep);
    return this.session.emissions.slice(heard);
  }

  answers(text: string): void {
    this.engine({ kind: 'text', text }, { kind: 'finish' });
  }

  get path(): readonly string[] {
    const { tree } = this.session;
    return tree.pathTo(tree.session?.leafId).map(({ content }) => content);
  }

  get waiting(): readonly string[] {
    return this.session.tree.waiting.map(({ content }) => content);
  }

  message(content: string) {
    const found = this.session.tree.messages.findLast((one) => one.content === content);
    if (found === undefined) throw new Error(`nobody said ${content}`);
    return found;
  }
}

const types = (said: readonly Emission[]) => said.map(({ type }) => type);
const codeOf = (said: readonly Emission[]) => {
  const reply = said.find(({ type }) => type === 'command.refused' || type === 'command.accepted');
  return reply?.type === 'command.refused' ? reply.refusal.code : reply?.type;
};
const outcomes = (said: readonly Emission[]) =>
  said.flatMap((event) => (event.type === 'turn.ended' ? [event.data.outcome] : []));

describe('what a session does with its tree', () => {
  it('[TREE4] answers a question once more, beside the earlier answer, by the question or by that answer', () => {
    const told = new Told();
    told.add('q');
    told.answers('a1');
    for (const [target, text] of [
      ['q', 'a2'],
      ['a1', 'a3'],
    ] as const) {
      const said = told.about(target, { type: 'message.regenerate', continues: false });
      expect(types(said).slice(0, 3)).toEqual(['turn.queued', 'branch.selected', 'command.accepted']);
      expect(told.path).toEqual(['q']);
      told.answers(text);
      expect(told.path).toEqual(['q', text]);
    }
    const { id } = told.message('q');
    for (const content of ['a1', 'a2', 'a3']) expect(told.message(content).parentId).toBe(id);
    // One that is being given is cancelled.
    told.about('q', { type: 'message.regenerate', continues: false });
    told.engine({ kind: 'text', text: 'half' });
    const said = told.about('half', { type: 'message.regenerate', continues: false });
    expect(outcomes(said)).toEqual(['cancelled']);
    expect(told.message('half').status).toBe('cancelled');
    told.answers('a4');
    expect(told.path).toEqual(['q', 'a4']);
  });

  it('[TREE5] adds another version of a question, with its own answer, and changes one that waits', () => {
    const told = new Told();
    told.add('q1');
    told.answers('a1');
    told.add('q2');
    told.add('q3');
    const said = told.about('q1', { type: 'message.edit', content: 'q1b' });
    expect(types(said).slice(0, 3)).toEqual(['message.created', 'session.updated', 'turn.queued']);
    // What runs below the old version is cancelled.
    expect(outcomes(said)).toEqual(['cancelled']);
    expect(told.message('q1b').parentId).toBe(told.message('q1').parentId);
    told.about('q3', { type: 'message.edit', content: 'q3b' });
    expect(told.waiting).toEqual(['q3b']);
    // Before the fix: other options for a message that waits were ignored.
    const options = { temperature: 1 };
    const moved = told.about('q3b', { type: 'message.edit', content: 'q3c', options });
    expect(types(moved)).toEqual(['message.updated', 'turn.queued', 'command.accepted']);
    told.answers('b');
    expect(told.session.modelCalls.at(-1)).toMatchObject({ options });
    expect(codeOf(told.about('a1', { type: 'message.edit', content: 'no' }))).toBe('conflict');
    const { tree } = told.session;
    expect(tree.messages.filter(({ content }) => content === 'q1')).toHaveLength(1);
  });

  it('[TREE8] deletes a message with all below it, after what runs there has said how it ends', () => {
    const told = new Told();
    told.add('q1');
    told.answers('a1');
    told.add('q2');
    told.engine({ kind: 'text', text: 'a2' });
    const said = told.about('q2', { type: 'message.delete' });
    expect(outcomes(said)).toEqual(['cancelled']);
    expect(types(said).slice(types(said).indexOf('turn.ended'))).toEqual([
      'turn.ended',
      'message.deleted',
      'branch.selected',
      'command.accepted',
    ]);
    expect(told.path).toEqual(['q1', 'a1']);
    told.about('q1', { type: 'message.delete' });
    expect(told.session.tree.messages).toEqual([]);
    expect(told.session.tree.session).not.toHaveProperty('leafId');
    told.add('q3');
    told.add('q4');
    expect(types(told.about('q4', { type: 'message.delete' }))).toEqual([
      'turn.ended',
      'message.deleted',
      'command.accepted',
    ]);
    expect(told.waiting).toEqual([]);
  });

  it('[TREE9] goes on with an answer that failed or was stopped, and with no other', () => {
    const told = new Told();
    const goOn = (content: string) => told.about(content, { type: 'message.regenerate', continues: true });
    told.add('q');
    told.engine({ kind: 'text', text: 'half' }, { kind: 'fail', error: 'no' });
    const { id } = told.message('half');
    expect(types(goOn('half'))).toContain('command.accepted');
    expect(told.session.modelCalls.at(-1)).toMatchObject({ answerId: id, continuesAt: 4 });
    told.engine({ kind: 'calls', count: 1 }, { kind: 'finish' });
    told.session.take({ kind: 'toolEnds', which: 0, failed: false, at: noon });
    told.answers(' and half');
    const whole = told.message('half and half');
    expect(whole).toMatchObject({ id, status: 'complete' });
    expect(shownMessage(whole).parts).toMatchObject([
      { type: 'text', text: 'half' },
      { type: 'step', step: 2 },
      { type: 'tool-call' },
      { type: 'step', step: 3 },
      { type: 'text', text: ' and half' },
    ]);
    expect(codeOf(goOn('half and half'))).toBe('conflict');
    expect(codeOf(goOn('q'))).toBe('conflict');
    told.add('q2');
    told.engine({ kind: 'text', text: 'stopped' });
    told.give({ type: 'turn.cancel', prompt: null });
    told.add('q3');
    told.answers('a3');
    // The conversation has gone on behind it.
    expect(codeOf(goOn('stopped'))).toBe('conflict');
  });

  it('[TREE13] selects the newest leaf below a message', () => {
    const told = new Told();
    told.add('q1');
    told.answers('a1');
    told.add('q2');
    told.answers('a2');
    told.about('q1', { type: 'message.edit', content: 'q1b' });
    told.answers('b');
    expect(told.path).toEqual(['q1b', 'b']);
    const said = told.about('q1', { type: 'branch.select' });
    expect(types(said)).toEqual(['branch.selected', 'command.accepted']);
    expect(told.path).toEqual(['q1', 'a1', 'q2', 'a2']);
    // It is there already.
    expect(types(told.about('a2', { type: 'branch.select' }))).toEqual(['command.accepted']);
    told.add('q3');
    told.add('q4');
    expect(codeOf(told.about('q4', { type: 'branch.select' }))).toBe('conflict');
    expect(codeOf(told.give({ type: 'branch.select', which: told.session.tree.messages.length }))).toBe(
      'not_found',
    );
  });
});

describe('what a session does with its queue', () => {
  it('[TREE10] queues, replaces or refuses, as the message says', () => {
    const told = new Told();
    expect(codeOf(told.add('q1', { queue: 'reject' }))).toBe('command.accepted');
    expect(codeOf(told.add('no', { queue: 'reject' }))).toBe('conflict');
    told.add('q2');
    told.engine({ kind: 'text', text: 'half' });
    const said = told.add('q3', { queue: 'replace' });
    expect(outcomes(said)).toEqual(['cancelled', 'cancelled']);
    expect(told.path).toEqual(['q1', 'half', 'q2', 'q3']);
    told.answers('a3');
    expect(told.path).toEqual(['q1', 'half', 'q2', 'q3', 'a3']);
    expect(told.message('half').status).toBe('cancelled');
  });

  it('[TREE11] sends one that waits now, and cancels what runs', () => {
    const told = new Told();
    for (const content of ['q1', 'q2', 'q3']) told.add(content);
    const said = told.about('q3', { type: 'message.send-now' });
    expect(types(said).slice(0, 2)).toEqual(['message.updated', 'turn.queued']);
    expect(outcomes(said)).toEqual(['cancelled']);
    expect(told.path).toEqual(['q1', 'q3']);
    // Somebody else has sent it, a moment ago.
    expect(codeOf(told.about('q3', { type: 'message.send-now' }))).toBe('command.accepted');
    told.answers('a3');
    told.answers('a2');
    expect(told.path).toEqual(['q1', 'q3', 'a3', 'q2', 'a2']);
    expect(codeOf(told.about('q3', { type: 'message.send-now' }))).toBe('conflict');
  });

  it('[TREE12] lets the model hear one that waits before its next call, and keeps what it did', () => {
    const told = new Told();
    told.add('q1');
    told.engine({ kind: 'text', text: 'Let me see.' }, { kind: 'calls', count: 1 }, { kind: 'finish' });
    told.add('q2');
    told.add('q3');
    const said = told.about('q3', { type: 'message.steer' });
    expect(types(said)).toEqual(['message.updated', 'turn.queued', 'command.accepted']);
    expect(said[1]).toMatchObject({ data: { steers: true } });
    const ended = told.engine({ kind: 'toolEnds', which: 0, failed: false } as never);
    expect(outcomes(ended)).toEqual(['completed']);
    expect(types(ended)).toContain('tool.result');
    expect(told.message('Let me see.')).toMatchObject({ status: 'complete', finishReason: 'other' });
    expect(told.path).toEqual(['q1', 'Let me see.', 'q3']);
    const asked = told.session.modelCalls.map(({ promptId }) => promptId);
    expect(asked).toEqual([told.message('q1').id, told.message('q3').id] satisfies MessageId[]);
  });

  it.each([
    ['deleted', { type: 'message.delete' }],
    ['cancelled', { type: 'turn.cancel', prompt: 2 }],
  ] as const)('[TREE12] lets the running turn go on when what steers is %s', (_, taken) => {
    const told = new Told();
    for (const content of ['q1', 'q2', 'q3']) told.add(content);
    told.engine({ kind: 'calls', count: 1 }, { kind: 'finish' });
    told.about('q2', { type: 'message.steer' });
    told.about('q2', taken);
    expect(outcomes(told.engine({ kind: 'toolEnds', which: 0, failed: false } as never))).toEqual([]);
    told.answers('a1');
    told.answers('a3');
    const placed = taken.type === 'turn.cancel' ? ['q2'] : [];
    expect(told.path).toEqual(['q1', 'a1', ...placed, 'q3', 'a3']);
  });

  it('[TREE12] ends a turn that is asked again while it steers, and lets one without calls end by itself', () => {
    const told = new Told();
    for (const content of ['q1', 'q2', 'q3']) told.add(content);
    told.about('q2', { type: 'message.steer' });
    told.about('q3', { type: 'message.steer' });
    told.answers('a1');
    told.engine({ kind: 'calls', count: 1 }, { kind: 'finish' });
    const ended = told.engine({ kind: 'toolEnds', which: 0, failed: false } as never);
    // It said nothing, so there is no message of it.
    expect(outcomes(ended)).toEqual(['completed']);
    expect(told.path).toEqual(['q1', 'a1', 'q3', 'q2']);
  });
});

describe('what a turn leaves as its answer', () => {
  it.each([
    ['complete', [{ kind: 'text', text: 'a' }, { kind: 'finish' }], 'a', ['text']],
    ['failed', [{ kind: 'fail', error: 'no' }], '', []],
    [
      'failed',
      [
        { kind: 'reasoning', text: 'hm' },
        { kind: 'fail', error: 'no' },
      ],
      '',
      ['reasoning'],
    ],
    [
      'failed',
      [
        { kind: 'text', text: 'a' },
        { kind: 'fail', error: 'no' },
      ],
      'a',
      ['text'],
    ],
    ['failed', [{ kind: 'reasoning', text: 'hm' }, { kind: 'finish' }], '', ['reasoning']],
    [
      'complete',
      [
        { kind: 'calls', count: 2 },
        { kind: 'finish' },
        { kind: 'toolEnds', which: 0 },
        { kind: 'toolEnds', which: 0 },
        { kind: 'text', text: 'a' },
        { kind: 'finish' },
      ],
      'a',
      ['tool-call', 'tool-call', 'step', 'text'],
    ],
    [
      'failed',
      [
        { kind: 'calls', count: 1 },
        { kind: 'finish' },
        { kind: 'toolEnds', which: 0 },
        { kind: 'fail', error: 'no' },
      ],
      '',
      ['tool-call', 'step'],
    ],
  ] as const)('[PART2] [PART4] %s after %j', (status, steps, content, parts) => {
    const told = new Told();
    told.add('q');
    told.engine(...(steps as readonly object[]));
    const answer = told.session.tree.messages.at(-1);
    if (answer?.promptId === undefined) throw new Error('there is no answer');
    expect(answer).toMatchObject({ status, content, promptId: told.message('q').id });
    expect(shownMessage(answer).parts.map(({ type }) => type)).toEqual(parts);
    expect(told.session.tree.session?.leafId).toBe(answer.id);
  });
});
