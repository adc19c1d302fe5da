import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DomainEventOf } from '../../../schema/event-catalogue.ts';
import { type LogLevel, logEntrySchema } from '../../../schema/log-entry.ts';
import { systemIds } from '../../../src/ids.ts';
import { BoundedLogRing } from '../../../src/logs/log-ring.ts';
import { createLogging } from '../../../src/logs/logging.ts';
import { createManualClock } from '../engines/manual-clock.ts';

function loggingAt(level: LogLevel | 'silent', pretty = false) {
  const lines: string[] = [];
  const destination = { write: (text: string) => void lines.push(text) };
  const logging = createLogging({ level, clock: createManualClock(), ids: systemIds, pretty, destination });
  const all = () => logging.ring.entries(0, 1000);
  return { ...logging, lines, all };
}

/** The next `logs.created` events, until `count` have come. */
function feedOf(
  logging: ReturnType<typeof loggingAt>,
  count: number,
): Promise<DomainEventOf<'logs.created'>[]> {
  return new Promise((resolve) => {
    const events: DomainEventOf<'logs.created'>[] = [];
    logging.onEntries((event) => {
      events.push(event);
      if (events.length === count) resolve(events);
    });
  });
}

describe('logging', () => {
  it('[LOG1] writes one JSON object per line and the same entry to the ring', () => {
    const { log, lines, all } = loggingAt('info');
    log.warn('100% %s odd at ?token=abc', { port: 3000, level: 'x', msg: 'y', error: new Error('boom') });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.endsWith('\n')).toBe(true);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'warn',
      time: '2026-11-23T12:34:56.789Z',
      port: 3000,
      level_: 'x',
      msg_: 'y',
      error: expect.objectContaining({ message: 'boom' }),
      msg: '100% %s odd at ?token=[redacted]',
    });
    const [entry] = all();
    expect(logEntrySchema.parse(entry)).toEqual(entry);
    expect(entry).toMatchObject({
      level: 'warn',
      message: '100% %s odd at ?token=[redacted]',
      context: { port: 3000, level: 'x', error: { name: 'Error', message: 'boom' } },
      createdAt: '2026-11-23T12:34:56.789Z',
    });
  });

  it('[LOG1] drops lines below the level, everywhere', () => {
    const { log, lines, all } = loggingAt('warn');
    log.trace('a');
    log.debug('b');
    log.info('c');
    log.warn('d');
    log.error('e');
    expect(all().map((entry) => [entry.level, entry.message])).toEqual([
      ['warn', 'd'],
      ['error', 'e'],
    ]);
    expect(lines).toHaveLength(2);
  });

  it('[LOG1] writes for people when asked to, to any kind of stream', () => {
    const { log, lines } = loggingAt('info', true);
    log.info('Listening', { port: 3000 });
    expect(lines.join('')).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: Listening \{"port":3000\}\n$/);
    const written: string[] = [];
    const destination = new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        done();
      },
    });
    createLogging({ level: 'info', clock: createManualClock(), ids: systemIds, destination }).log.info('x');
    expect(JSON.parse(written.join(''))).toMatchObject({ msg: 'x' });
  });

  it('[LOG2] keeps the newest 200 entries and pages through them, oldest first', () => {
    const { log, ring, all } = loggingAt('info');
    for (let index = 0; index < 250; index++) log.info(`line ${index}`);
    const messages = all().map((entry) => entry.message);
    expect(messages).toHaveLength(200);
    expect(messages[0]).toBe('line 50');
    expect(messages[199]).toBe('line 249');
    expect(ring.entries(198, 50).map((entry) => entry.message)).toEqual(['line 248', 'line 249']);
    expect(ring.entries(0, 1).map((entry) => entry.message)).toEqual(['line 50']);
    expect(ring.entries(200, 50)).toEqual([]);
    expect(new Set(all().map((entry) => entry.id)).size).toBe(200);
    expect(new BoundedLogRing(3).entries(0, 10)).toEqual([]);
  });

  it('[LOG2] a message that is repeated pushes out nothing that is there less often', () => {
    const messages = fc.array(fc.constantFrom('a', 'b', 'c', 'flood', 'flood', 'flood', 'flood'), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 20 }), (added, capacity) => {
        const ring = new BoundedLogRing(capacity);
        const { log, ring: all } = loggingAt('info');
        for (const message of added) log.info(message);
        for (const entry of all.entries(0, 200)) ring.add(entry);
        const kept = ring.entries(0, 200).map(({ message }) => message);
        expect(kept).toHaveLength(Math.min(capacity, added.length));
        for (const message of new Set(added)) {
          const given = added.filter((other) => other === message).length;
          const left = kept.filter((other) => other === message).length;
          const others = [...new Set(added)].map((other) => kept.filter((each) => each === other).length);
          // What was pushed out was there as often as anything, so at most one less is left than of anything.
          if (left < given) expect(left).toBeGreaterThanOrEqual(Math.max(...others) - 1);
        }
      }),
    );
  });

  it('[LOG3] sends the entries of one tick as one event, those of the next as another', async () => {
    const logging = loggingAt('info');
    const events = feedOf(logging, 2);
    logging.log.info('a');
    logging.log.info('b');
    await new Promise((resolve) => setImmediate(resolve));
    logging.log.info('c');
    const [first, second] = await events;
    expect(first).toMatchObject({ type: 'logs.created', sessionId: null });
    expect(first?.data).toEqual(logging.all().slice(0, 2));
    expect(second?.data).toEqual(logging.all().slice(2));
  });

  it('[LOG3] leaves the oldest out of an event that would be too large', async () => {
    const logging = loggingAt('info');
    const events = feedOf(logging, 1);
    for (let index = 0; index < 230; index++) logging.log.info(`line ${index}`);
    const [event] = await events;
    expect(event?.data).toHaveLength(200);
    expect(event?.data[0]?.message).toBe('line 30');
  });

  it('[LOG3] does not feed a listener with what it logs itself, and survives one that throws', async () => {
    const logging = loggingAt('info');
    let calls = 0;
    logging.onEntries(() => {
      calls++;
      logging.log.info('from the listener');
      throw new Error('listener broke');
    });
    const events = feedOf(logging, 2);
    logging.log.info('a');
    await new Promise((resolve) => setImmediate(resolve));
    logging.log.info('b');
    expect((await events).map((event) => event.data.map((entry) => entry.message))).toEqual([['a'], ['b']]);
    expect(calls).toBe(2);
    expect(logging.all().map((entry) => entry.message)).toContain('A listener for log entries failed');
  });

  it('[LOG3] stops when asked to', async () => {
    const logging = loggingAt('info');
    let calls = 0;
    logging.onEntries(() => calls++)();
    const events = feedOf(logging, 1);
    logging.log.info('a');
    await events;
    expect(calls).toBe(0);
  });

  it('[LOG6] cuts a long message', () => {
    const { log, all } = loggingAt('info');
    log.info('x'.repeat(5000));
    expect(all()[0]?.message).toBe(`${'x'.repeat(2000)}…`);
  });

  it('[LOG7] appends the manual entry to ring, feed and output, whatever the level', async () => {
    for (const level of ['info', 'error', 'silent'] as const) {
      const logging = loggingAt(level);
      const events = feedOf(logging, 1);
      const entry = logging.emitManual();
      expect(entry).toMatchObject({
        level: 'info',
        message: 'Manual log emission',
        context: { source: 'api' },
      });
      expect(Object.keys(entry)).toEqual(['id', 'level', 'message', 'context', 'createdAt']);
      expect(logging.all()).toEqual([entry]);
      expect((await events)[0]?.data).toEqual([entry]);
      expect(logging.lines).toHaveLength(1);
    }
  });
});
