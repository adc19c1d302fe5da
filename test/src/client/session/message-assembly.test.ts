/**
 * Goal: wherever a client joins, disconnects, resumes or reads over REST, the content that it shows is a beginning of
 * the final one, and in the end all of it (I4). Method: a model of an answer; a client that sees it through any
 * interleaving of reads, snapshots, repeated deltas and lost connections.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../schema/chat-message.ts';
import { listed, listedMessages } from '../../../../src/client/session/current-branch.ts';
import { applied, merged, type SessionFrame } from '../../../../src/client/session/message-assembly.ts';
import {
  nothingKnown,
  type Rest,
  type SessionState,
  stateFromRest,
} from '../../../../src/client/session/session-state.ts';
import { requestedCases } from '../../../effort.ts';
import { growing, message, messageId, session, sessionId } from '../sample-frames.ts';

/** The state after reading a session with these messages. */
const read = (...messages: ChatMessage[]): SessionState =>
  stateFromRest({ session: session(), messages, isCut: false });

const created = (data: ChatMessage, seq: number): SessionFrame => ({ event: 'message.created', data, seq });
const updated = (data: ChatMessage, seq: number): SessionFrame => ({ event: 'message.updated', data, seq });
const partial = (data: ChatMessage): SessionFrame => ({ event: 'message.partial', data, snapshot: true });
const delta = (id: number, offset: number, text: string): SessionFrame => ({
  event: 'message.delta',
  data: { sessionId, messageId: messageId(id), offset, text },
});

function stateAfter(state: SessionState, ...frames: SessionFrame[]): SessionState {
  return frames.reduce((so, frame) => {
    const next = applied(so, frame);
    expect(next.violation).toBeUndefined();
    return next.state;
  }, state);
}

const shownIn = (state: SessionState) => {
  const list = listed(state, 1000);
  return list === undefined ? undefined : listedMessages(list, []);
};
const contents = (state: SessionState) => shownIn(state)?.map(({ content }) => content);

