/** A client of the library, with a record of all its events and violations. */
import {
  type Client,
  type ClientEvent,
  type ConnectOptions,
  connect,
  type EventStream,
  type EventsOptions,
  type ProtocolViolation,
} from '../../src/client/client.ts';

export type WatchedStream = {
  readonly stream: EventStream;
  readonly events: readonly ClientEvent[];
  /** Resolves with the result of `find`, as soon as there is one. */
  readonly until: <Found>(find: (events: readonly ClientEvent[]) => Found | undefined) => Promise<Found>;
};

export type WatchedClient = {
  readonly client: Client;
  readonly violations: readonly ProtocolViolation[];
  /** How often the client became live. */
  readonly lives: () => number;
  readonly watch: (options?: EventsOptions) => WatchedStream;
};

export function watchedClient(options: ConnectOptions): WatchedClient {
  const violations: ProtocolViolation[] = [];
  const client = connect({ onViolation: (violation) => violations.push(violation), ...options });
  let lives = 0;
  client.state.subscribe((state) => {
    if (state === 'live') lives++;
  });
  return { client, violations, lives: () => lives, watch: (of) => watchedStream(client.events(of)) };
}

function watchedStream(stream: EventStream): WatchedStream {
  const events: ClientEvent[] = [];
  let look: (() => void)[] = [];
  void (async () => {
    for await (const event of stream) {
      events.push(event);
      const looking = look;
      look = [];
      for (const again of looking) again();
    }
  })();
  return {
    stream,
    events,
    until: async (find) => {
      for (;;) {
        const found = find(events);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => look.push(resolve));
      }
    },
  };
}

/** The session to which an event belongs. */
export function sessionOfEvent({ event, data }: ClientEvent): string | undefined {
  const found: unknown = Reflect.get(data, event.startsWith('session.') ? 'id' : 'sessionId');
  return typeof found === 'string' ? found : undefined;
}
