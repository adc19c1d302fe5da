/**
 * Goal: `GET /events` loses and repeats nothing, for any reader ([V1E1]–[V1E6]). Method: a real gateway on the memory
 * fake, and a reader that shows each line and can stop reading.
 */

import { describe, expect, it } from 'vitest';
import { JournalUnavailable } from '../../../../actors/ports.ts';
import { shownMessage } from '../../../../schema/chat-message.ts';
import { limits } from '../../../../schema/limits.ts';
import { cursorOf, epochSchema } from '../../../../schema/wire/cursor.ts';
import { entry, message, newId, session, trace } from '../../../contract/sample-entries.ts';
import { memoryStorage } from '../../../fakes/memory-storage.ts';
import { sessionId, unknownId } from '../fake-services.ts';
import { refusedUpgrade } from '../running-gateway.ts';
import type { EventReader } from '../stream/event-reader.ts';
import { activity, config, eventOf, type Stage, seqOf, stage } from '../stream/event-stage.ts';

describe('an SSE stream', () => {
  it('[V1E1] [V1E2] [V1E3] says hello with a cursor, then each event as data, durable ones with theirs', async () => {
    const { read, emit, cursor, storage } = await stage();
    const before = await emit(config);
    const reader = await read('/events?namespaces=chat-sessions,config');
    const [retry, hello] = [await reader.next(), await reader.next()];
    expect(reader.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(reader.head).toMatch(/\r\nContent-Type: text\/event-stream; charset=utf-8\r\n/);
    expect(reader.head).toMatch(/\r\nCache-Control: no-store\r\n/);
    expect(retry?.lines).toEqual([expect.stringMatching(/^retry: \d+$/)]);
    expect(hello).toMatchObject({
      id: cursor(before[0] ?? 0),
      frame: { event: 'hello', data: { epoch: storage.eventLog.epoch, seq: 1, resumed: false } },
    });
    const created = entry.sessionCreated(session(newId(), { title: 'two\nlines\u2028 👋' }));
    const [seq = 0] = await emit(created, entry.trace('trace.created', trace(newId())));
    const event = await reader.next();
    const frame = { event: 'session.created', data: created.data, seq };
    expect(event?.lines).toEqual([`id: ${cursor(seq)}`, `data: ${JSON.stringify(frame)}`]);
    const [last = 0] = await emit(config);
    // The stream does not include traces.
    expect((await reader.next())?.id).toBe(cursor(last));
  });

  it('[V1E1] without namespaces it is everything; with a session, what is of it', async () => {
    const { read, emit } = await stage();
    const [all, one] = [await read('/events'), await read(`/events?sessionId=${sessionId}`)];
    for (const reader of [all, one]) expect(eventOf(await reader.frame())).toBe('hello');
    const other = entry.activity(newId(), 'idle');
    const seqs = await emit(other, config, activity, entry.sessionDeleted(sessionId));
    const seen = async (reader: EventReader, count: number) => {
      const frames: unknown[] = [];
      while (frames.length < count) frames.push(seqOf(await reader.frame()));
      return frames;
    };
    expect(await seen(all, 4)).toEqual(seqs);
    expect(await seen(one, 2)).toEqual(seqs.slice(2));
  });

  it('[V1E1] [V1A5] shows one who joins a growing text as a snapshot, and what follows as deltas', async () => {
    const { read, emit, gateway } = await stage();
    const answer = message(newId(), sessionId, { role: 'assistant', content: 'He' });
    await emit(entry.messageCreated(answer), activity);
    const grow = (offset: number, text: string, content: string) =>
      gateway.publisher.stream({
        type: 'message.delta',
        sessionId,
        messageId: answer.id,
        offset,
        text,
        soFar: () => ({ ...answer, content }),
      });
    grow(2, 'll', 'Hell');
    const reader = await read('/events?namespaces=chat-sessions,chat-messages');
    expect(eventOf(await reader.frame())).toBe('hello');
    const snapshots = [await reader.next(), await reader.next()];
    expect(snapshots.map((one) => one?.id)).toEqual([undefined, undefined]);
    expect(snapshots.map((one) => one?.frame)).toEqual([
      { event: 'agent.activity', data: activity.data, snapshot: true },
      { event: 'message.partial', data: shownMessage({ ...answer, content: 'Hell' }), snapshot: true },
    ]);
    grow(4, 'o', 'Hello');
    expect(await reader.frame()).toEqual({
      event: 'message.delta',
      data: { sessionId, messageId: answer.id, offset: 4, text: 'o' },
    });
  });

  it('[V1E1] [V1E3] a heartbeat is a comment that moves the cursor and is no event', async () => {
    const { read, emit, cursor } = await stage({ heartbeatMs: 30 });
    const reader = await read('/events?namespaces=tools');
    expect(eventOf(await reader.frame())).toBe('hello');
    const [seq = 0] = await emit(config);
    const [beat] = (await reader.until(({ lines }) => lines.includes(`id: ${cursor(seq)}`))).slice(-1);
    expect(beat?.lines).toEqual([': heartbeat', `id: ${cursor(seq)}`]);
    expect(beat?.frame).toBeUndefined();
  });

  it.each(['Last-Event-ID', 'since'])(
    '[V1E1] [V1E3] resumes with %s: everything after it, once',
    async (how) => {
      const { read, emit, cursor } = await stage({ bounds: { hotWindowEventsMax: 3 } });
      const seqs = await emit(...Array.from({ length: 20 }, () => activity), config);
      const since = cursor(seqs[4] ?? 0);
      const reader =
        how === 'since'
          ? await read(`/events?namespaces=chat-sessions&since=${since}`)
          : // As an EventSource does it whose URL had an older cursor.
            await read(`/events?namespaces=chat-sessions&since=${cursor(0)}`, { 'Last-Event-ID': since });
      const hello = (await reader.until(({ frame }) => frame !== undefined)).at(-1);
      expect(hello).toMatchObject({ id: undefined, frame: { event: 'hello', data: { resumed: true } } });
      const later = await emit(activity);
      const got: unknown[] = [];
      for (let frame = await reader.frame(); ; frame = await reader.frame()) {
        if (seqOf(frame) !== undefined) got.push(seqOf(frame));
        if (seqOf(frame) === later[0]) break;
      }
      expect(got).toEqual([...seqs.slice(5, 20), ...later]);
    },
  );

  it('[V1E3] [V1A4] a cursor that cannot be honoured: resync, with a cursor to go on from', async () => {
    const { read, emit, cursor, storage } = await stage({ bounds: { hotWindowEventsMax: 1 } });
    const seqs = await emit(...Array.from({ length: 5 }, () => ({ ...config })));
    const newest = seqs.at(-1) ?? 0;
    await storage.retention.forget(config.at + 1);
    await emit(config, config);
    const stranger = cursorOf({ epoch: epochSchema.parse(newId<never>()), seq: 1 });
    const cursors = { retention: cursor(1), ahead: cursor(newest + 100), epoch: stranger };
    for (const [reason, since] of Object.entries(cursors)) {
      const reader = await read('/events?namespaces=config', { 'Last-Event-ID': since });
      const hello = (await reader.until(({ frame }) => frame !== undefined)).at(-1);
      expect(hello).toMatchObject({ id: undefined, frame: { data: { resumed: false } } });
      expect(await reader.next()).toMatchObject({
        id: cursor(newest + 2),
        frame: { event: 'resync', data: { reason, seq: newest + 2 } },
      });
    }
  });

  it('[V1E4] refuses what is malformed or does not exist, before the stream begins', async () => {
    const { request, cursor, emit, services } = await stage({ connectionsMax: 1 });
    const bad = {
      '/events?namespaces=chat-sessions,nowhere': 'namespaces.1',
      '/events?namespaces=': 'namespaces.0',
      '/events?sessionId=7': 'sessionId',
      '/events?since=yesterday': 'since',
      [`/events?since=${cursor(0)}&since=${cursor(0)}`]: 'since',
    };
    for (const [path, property] of Object.entries(bad)) {
      const response = await request(path);
      expect(response.status, path).toBe(400);
      expect(await response.json()).toMatchObject({ details: { errors: [{ property }] } });
    }
    const malformed = await request('/events', { headers: { 'last-event-id': 'x' } });
    expect(malformed.status).toBe(400);
    expect((await request(`/events?sessionId=${unknownId}`)).status).toBe(404);
    expect((await request('/events', { method: 'POST' })).status).toBe(404);
    // A session deleted after the cursor still sends its deletion.
    const [seq = 0] = await emit(entry.sessionDeleted(unknownId));
    const late = await request(`/events?sessionId=${unknownId}&since=${cursor(seq - 1)}`);
    expect(late.status).toBe(200);
    await late.body?.cancel();
    services.beforeRead = () => {
      throw new JournalUnavailable('gone');
    };
    const unavailable = await request(`/events?sessionId=${sessionId}`);
    expect(unavailable.status).toBe(503);
    expect(unavailable.headers.get('retry-after')).toBe('1');
  });

  it('[V1E4] counts against the connections that there may be, together with sockets', async () => {
    const { read, request, port, gateway } = await stage({ connectionsMax: 1 });
    const reader = await read('/events/');
    expect(eventOf(await reader.frame())).toBe('hello');
    expect(gateway.connections()).toBe(1);
    const second = await request('/events');
    expect(second.status).toBe(503);
    expect(await second.json()).toMatchObject({ retryable: true });
    expect((await refusedUpgrade(port, '/config')).status).toBe(503);
    expect((await request('/events', { method: 'HEAD' })).status).toBe(200);
    reader.socket.destroy();
    await expect.poll(() => gateway.connections()).toBe(0);
  });

  it('[V1E4] asks for a key like REST, answers HEAD like GET, and lets other origins read', async () => {
    const { request } = await stage({ apiKeys: ['secret'] });
    expect((await request('/events')).status).toBe(401);
    const headers = { origin: 'https://example.org' };
    const got = await request('/events?apiKey=secret', { headers });
    const head = await request('/events', { method: 'HEAD', headers: { ...headers, 'x-api-key': 'secret' } });
    await got.body?.cancel();
    expect([got.status, head.status]).toEqual([200, 200]);
    for (const name of ['content-type', 'access-control-allow-origin', 'vary', 'cache-control']) {
      expect(head.headers.get(name), name).toBe(got.headers.get(name));
    }
    expect(got.headers.get('access-control-allow-origin')).toBe('https://example.org');
    expect(await head.text()).toBe('');
  });

  it('[V1E6] ends when the server stops: what waits, then the end', async () => {
    const { read, emit, gateway, request } = await stage();
    const readers = await Promise.all(Array.from({ length: 5 }, () => read('/events')));
    for (const reader of readers) expect(eventOf(await reader.frame())).toBe('hello');
    const [seq] = await emit(config);
    const closing = gateway.close();
    for (const reader of readers) {
      const rest = await reader.until(() => false);
      expect(rest.map(({ frame }) => seqOf(frame)).filter((one) => one !== undefined)).toEqual([seq]);
      expect(rest.at(-1)?.lines).toEqual([': server is shutting down']);
      expect(reader.complete).toBe(true);
    }
    await closing;
    await expect(request('/events')).rejects.toThrow();
  });

  it('[V1E6] spreads over time when its readers come back', async () => {
    const { read } = await stage();
    const waits = new Set<number>();
    for (let count = 0; count < 10; count++) {
      const retry = (await (await read('/events')).next())?.lines[0] ?? '';
      waits.add(Number(retry.replace('retry: ', '')));
    }
    expect(waits.size).toBe(10);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(limits.sseStreamRetryMsMin);
    expect(Math.max(...waits)).toBeLessThan(limits.sseStreamRetryMsMax);
  });
});

describe('a slow reader of an SSE stream', () => {
  /** More than the kernel's buffers and the budget can hold. */
  const flood = async (emit: Stage['emit'], events: number): Promise<number[]> => {
    const seqs: number[] = [];
    for (let count = 0; count < events; count++) {
      const text = message(newId(), sessionId, { content: `${count} ${'x'.repeat(100_000)}` });
      seqs.push(...(await emit(entry.messageCreated(text))));
      await new Promise((resolve) => setImmediate(resolve));
    }
    return seqs;
  };
  const bounds = { socketBudgetBytes: 128 * 1024, topicSlackBytes: 16 * 1024, hotWindowEventsMax: 5 };

  it('[V1E5] gets everything it missed, once, in order, and the newest text, when it reads again', async () => {
    const storage = memoryStorage();
    let reads = 0;
    const eventLog = {
      ...storage.eventLog,
      read: (query: Parameters<typeof storage.eventLog.read>[0]) => {
        reads++;
        return storage.eventLog.read(query);
      },
    };
    const { read, emit, gateway } = await stage({ bounds, eventLog }, storage);
    const reader = await read('/events');
    expect(eventOf(await reader.frame())).toBe('hello');
    reader.socket.pause();
    const answer = message(newId(), sessionId, { role: 'assistant', content: '' });
    const seqs = [...(await emit(entry.messageCreated(answer))), ...(await flood(emit, 120))];
    for (let offset = 0; offset < 50; offset++) {
      gateway.publisher.stream({
        type: 'message.delta',
        sessionId,
        messageId: answer.id,
        offset,
        text: 'y',
        soFar: () => ({ ...answer, content: 'y'.repeat(offset + 1) }),
      });
    }
    reader.socket.resume();
    const events = await reader.until(({ frame }) => eventOf(frame) === 'message.partial');
    const durable = events.map(({ frame }) => seqOf(frame)).filter((seq) => seq !== undefined);
    expect(durable).toEqual(seqs);
    expect(events.at(-1)?.frame).toMatchObject({ data: { content: 'y'.repeat(50) }, snapshot: true });
    expect(events.some(({ frame }) => eventOf(frame) === 'message.delta')).toBe(false);
    // It really fell behind: the missed events were not in memory any more.
    expect(reads).toBeGreaterThan(0);
    const [last] = await emit(config);
    expect(seqOf(await reader.frame())).toBe(last);
  });

  it('[V1E5] is cut off, without an end, when it does not read in time', async () => {
    const { read, emit, gateway } = await stage({ bounds: { ...bounds, stallMsMax: 100 } });
    const [stalled, other] = [await read('/events'), await read('/events')];
    for (const reader of [stalled, other]) expect(eventOf(await reader.frame())).toBe('hello');
    stalled.socket.pause();
    const seqs = await flood(emit, 120);
    await expect.poll(() => gateway.connections(), { timeout: 5000 }).toBe(1);
    stalled.socket.resume();
    await stalled.until(() => false);
    expect(stalled.complete).toBe(false);
    const events = await other.until(({ frame }) => seqOf(frame) === seqs.at(-1));
    expect(events.map(({ frame }) => seqOf(frame))).toEqual(seqs);
  });
});
