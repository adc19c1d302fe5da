/**
 * Goal: an `EventSource` misses and repeats nothing, without further code ([V1E2], [V1E3], [V1E6]). Method: an
 * independent one, behind a proxy that cuts its connection, and with a server that restarts.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { EventSource } from 'eventsource';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../../fakes/memory-storage.ts';
import { freePort } from '../../../processes/free-port.ts';
import { activity, atEnd, config, eventOf, seqOf, stage } from '../stream/event-stage.ts';

/** A proxy to the gateway whose connections the test can cut. */
async function cuttableProxy(port: number): Promise<{ readonly port: number; readonly cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {});
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  atEnd(() => {
    cut();
    server.close();
  });
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
  return { port: address.port, cut };
}

/** An `EventSource` with a record of everything received. */
function eventSource(url: string) {
  const source = new EventSource(url);
  atEnd(() => source.close());
  const frames: { readonly id: string; readonly frame: unknown }[] = [];
  const watchers = new Set<() => void>();
  source.onmessage = ({ data, lastEventId }) => {
    frames.push({ id: lastEventId, frame: JSON.parse(String(data)) });
    for (const watcher of watchers) watcher();
  };
  return {
    source,
    frames,
    /** Resolves when `test` holds for everything received so far. */
    when: (test: () => boolean) =>
      new Promise<void>((resolve) => {
        const watcher = () => {
          if (!test()) return;
          watchers.delete(watcher);
          resolve();
        };
        watchers.add(watcher);
        watcher();
      }),
  };
}

describe('an EventSource', () => {
  it('[V1E2] [V1E3] comes back by itself after a cut, and misses and repeats nothing', async () => {
    const { port, emit } = await stage();
    const proxy = await cuttableProxy(port);
    const { frames, when } = eventSource(`http://127.0.0.1:${proxy.port}/events?namespaces=config`);
    const received = () => frames.map(({ frame }) => seqOf(frame)).filter((seq) => seq !== undefined);
    const hellos = () => frames.filter(({ frame }) => eventOf(frame) === 'hello').length;
    await when(() => hellos() === 1);
    // Cut before its first event: the id of `hello` is the cursor.
    proxy.cut();
    const seqs = [...(await emit(config, config))];
    await when(() => received().length === 2);
    seqs.push(...(await emit(config)));
    await when(() => received().length === 3);
    proxy.cut();
    seqs.push(...(await emit(config, config, config)));
    await when(() => hellos() === 3 && received().length === 6);
    expect(received()).toEqual(seqs);
    expect(frames.filter(({ frame }) => eventOf(frame) === 'resync')).toEqual([]);
  }, 20_000);

  it('[V1E6] comes back to a server that was restarted, and misses and repeats nothing', async () => {
    const storage = memoryStorage();
    // A chosen port: the system would not give a random one to the server again at once.
    const port = await freePort();
    const first = await stage({ port }, storage);
    const { frames, when } = eventSource(`http://127.0.0.1:${first.port}/events`);
    const received = () => frames.map(({ frame }) => seqOf(frame)).filter((seq) => seq !== undefined);
    await when(() => frames.length === 1);
    const seqs = [...(await first.emit(activity))];
    await when(() => received().length === 1);
    await first.gateway.close();
    seqs.push(...(await storage.journal.append([config, config])));
    const second = await stage({ port }, storage);
    await when(() => received().length === 3);
    seqs.push(...(await second.emit(config)));
    await when(() => received().length === 4);
    expect(received()).toEqual(seqs);
  }, 20_000);
});
