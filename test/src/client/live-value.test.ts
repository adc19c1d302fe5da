import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../src/client/follow/event-queue.ts';
import { LiveCell } from '../../../src/client/live-value.ts';

describe('a live value', () => {
  it('[CLT7] calls back at each change and skips what an iterator was too slow for', async () => {
    const cell = new LiveCell(1);
    const heard: number[] = [];
    const stop = cell.subscribe((value) => heard.push(value));
    const iterator = cell[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    cell.set(2);
    cell.set(2);
    cell.set(3);
    expect(await iterator.next()).toEqual({ done: false, value: 3 });
    stop();
    const next = iterator.next();
    cell.set(4);
    expect(await next).toEqual({ done: false, value: 4 });
    const end = iterator.next();
    cell.end();
    expect(await end).toEqual({ done: true, value: undefined });
    expect(heard).toEqual([2, 3]);
  });

  it('[CLT7] shows a part of itself that ends with it', async () => {
    const cell = new LiveCell({ a: 1, b: 1 });
    const part = cell.derived(({ a }) => a);
    const heard: number[] = [];
    part.subscribe((value) => heard.push(value));
    cell.set({ a: 1, b: 2 });
    cell.set({ a: 2, b: 2 });
    cell.end();
    const values: number[] = [];
    for await (const value of part) values.push(value);
    expect({ heard, values }).toEqual({ heard: [2], values: [2] });
  });
});

describe('a reader of a live value', () => {
  it('[CLT7] leaves alone: its iterators and subscriptions end, those of others go on', async () => {
    const cell = new LiveCell(1);
    const [leaving, staying] = [cell.reader(), cell.reader()];
    const heard: string[] = [];
    leaving.subscribe((value) => heard.push(`leaving ${value}`));
    staying.subscribe((value) => heard.push(`staying ${value}`));
    const [left, stayed] = [leaving[Symbol.asyncIterator](), staying[Symbol.asyncIterator]()];
    await left.next();
    await stayed.next();
    const [end, next] = [left.next(), stayed.next()];
    leaving.leave();
    leaving.subscribe((value) => heard.push(`late ${value}`));
    expect(await end).toEqual({ done: true, value: undefined });
    cell.set(2);
    expect(await next).toEqual({ done: false, value: 2 });
    expect({ heard, value: staying.value }).toEqual({ heard: ['staying 2'], value: 2 });
  });

  it('[CLT7] shows the newest value once more when it leaves before showing it, and no later one', async () => {
    const cell = new LiveCell(1);
    const reader = cell.reader();
    const iterator = reader[Symbol.asyncIterator]();
    await iterator.next();
    cell.set(2);
    reader.leave();
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    cell.set(3);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(await Array.fromAsync(reader)).toEqual([3]);
  });

  it('[CLT7] ends with the value that it reads', async () => {
    const cell = new LiveCell(1);
    const reader = cell.reader();
    cell.end();
    expect(await Array.fromAsync(reader)).toEqual([1]);
    reader.leave();
  });
});

describe('a queue of events', () => {
  it('[CLT7] keeps no more than its bound, and says so', async () => {
    let finished = 0;
    const queue = new EventQueue<string>(3, { overflow: () => 'lost', finished: () => finished++ });
    for (const item of ['a', 'b', 'c', 'd', 'e']) queue.push(item);
    queue.end();
    queue.push('f');
    expect(await Array.fromAsync(queue)).toEqual(['lost', 'd', 'e']);
    expect(finished).toBe(1);
  });

  it('[CLT7] ends with its reader', async () => {
    let finished = 0;
    const queue = new EventQueue<string>(3, { overflow: () => 'lost', finished: () => finished++ });
    queue.push('a');
    for await (const _ of queue) break;
    expect(finished).toBe(1);
    expect(await queue.next()).toEqual({ done: true, value: undefined });
  });
});
