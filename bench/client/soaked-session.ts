/** One session, heard over one socket of `callboard.v1`: asks, and checks that the pieces of an answer are the answer. */
import { z } from 'zod';
import { RawConnection } from './raw-connection.ts';
import { callRest } from './rest.ts';

const answer = { tokens: 40, delayMs: 5 };
const silenceMsMax = 30_000;

const frameSchema = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()) });
const pieceSchema = z.object({ messageId: z.string(), offset: z.number(), text: z.string() });
const messageSchema = z.object({
  id: z.string(),
  role: z.string(),
  content: z.string(),
  status: z.string().optional(),
});

export class SoakedSession {
  readonly #port: number;
  readonly #sessionId: string;
  #connection: RawConnection | undefined;
  readonly #greeted = Promise.withResolvers<void>();
  #text = '';
  #firstMs: number | undefined;
  #ended = Promise.withResolvers<void>();

  private constructor(port: number, sessionId: string) {
    this.#port = port;
    this.#sessionId = sessionId;
  }

  /** Resolves when the server has greeted. */
  static async enter(port: number, sessionId: string): Promise<SoakedSession> {
    const session = new SoakedSession(port, sessionId);
    session.#connection = await RawConnection.open({
      port,
      path: `/live?namespaces=chat-sessions,chat-messages,traces,tools&sessionId=${sessionId}`,
      subprotocol: 'callboard.v1',
      onFrame: (bytes, start, end) => session.#take(bytes.toString('utf8', start, end)),
    });
    await session.#greeted.promise;
    return session;
  }

  /**
   * Resolves with the time from the question to the first token, ms, when the answer has ended. Rejects when it is not what
   * its pieces were, or when it does not end.
   */
  async ask({ withTool }: { readonly withTool: boolean }): Promise<number> {
    this.#text = '';
    this.#firstMs = undefined;
    this.#ended = Promise.withResolvers();
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('an answer did not end')), silenceMsMax);
    const { tokens, delayMs } = answer;
    const tool = withTool ? ' tool=clock' : '';
    const content = `How are you? [[tokens=${tokens} delay=${delayMs}${tool}]]`;
    const askedMs = performance.now();
    try {
      const asked = callRest(this.#port, `/chat-sessions/${this.#sessionId}/messages`, { content });
      await Promise.race([Promise.all([asked, this.#ended.promise]), late]);
    } finally {
      clearTimeout(timer);
    }
    return (this.#firstMs ?? Number.NaN) - askedMs;
  }

  leave(): void {
    this.#connection?.close();
  }

  #take(text: string): void {
    const { event, data } = frameSchema.parse(JSON.parse(text));
    this.#greeted.resolve();
    if (event === 'message.delta') {
      const piece = pieceSchema.parse(data);
      this.#firstMs ??= performance.now();
      if (piece.offset !== this.#text.length) this.#fail('a piece of an answer is missing');
      this.#text += piece.text;
    } else if (event === 'message.updated') {
      const { role, content, status } = messageSchema.parse(data);
      if (role !== 'assistant' || status !== 'complete') return;
      if (content === this.#text) this.#ended.resolve();
      else this.#fail('an answer is not what its pieces were');
    }
  }

  #fail(reason: string): void {
    this.#ended.promise.catch(() => {});
    this.#ended.reject(new Error(reason));
  }
}
