/** A connection that catches up while its client changes what it is subscribed to. */

import { expect, it } from 'vitest';
import type { EventLog } from '../../../../actors/ports.ts';
import { createStreamHub } from '../../../../src/gateway/stream/stream-hub.ts';
import type { Selection } from '../../../../src/gateway/stream/subscriptions.ts';
import { entry } from '../../../contract/sample-entries.ts';
import { openAccess } from '../../../fakes/open-access.ts';
import { SimulatedClock } from '../../../simulation/simulated-clock.ts';
import { emptyEventLog, recordingLog } from '../running-gateway.ts';

const config: Selection = { namespaces: ['config'] };

// It waited for a place to read, had nothing to read when it got one, and stayed `catchingUp`: whatever it subscribed
// to later, it heard nothing. Found by the simulation (seed 296626258).
it('[V1B1] a client that unsubscribes while it waits to read hears what it subscribes to next', async () => {
  const clock = new SimulatedClock();
  let endRead = () => {};
  const read = new Promise<[]>((resolve) => {
    endRead = () => resolve([]);
  });
  const eventLog: EventLog = {
    ...emptyEventLog,
    range: async () => ({ oldest: 1, newest: 5 }),
    read: () => read,
  };
  const hub = createStreamHub({
    eventLog,
    newestSeq: 5,
    native: () => {},
    clock,
    log: recordingLog(),
    flushMsMax: 0,
    heartbeatMs: 15_000,
    ...openAccess,
    bounds: { catchUpReadsMax: 1 },
  });
  const open = () => {
    const frames: unknown[] = [];
    const sink = {
      send: (frame: string) => void frames.push(Reflect.get(JSON.parse(frame), 'event')),
      bufferedBytes: () => 0,
      batch: (run: () => void) => run(),
      close: () => {},
    };
    return { frames, connection: hub.open(sink, 'v1') };
  };
  const settle = async () => {
    for (let round = 0; round < 20; round++) {
      clock.tick();
      await null;
    }
  };
  const first = open();
  first.connection.subscribe(config, { since: 0 });
  const second = open();
  second.connection.subscribe(config, { since: 0 });
  await settle();
  second.connection.unsubscribe(config);
  endRead();
  await settle();
  expect([first.connection.phase, second.connection.phase]).toEqual(['live', 'live']);
  second.connection.subscribe(config);
  hub.publisher.durable(entry.config({ features: {}, theme: 'dark' }), 6);
  await settle();
  expect(second.frames).toEqual(['config.updated']);
});
