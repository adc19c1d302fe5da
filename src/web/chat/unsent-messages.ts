/** Messages being sent: shown at once, removed when the server has them, kept when it refuses them. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { CallboardError, Saying, Session } from '../../client/client.ts';
import { errorWords } from './error-words.ts';
import type { KeptMessage } from './kept-drafts.ts';

export type OutgoingMessage = KeptMessage & {
  /** Why the server refused the message; `undefined` while it is being sent. */
  readonly failure: string | undefined;
};

export class UnsentMessages {
  readonly #messages = signal<readonly OutgoingMessage[]>([]);
  readonly #keep: (messages: readonly KeptMessage[]) => void;

  /** `keep` is called at each change. */
  constructor(keep: (messages: readonly KeptMessage[]) => void) {
    this.#keep = keep;
  }

  get messages(): ReadonlySignal<readonly OutgoingMessage[]> {
    return this.#messages;
  }

  send(session: Session, said: Saying, id: string = crypto.randomUUID()): void {
    this.#put({ id, said, failure: undefined });
    session.send(said, { id }).then(
      () => this.remove(id),
      (error: CallboardError) => this.#put({ id, said, failure: errorWords(error) }),
    );
  }

  remove(id: string): void {
    this.#set(this.#messages.value.filter((message) => message.id !== id));
  }

  #put(message: OutgoingMessage): void {
    const at = this.#messages.value.findIndex(({ id }) => id === message.id);
    this.#set(at < 0 ? [...this.#messages.value, message] : this.#messages.value.with(at, message));
  }

  #set(messages: readonly OutgoingMessage[]): void {
    this.#messages.value = messages;
    this.#keep(messages.map(({ id, said }) => ({ id, said })));
  }
}

/** The text of what is said. */
export function saidText(said: Saying): string {
  if (typeof said === 'string') return said;
  return said.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
}
