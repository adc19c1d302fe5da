/** A gateway over a journal in memory, for tests of `callboard.v1` through real sockets. */
import { type CommittedEvent, type EventLog, JournalUnavailable } from '../../../../actors/ports.ts';
import { eventCatalogue, type JournaledEvent } from '../../../../schema/event-catalogue.ts';
import { type MessageId, messageIdSchema } from '../../../../schema/ids.ts';
import type { TextPiece } from '../../../../schema/text-piece.ts';
import { callboardV1Subprotocol } from '../../../../schema/wire/callboard-v1-frame.ts';
import { type Cursor, cursorOf } from '../../../../schema/wire/cursor.ts';
import type { GatewayOptions } from '../../../../src/gateway/gateway.ts';
import { at, session, sessionId } from '../fake-services.ts';
import { Client, emptyEventLog, type RunningGateway, runGateway } from '../running-gateway.ts';

export const { epoch } = emptyEventLog;
export const messageId = messageIdSchema.parse('1d3b0a7f-3c1f-4e11-8f3c-5a526d3c4a31');

export type CallboardV1Gateway = RunningGateway & {
  readonly committed: CommittedEvent[];
  /** How often the journal was read. */
  reads: number;
  /** Least `seq` that is kept. */
  oldest: number;
  broken: boolean;
  /** Commits and publishes; returns its `seq`. */
  readonly tell: (event: JournaledEvent) => number;
  readonly commit: (event: JournaledEvent) => number;
  readonly piece: (text: string, offset: number, before?: string) => void;
  readonly connect: (path: string) => Promise<Client>;
  /** Opens a socket and reads its `hello`. */
  readonly live: (query?: string) => Promise<Client>;
};

export const cursor = (seq: number, given: Cursor['epoch'] = epoch) => cursorOf({ epoch: given, seq });

/** `past`: events that were committed before the gateway started. */
export async function runCallboardV1Gateway(
  given: Partial<GatewayOptions> & { readonly past?: readonly JournaledEvent[] } = {},
): Promise<CallboardV1Gateway> {
  const { past = [], ...options } = given;
  const committed: CommittedEvent[] = past.map((event, index) => ({ seq: index + 1, event }));
  const answer = async <Value>(value: () => Value): Promise<Value> => {
    if (v1.broken) throw new JournalUnavailable('the test says so');
    return value();
  };
  const eventLog: EventLog = {
    epoch,
    ofSession: async () => [],
    range: () => answer(() => ({ oldest: v1.oldest, newest: committed.length })),
    read: ({ after, limit, namespaces, sessionId: ofSession }) =>
      answer(() => {
        v1.reads++;
        return committed
          .filter(
            ({ seq, event }) =>
              seq > after &&
              namespaces.some((name) => name === eventCatalogue[event.type].namespace) &&
              (ofSession === undefined || event.sessionId === ofSession),
          )
          .slice(0, limit);
      }),
  };
  const commit = (event: JournaledEvent): number => {
    committed.push({ seq: committed.length + 1, event });
    return committed.length;
  };
  const running = await runGateway({ eventLog, newestSeq: committed.length, ...options });
  const { publisher } = running.gateway;
  const connect = (path: string) => Client.open(running.port, path, [callboardV1Subprotocol]);
  const v1: CallboardV1Gateway = {
    ...running,
    committed,
    reads: 0,
    oldest: 1,
    broken: false,
    commit,
    tell(event) {
      const seq = commit(event);
      publisher.durable(event, seq);
      return seq;
    },
    piece: (text, offset, before = '') => publisher.stream(pieceOf(text, offset, before)),
    connect,
    async live(query = '') {
      const client = await connect(`/live${query}`);
      await client.next();
      return client;
    },
  };
  return v1;
}

export function updated(title = 'Lights', id = sessionId): JournaledEvent {
  return { type: 'session.updated', sessionId: id, data: { ...session, id, title }, at: 0 };
}

export function activity(state: 'idle' | 'thinking'): JournaledEvent {
  return { type: 'agent.activity', sessionId, data: { sessionId, state, timestamp: at }, at: 0 };
}

export function message(content: string, id: MessageId = messageId) {
  return { id, sessionId, role: 'assistant' as const, content, createdAt: at };
}

export function created(content: string): JournaledEvent {
  return { type: 'message.created', sessionId, data: message(content), at: 0 };
}

export function ended(content: string): JournaledEvent {
  return { type: 'message.updated', sessionId, data: message(content), at: 0 };
}

export const configured: JournaledEvent = {
  type: 'config.updated',
  sessionId: null,
  data: { features: {}, theme: 'dark' },
  at: 0,
};

export function pieceOf(text: string, offset: number, before = ''): TextPiece {
  const data = message(before + text);
  return { type: 'message.delta', sessionId, messageId, offset, text, soFar: () => data };
}
