/** Transcripts that do not fit together: each is refused, and the place is named. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schema/limits.ts';
import { readTranscript } from '../../../src/transcripts/read-transcript.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';

const at = '2026-01-01T00:00:00.000Z';
const id = (count: number) => idOf<string>(idKinds.prompt, count);
const question = (count: number, parent: number | null) => ({
  id: id(count),
  role: 'user',
  createdAt: at,
  parentId: parent === null ? null : id(parent),
  status: 'complete',
  parts: [{ type: 'text', text: 'why?' }],
});
const answer = (count: number, parent: number) => ({
  ...question(count, parent),
  role: 'assistant',
  promptId: id(parent),
  parts: [{ type: 'text', text: 'so' }],
});
const turn = (count: number, prompt: number, given: number) => ({
  turnId: idOf<string>(idKinds.turn, count),
  promptId: id(prompt),
  answerId: id(given),
  traceId: idOf<string>(idKinds.trace, count),
  outcome: 'completed',
  queuedAt: at,
  endedAt: at,
  steps: [],
});
const call = (count: number, of: number) => ({
  id: idOf<string>(idKinds.call, count),
  turnId: idOf<string>(idKinds.turn, of),
  step: 1,
  modelCallId: 'c',
  name: 'look',
  status: 'completed',
  agentId: null,
  argumentsJson: '{}',
  result: 'here',
  startedAt: at,
  endedAt: at,
});

const transcript = {
  callboard: 'transcript',
  version: 1,
  session: { title: 'One', createdAt: at, updatedAt: at },
  leafId: id(2),
  messages: [question(1, null), answer(2, 1)],
  turns: [turn(1, 1, 2)],
  calls: [call(1, 1)],
};

async function read(value: unknown) {
  async function* body() {
    yield Buffer.from(JSON.stringify(value));
  }
  return readTranscript(body());
}

describe('transcripts', () => {
  it('[TRN11] are accepted when everything fits together', async () => {
    expect((await read(transcript)).ok).toBe(true);
    const signed = { ...answer(2, 1), parts: [{ type: 'tool-call', callId: call(1, 1).id, name: 'look' }] };
    expect((await read({ ...transcript, messages: [question(1, null), signed] })).ok).toBe(true);
    expect((await read({ ...transcript, leafId: null, messages: [], turns: [], calls: [] })).ok).toBe(true);
  });

  const [first, second] = [question(1, null), answer(2, 1)];
  const rows: [what: string, change: object, property: string, constraint: string][] = [
    ['another program', { callboard: 'export' }, 'callboard', 'isIn'],
    ['an unknown version', { version: 2 }, 'version', 'isIn'],
    ['no title', { session: { title: '', createdAt: at, updatedAt: at } }, 'session.title', 'isNotEmpty'],
    ['no messages', { messages: undefined }, 'messages', 'isArray'],
    ['messages that are none', { messages: { 0: first } }, 'messages', 'isArray'],
    ['an unknown role', { messages: [{ ...first, role: 'king' }] }, 'messages.0.role', 'isIn'],
    [
      'a time that is none',
      { messages: [{ ...first, createdAt: 'soon' }] },
      'messages.0.createdAt',
      'matches',
    ],
    ['an id twice', { messages: [first, second, question(1, 2)] }, 'messages.2.id', 'isUnique'],
    [
      'a parent that is missing',
      { messages: [first, second, question(3, 9)] },
      'messages.2.parentId',
      'isBefore',
    ],
    ['a parent after its child', { messages: [second, first] }, 'messages.0.parentId', 'isBefore'],
    ['a circle', { messages: [question(1, 2), question(2, 1)] }, 'messages.0.parentId', 'isBefore'],
    ['its own parent', { messages: [question(1, 1)] }, 'messages.0.parentId', 'isBefore'],
    [
      'an answer beside its question',
      { messages: [first, { ...second, parentId: null }] },
      'messages.1.promptId',
      'isParent',
    ],
    [
      'an answer to an answer',
      { messages: [first, second, answer(3, 2)] },
      'messages.2.promptId',
      'isQuestion',
    ],
    [
      'a question that streams',
      { messages: [{ ...first, status: 'streaming' }] },
      'messages.0.status',
      'isComplete',
    ],
    [
      'an answer of a user',
      { messages: [first, { ...second, role: 'user' }] },
      'messages.1.role',
      'isAssistant',
    ],
    ['a leaf that is missing', { leafId: id(7) }, 'leafId', 'isKnown'],
    ['messages without a leaf', { leafId: null }, 'leafId', 'isKnown'],
    [
      'U+0000',
      { messages: [{ ...first, parts: [{ type: 'text', text: '\0' }] }] },
      'messages.0.parts.0.text',
      'noNul',
    ],
    [
      'a text over bounds',
      { messages: [{ ...first, parts: [{ type: 'text', text: 'x'.repeat(limits.answerUnitsMax + 1) }] }] },
      'messages.0.parts.0.text',
      'maxLength',
    ],
    [
      'a call of another answer',
      { messages: [first, { ...second, parts: [{ type: 'tool-call', callId: call(2, 1).id, name: 'l' }] }] },
      'messages.1.parts.0.callId',
      'isKnown',
    ],
    [
      'a turn twice',
      { turns: [turn(1, 1, 2), { ...turn(1, 1, 2), traceId: turn(2, 1, 2).traceId }] },
      'turns.1.turnId',
      'isUnique',
    ],
    [
      'a trace twice',
      { turns: [turn(1, 1, 2), { ...turn(2, 1, 2), traceId: turn(1, 1, 2).traceId }] },
      'turns.1.traceId',
      'isUnique',
    ],
    ['a turn of nothing', { turns: [turn(1, 8, 9)], calls: [] }, 'turns.0.promptId', 'isKnown'],
    ['a turn that answers something else', { turns: [turn(1, 1, 1)] }, 'turns.0.answerId', 'isAnswer'],
    [
      'a turn that begins behind the end',
      { turns: [{ ...turn(1, 1, 2), continuesAt: 3 }] },
      'turns.0.continuesAt',
      'max',
    ],
    [
      'a turn that has not ended',
      { turns: [{ ...turn(1, 1, 2), outcome: 'running' }] },
      'turns.0.outcome',
      'isIn',
    ],
    ['a call of an unknown turn', { calls: [call(1, 5)] }, 'calls.0.turnId', 'isKnown'],
    ['a call twice', { calls: [call(1, 1), call(1, 1)] }, 'calls.1.id', 'isUnique'],
    [
      'a call without a result',
      { calls: [{ ...call(1, 1), result: undefined }] },
      'calls.0.result',
      'isString',
    ],
  ];
  it.each(rows)('[TRN11] with %s are refused', async (_, change, property, constraint) => {
    const found = await read({ ...transcript, ...change });
    expect(found).toMatchObject({ ok: false, refusal: { code: 'validation_failed' } });
    const errors = found.ok ? [] : (found.errors ?? []);
    expect(errors.map((error) => error.property)).toContain(property);
    const says = errors.find((error) => error.property === property)?.constraints ?? {};
    expect(Object.keys(says)).toContain(constraint);
    expect(says[constraint]).toContain(property);
  });

  it('[TRN11] with many mistakes are refused with the first of them', async () => {
    const wrong = Array.from({ length: 100 }, (_, index) => ({ ...question(index, null), role: 'king' }));
    const found = await read({ ...transcript, messages: wrong });
    expect(found.ok ? [] : found.errors).toHaveLength(limits.importErrorsMax);
  });

  it('[TRN11] whose JSON is nested too deeply are refused, not followed', async () => {
    const deep = `${'['.repeat(limits.importDepthMax + 1)}${']'.repeat(limits.importDepthMax + 1)}`;
    const text = JSON.stringify(transcript).replace('"here"', deep);
    async function* body() {
      yield Buffer.from(text);
    }
    expect(await readTranscript(body())).toMatchObject({ errors: [{ property: 'calls.0.result' }] });
    const data = JSON.stringify({
      ...transcript,
      messages: [{ ...first, parts: [{ type: 'data', name: 'd', data: 'here' }] }, second],
    });
    async function* deepData() {
      yield Buffer.from(data.replace('"here"', deep));
    }
    expect(await readTranscript(deepData())).toMatchObject({
      errors: [{ property: 'messages.0.parts.0.data', constraints: { isShallowJson: expect.any(String) } }],
    });
  });

  it('[HTTP27] whose JSON is nested deeper than that of any body are not read on', async () => {
    async function* body() {
      yield Buffer.from(JSON.stringify(transcript).slice(0, -1));
      yield Buffer.from(`,"x":${'['.repeat(limits.jsonDepthMax)}`);
      throw new Error('nobody asks for more');
    }
    expect(await readTranscript(body())).toMatchObject({ ok: false, refusal: { code: 'json_too_deep' } });
  });

  it('[TRN12] may be 10,001 messages deep, and have so many messages and no more', async () => {
    const deep = (count: number) =>
      Array.from({ length: count }, (_, index) => question(index, index === 0 ? null : index - 1));
    const whole = { ...transcript, leafId: id(0), turns: [], calls: [] };
    expect((await read({ ...whole, messages: deep(10_001) })).ok).toBe(true);
    expect((await read({ ...whole, messages: deep(limits.importMessagesMax) })).ok).toBe(true);
    expect(await read({ ...whole, messages: deep(limits.importMessagesMax + 1) })).toMatchObject({
      ok: false,
      refusal: { code: 'body_too_large' },
    });
  });

  it('[TRN15] are read with other work in between', async () => {
    const messages = Array.from({ length: 4000 }, (_, index) =>
      question(index, index === 0 ? null : index - 1),
    );
    const text = JSON.stringify({ ...transcript, leafId: id(0), messages, turns: [], calls: [] });
    let turns = 0;
    let next = setImmediate(function count() {
      turns++;
      next = setImmediate(count);
    });
    async function* body() {
      for (let at = 0; at < text.length; at += 65_536) yield Buffer.from(text.slice(at, at + 65_536));
    }
    const read = await readTranscript(body());
    clearImmediate(next);
    expect(read.ok).toBe(true);
    expect(turns).toBeGreaterThan(1);
  });

  it('[TRN13] give an answer that was streaming as interrupted', async () => {
    const found = await read({ ...transcript, messages: [first, { ...second, status: 'streaming' }] });
    expect(found).toMatchObject({
      ok: true,
      value: { conversation: { messages: [{}, { status: 'interrupted' }] } },
    });
  });

  it('[TRN10] that are not UTF-8 are refused', async () => {
    async function* body() {
      yield Buffer.from([0x7b, 0xff, 0x7d]);
    }
    expect(await readTranscript(body())).toMatchObject({ ok: false, refusal: { code: 'bad_utf8' } });
    async function* cutInCharacter() {
      yield Buffer.from([0xc3]);
    }
    expect(await readTranscript(cutInCharacter())).toMatchObject({ refusal: { code: 'bad_utf8' } });
  });
});
