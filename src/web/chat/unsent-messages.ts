/** Messages being sent: shown at once, removed when the server has them, kept when it refuses them. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { CallboardError, Session } from '../../client/client.ts';
import { errorWords } from './error-words.ts';

export type OutgoingMessage = {
  readonly id: string;
  readonly content: string;
  /** Why the server refused the message; `undefined` while it is being sent. */
  readonly failure: string | undefined;
};

export class UnsentMessages {
  readonly #messages = signal<readonly OutgoingMessage[]>([]);

  get messages(): ReadonlySignal<readonly OutgoingMessage[]> {
    return this.#messages;
  }

  send(session: Session, content: string, id: string = crypto.randomUUID()): void {
    this.#put({ id, content, failure: undefined });
    session.send(content, { id }).then(
      () => this.remove(id),
      (error: CallboardError) => this.#put({ id, content, failure: errorWords(error) }),
    );
  }

  remove(id: string): void {
    this.#messages.value = this.#messages.value.filter((message) => message.id !== id);
  }

  #put(message: OutgoingMessage): void {
    const at = this.#messages.value.findIndex(({ id }) => id === message.id);
    this.#messages.value =
      at < 0 ? [...this.#messages.value, message] : this.#messages.value.with(at, message);
  }
}