describe('the state of a session', () => {
  it('[CLT3] follows an answer from its first text to its last', () => {
    const state = stateAfter(
      read(message(1, 'Hi')),
      created(growing(2, 'He'), 5),
      delta(2, 2, 'll'),
      delta(2, 4, 'o'),
    );
    expect(contents(state)).toEqual(['Hi', 'Hello']);
    expect(shownIn(state)?.map(({ streaming }) => streaming)).toEqual([false, true]);
    const ended = stateAfter(state, updated(message(2, 'Hello'), 9));
    expect(shownIn(ended)?.map(({ streaming }) => streaming)).toEqual([false, false]);
  });

  it('[CLT3] lets the final text win, a shorter one too', () => {
    const state = stateAfter(read(message(1, 'Hello world')), updated(message(1, 'Hello'), 9));
    expect(contents(state)).toEqual(['Hello']);
    expect(
      contents(stateAfter(state, partial(growing(1, 'Hello wor')), created(growing(1, 'H'), 3))),
    ).toEqual(['Hello']);
  });

  it('[CLT4] keeps the text and reports a gap, a contradiction and a stray delta', () => {
    const state = read(growing(1, 'Hello'));
    const found = (frame: SessionFrame, from = state) => {
      const next = applied(from, frame);
      expect(contents(next.state)).toEqual(['Hello']);
      return next.violation?.kind;
    };
    expect(found(delta(1, 6, '!'))).toBe('gap');
    expect(found(delta(1, 4, 'a!'))).toBe('contradiction');
    expect(found(delta(2, 0, 'x'))).toBe('stray-delta');
    const ended = stateAfter(state, updated(message(1, 'Hello'), 9));
    expect(found(delta(1, 5, '!'), ended)).toBe('stray-delta');
    expect(found(delta(1, 3, 'lo'), ended)).toBeUndefined();
    const other = applied(state, partial(growing(1, 'Hallo')));
    expect(other.violation?.kind).toBe('contradiction');
    expect(contents(other.state)).toEqual(['Hallo']);
  });

  it('[CLT3] puts messages behind their parents, whatever comes first', () => {
    const state = stateAfter(
      read(message(1, 'a'), message(2, 'b')),
      partial(growing(5, 'e')),
      created(message(3, 'c'), 7),
      created(message(4, 'd'), 8),
      created(growing(5, 'e'), 9),
      created(message(1, 'a'), 3),
    );
    expect(contents(state)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('[CLT7] [CLT13] forgets what is neither listed nor to come, and nothing that waits', () => {
    const waiting = [5, 6, 7].map((count) => message(count, `w${count}`, { queueRank: count }));
    const state = read(message(1, 'a'), message(2, 'b'), message(3, 'c'), growing(4, 'd'), ...waiting);
    const other = message(8, 'other', { parentId: messageId(1), status: 'streaming' });
    const list = listed(stateAfter(state, created(other, 5)), 2);
    expect(list === undefined ? undefined : listedMessages(list, []).map(({ content }) => content)).toEqual([
      'w6',
      'w7',
    ]);
    expect(list?.messages.map(({ content }) => content)).toEqual(['w6', 'w7', 'd', 'w5', 'other']);
  });

  it('[CLT3] keeps the newest title, and forgets everything with the session', () => {
    const state = stateAfter(
      read(message(1, 'a')),
      {
        event: 'session.updated',
        data: session({ title: 'new', updatedAt: '2026-01-01T00:00:05.000Z' }),
        seq: 5,
      },
      {
        event: 'session.updated',
        data: session({ title: 'old', updatedAt: '2026-01-01T00:00:04.000Z' }),
        seq: 4,
      },
      {
        event: 'agent.activity',
        data: { sessionId, state: 'thinking', timestamp: '2026-01-01T00:00:06.000Z' },
        seq: 6,
      },
    );
    expect(state).toMatchObject({ info: { title: 'new' }, activity: 'thinking' });
    const gone = stateAfter(state, { event: 'session.deleted', data: { id: sessionId }, seq: 7 });
    expect(gone).toEqual({ ...nothingKnown, deleted: true });
  });

  it('[CLT3] assembles reasoning, and begins anew with each model call', () => {
    const thought = (offset: number, text: string): SessionFrame => ({
      event: 'message.reasoning.delta',
      data: { sessionId, messageId: messageId(2), offset, text },
    });
    const state = stateAfter(read(), thought(0, 'I '), thought(2, 'think'), thought(2, 'think'));
    expect(state.reasoning.get(messageId(2))).toEqual({ text: 'I think', ended: false });
    expect(stateAfter(state, thought(0, 'Again')).reasoning.get(messageId(2))?.text).toBe('Again');
    expect(applied(state, thought(9, 'x')).violation?.kind).toBe('gap');
    const told = { sessionId, messageId: messageId(2), timestamp: '2026-01-01T00:00:00.000Z', agentId: null };
    const late = stateAfter(read(), {
      event: 'message.reasoning.partial',
      data: { ...told, text: 'I ' },
      snapshot: true,
    });
    const ended = stateAfter(late, thought(2, 'am'), {
      event: 'message.reasoning.completed',
      data: { ...told, text: 'I am.' },
      seq: 4,
    });
    expect(ended.reasoning.get(messageId(2))).toEqual({ text: 'I am.', ended: true });
  });

  it('[CLT4] closes a gap in what was read with a snapshot that comes later, and reports it otherwise', () => {
    const rest: Rest = { session: session(), messages: [growing(1, 'He')], isCut: false };
    const closed = merged(rest, [delta(1, 4, 'o'), partial(growing(1, 'Hello')), delta(1, 5, '!')]);
    expect(closed.violation).toBeUndefined();
    expect(contents(closed.state)).toEqual(['Hello!']);
    expect(merged(rest, [delta(1, 4, 'o')]).violation?.kind).toBe('gap');
    expect(merged(rest, [delta(1, 4, 'o'), updated(message(1, 'Hello'), 9)]).violation).toBeUndefined();
  });
});

/** What can happen to a client while an answer grows by one piece. */
const moment = fc.record({
  piece: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  /** How much of the earlier text is sent again with it, in units. */
  overlap: fc.nat({ max: 8 }),
  repeat: fc.boolean(),
  checkpoint: fc.boolean(),
  happens: fc.constantFrom('nothing', 'nothing', 'nothing', 'reconnect', 'read begins', 'read ends', 'lost'),
});

describe('a client that sees an answer', () => {
  it('[I4] [CLT3] shows a beginning of it at any time and all of it at the end, and finds every gap', () => {
    let reads = 0;
    let gaps = 0;
    fc.assert(
      fc.property(fc.array(moment, { minLength: 1, maxLength: 30 }), fc.boolean(), (moments, endsReading) => {
        const whole = moments.map(({ piece }) => piece).join('');
        let content = '';
        let stored = '';
        let state = read();
        /** The frames since a read began, and the read's answer. */
        let reading: { readonly frames: SessionFrame[]; readonly rest: Rest } | undefined;
        let isMissing = false;
        const first = { parentId: null };
        const snapshot = () => partial({ ...growing(2, content), ...first });
        const rest = (): Rest => ({
          session: session(),
          messages: stored === '' ? [] : [{ ...growing(2, stored), ...first }],
          isCut: false,
        });
        const see = (frame: SessionFrame) => {
          if (reading !== undefined) {
            reading.frames.push(frame);
            return;
          }
          const next = applied(state, frame);
          if (next.violation !== undefined) {
            // The gap was found: like a client, reads again, with a snapshot.
            expect(isMissing).toBe(true);
            gaps++;
            isMissing = false;
            reading = { frames: [snapshot()], rest: rest() };
            return;
          }
          state = next.state;
          const [shown] = state.messages;
          expect(whole.startsWith(shown?.content ?? '')).toBe(true);
        };
        const endRead = () => {
          if (reading === undefined) return;
          reads++;
          const result = merged(reading.rest, reading.frames);
          expect(result.violation).toBeUndefined();
          reading = undefined;
          state = result.state;
          expect(contents(state)).toEqual(content === '' ? [] : [content]);
        };

        for (const [index, { piece, overlap, repeat, checkpoint, happens }] of moments.entries()) {
          const offset = content.length;
          content += piece;
          if (index === 0) {
            stored = content;
            see(created({ ...growing(2, content), ...first }, 10));
          } else if (happens === 'lost' && reading === undefined && !isMissing) {
            // A lost piece: the following frames must reveal it.
            isMissing = true;
            continue;
          } else {
            const from = Math.max(0, offset - (isMissing ? 0 : overlap));
            see(delta(2, from, content.slice(from)));
            if (repeat && !isMissing) see(delta(2, from, content.slice(from)));
          }
          if (checkpoint) stored = content;
          if (happens === 'reconnect' && !isMissing) {
            if (repeat) see(created({ ...growing(2, content.slice(0, 1)), ...first }, 10));
            see(snapshot());
          }
          if (happens === 'read begins' && reading === undefined && !isMissing) {
            reading = { frames: [snapshot()], rest: rest() };
          }
          if (happens === 'read ends') endRead();
        }
        if (endsReading) endRead();
        stored = content;
        see(updated({ ...message(2, content), ...first }, 20));
        endRead();
        expect(contents(state)).toEqual([whole]);
      }),
      { numRuns: requestedCases({ quick: 1000, full: 1000 }) },
    );
    expect(reads).toBeGreaterThan(500);
    expect(gaps).toBeGreaterThan(100);
  });
});
