/** What the parts of the scenario have in common: a session, its messages, and the ends of its turns. */
import type { ChatMessage } from '../../schema/chat-message.ts';
import type { Acknowledged, CommandOptions, TorturedClient } from './tortured-client.ts';

/** The string in the body of an answer. */
export function textOf(answer: Acknowledged, key: string): string {
  const found: unknown =
    typeof answer.body === 'object' && answer.body !== null ? Reflect.get(answer.body, key) : null;
  if (typeof found !== 'string') throw new Error(`no ${key} in ${JSON.stringify(answer)}`);
  return found;
}

export function idOf(answer: Acknowledged): string {
  return textOf(answer, 'id');
}

export class TorturedSession {
  readonly path: string;
  readonly #client: TorturedClient;
  readonly #name: string;
  #count = 0;

  /** A session that exists; `name` begins the names of its commands. */
  constructor(client: TorturedClient, name: string, id: string) {
    this.#client = client;
    this.#name = name;
    this.path = `/chat-sessions/${id}`;
  }

  static async create(client: TorturedClient, name: string): Promise<TorturedSession> {
    const created = await client.command('POST', '/chat-sessions', `${name} create`, { title: name });
    return new TorturedSession(client, name, idOf(created));
  }

  command(
    method: string,
    place: string,
    name: string,
    body?: unknown,
    options: CommandOptions = {},
  ): Promise<Acknowledged> {
    return this.#client.command(method, `${this.path}${place}`, `${this.#name} ${name}`, body, options);
  }

  /** Adds a message: a text, or the body of the command. */
  say(message: string | object, options: CommandOptions = {}): Promise<Acknowledged> {
    this.#count++;
    const body = typeof message === 'string' ? { content: message } : message;
    return this.command('POST', '/messages', `message ${this.#count}`, body, options);
  }

  /** Resolves when a turn that answers the message has ended, and none is running. */
  async ended(prompt: string): Promise<void> {
    for (;;) {
      const traces = await this.#client.read('/traces');
      const own = Array.isArray(traces)
        ? traces.filter(({ metadata }) => metadata?.messageId === prompt)
        : [];
      if (own.length > 0 && own.every(({ status }) => status !== 'running')) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The newest answer to the message; none when its turns ended before they said anything. */
  async answerTo(prompt: string): Promise<ChatMessage | undefined> {
    const messages = await this.#client.read(`${this.path}/messages?branch=all`);
    return Array.isArray(messages) ? messages.findLast(({ promptId }) => promptId === prompt) : undefined;
  }
}
