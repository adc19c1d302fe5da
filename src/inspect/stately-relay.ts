/**
 * Shows a session in Stately's inspector: reads the events of a focus and forwards those in the format of
 * `@statelyai/inspect` to a relay of that package (`createInspectorServer()`), which shows them in its page.
 *
 * node src/inspect/stately-relay.ts --session ID [--url ws://127.0.0.1:3000] [--key KEY] [--relay ws://localhost:8080]
 */
import { parseArgs } from 'node:util';
import { callboardV1Subprotocol } from '../../schema/wire/callboard-v1-frame.ts';
import { inspectEventsSchema } from '../../schema/wire/inspect-frame.ts';

/** The messages in a frame that Stately's tools understand; Callboard's own events are left out. */
export function statelyMessages(frame: string): string[] {
  const { event, data }: { readonly event?: unknown; readonly data?: unknown } = JSON.parse(frame);
  if (event !== 'inspect.events') return [];
  return inspectEventsSchema
    .parse(data)
    .events.filter(({ type }) => type.startsWith('@xstate.'))
    .map((told) => JSON.stringify(told));
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      session: { type: 'string' },
      url: { type: 'string', default: 'ws://127.0.0.1:3000' },
      key: { type: 'string' },
      relay: { type: 'string', default: 'ws://localhost:8080' },
    },
  });
  if (values.session === undefined) {
    process.stderr.write('--session must name the session to inspect\n');
    process.exit(2);
  }
  relay({ ...values, session: values.session });
}

function relay(options: {
  readonly session: string;
  readonly url: string;
  readonly key?: string | undefined;
  readonly relay: string;
}): void {
  const query = options.key === undefined ? '' : `?apiKey=${encodeURIComponent(options.key)}`;
  const shown = new WebSocket(options.relay);
  const lost = (what: string) => () => {
    process.stderr.write(`the connection to ${what} is lost\n`);
    process.exit(1);
  };
  shown.onclose = lost(options.relay);
  shown.onopen = () => {
    const server = new WebSocket(`${options.url}/live${query}`, callboardV1Subprotocol);
    server.onclose = lost(options.url);
    server.onopen = () => {
      const data = { actorId: `session.${options.session}` };
      server.send(JSON.stringify({ event: 'inspect.focus', data, id: 1 }));
    };
    server.onmessage = ({ data }) => {
      const frame = String(data);
      if (frame.startsWith('{"event":"exception"')) process.stderr.write(`${frame}\n`);
      for (const message of statelyMessages(frame)) shown.send(message);
    };
  };
}
