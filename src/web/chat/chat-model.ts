/** What the chat page knows and does. Components show it and call it. */
import { batch, computed, effect, signal } from '@preact/signals';
import {
  type CallboardError,
  type CatalogProvider,
  type ChatSession,
  type Client,
  connect,
  type FollowedHandle,
  type Session,
  type SessionRun,
} from '../../client/client.ts';
import { readApiKey } from '../access/api-key.ts';
import { errorWords } from './error-words.ts';
import { framedSignal, liveSignal } from './live-signal.ts';
import { sessionInAddress, showSessionInAddress } from './session-address.ts';
import { titleFor } from './session-title.ts';
import type { CallActions } from './tool-call-view.tsx';
import { UnsentMessages } from './unsent-messages.ts';

/** A session that is open in the page. */
export type OpenSession = {
  readonly id: string;
  readonly session: Session;
  readonly snapshot: ReturnType<typeof framedSignal<Session['snapshot']['value']>>;
  readonly runs: ReturnType<typeof liveSignal<FollowedHandle<readonly SessionRun[]>['state']['value']>>;
  readonly outbox: UnsentMessages;
  readonly calls: CallActions;
  readonly close: () => void;
};

/** Short waits: somebody is looking. */
const backoff = { firstMs: 400, maxMs: 8000 };
/** How often it is asked whether a server that is away wants another key, ms. */
const keyCheckMs = 4000;

export class ChatModel {
  readonly client: Client;
  readonly connection;
  readonly retry;
  readonly sessions;
  readonly config;
  /** `undefined`: a new session is being written. */
  readonly openSession = signal<OpenSession | undefined>(undefined);
  /** `undefined`: not read yet. */
  readonly providers = signal<readonly CatalogProvider[] | undefined>(undefined);
  readonly notice = signal<string | undefined>(undefined);
  /** Text that is being written, by session; `''` for the new one. */
  readonly drafts = new Map<string, string>();
  /** Those that were sent to stay with their session while another is shown. */
  readonly #outboxes = new Map<string, UnsentMessages>();
  readonly #ends: (() => void)[] = [];

  /** `refused` is called when the server does not know the key. */
  constructor(refused: () => void) {
    const apiKey = readApiKey();
    const url = new URL('.', location.href).href;
    this.client = connect({ url, backoff, ...(apiKey === undefined ? {} : { apiKey }) });
    this.connection = liveSignal(this.client.state);
    this.retry = liveSignal(this.client.retry);
    this.sessions = liveSignal(this.client.sessions().state);
    this.config = liveSignal(this.client.config().state);
    this.#watchKey(refused);
    this.#watchProviders();
    this.#select(sessionInAddress());
    this.#listen(window, 'popstate', () => this.#select(sessionInAddress()));
    this.#listen(window, 'online', () => this.client.retryNow());
    this.#listen(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible') this.client.retryNow();
    });
  }

  readonly activeSessions = computed(() => this.#listed('active'));
  readonly archivedSessions = computed(() => this.#listed('archived'));

  close(): void {
    for (const end of this.#ends) end();
    this.openSession.value?.close();
    this.client.close();
  }

  /** Shows a session, or with `undefined` the place where a new one begins. */
  show(id: string | undefined): void {
    showSessionInAddress(id);
    this.#select(id);
  }

  /** Sends to the open session. */
  send(open: OpenSession, content: string): void {
    open.outbox.send(open.session, content);
  }

  /** Makes a session of which this is the first message, and shows it; false when it cannot be made. */
  async begin(content: string): Promise<boolean> {
    const created = await this.#tried(this.client.createSession({ title: titleFor(content) }));
    if (created === undefined) return false;
    // Somebody may have gone on to another one while this waited for a connection.
    if (this.openSession.value === undefined) this.show(created.id);
    const session = this.client.session(created.id);
    this.#outboxOf(created.id).send(session, content);
    session.close();
    return true;
  }

  async stop(): Promise<void> {
    const open = this.openSession.value;
    if (open !== undefined) await this.#tried(open.session.cancel());
  }

  async rename(id: string, title: string): Promise<ChatSession | undefined> {
    return await this.#tried(this.client.updateSession(id, { title }));
  }

  /** `null`: whichever the server takes. */
  async chooseModel(id: string, model: string | null): Promise<void> {
    await this.#tried(this.client.updateSession(id, { options: { model } }));
  }

  async archive(id: string): Promise<void> {
    await this.#tried(this.client.archiveSession(id));
  }

  async remove(id: string): Promise<void> {
    // Away from it first: its end is no surprise.
    if (this.openSession.value?.id === id) this.show(undefined);
    this.drafts.delete(id);
    this.#outboxes.delete(id);
    await this.#tried(this.client.deleteSession(id));
  }

  /** The session after (1) or before (-1) the one that is shown, in the order of the list. */
  neighbour(step: 1 | -1): string | undefined {
    const list = [...this.activeSessions.value, ...this.archivedSessions.value];
    const at = list.findIndex(({ id }) => id === this.openSession.value?.id);
    return at < 0 ? list.at(step === 1 ? 0 : -1)?.id : list[at + step]?.id;
  }

  #listed(status: ChatSession['status']) {
    return this.sessions.value.value?.filter((session) => session.status === status) ?? [];
  }

  #select(id: string | undefined): void {
    const before = this.openSession.value;
    if (before?.id === id) return;
    batch(() => {
      before?.close();
      this.openSession.value = id === undefined ? undefined : this.#opened(id);
    });
  }

  #opened(id: string): OpenSession {
    const session = this.client.session(id);
    const runs = this.client.runs(id);
    const outbox = this.#outboxOf(id);
    return {
      id,
      session,
      snapshot: framedSignal(session.snapshot),
      runs: liveSignal(runs.state),
      outbox,
      calls: {
        decide: async (callId, decision, reason) => {
          await this.#tried(session[decision](callId, reason === '' ? {} : { reason }));
        },
        readWhole: (callId) => this.#tried(this.client.readToolCall(id, callId)),
      },
      close: () => {
        session.close();
        runs.close();
      },
    };
  }

  #outboxOf(id: string): UnsentMessages {
    const outbox = this.#outboxes.get(id) ?? new UnsentMessages();
    this.#outboxes.set(id, outbox);
    return outbox;
  }

  /** A browser does not say why a WebSocket was refused; a read over HTTP does. */
  #watchKey(refused: () => void): void {
    const check = () => {
      this.client.readConfig().catch((error: CallboardError) => {
        if (error.code === 'unauthorized') refused();
      });
    };
    check();
    this.#ends.push(
      effect(() => {
        if (this.connection.value === 'live') return;
        const timer = setInterval(check, keyCheckMs);
        return () => clearInterval(timer);
      }),
    );
  }

  /** A server that was started anew may have other models. */
  #watchProviders(): void {
    this.#ends.push(
      effect(() => {
        if (this.connection.value !== 'live') return;
        this.client.readProviders().then(
          (providers) => {
            this.providers.value = providers;
          },
          // Without the list nobody can choose, and everything else goes on.
          () => {},
        );
      }),
    );
  }

  async #tried<Result>(command: Promise<Result>): Promise<Result | undefined> {
    try {
      return await command;
    } catch (error) {
      this.notice.value = errorWords(error as CallboardError);
      return undefined;
    }
  }

  #listen(target: EventTarget, event: string, listen: () => void): void {
    target.addEventListener(event, listen);
    this.#ends.push(() => target.removeEventListener(event, listen));
  }
}
