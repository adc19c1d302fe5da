/** The state of the chat page, and its actions. Components show the state and call the actions. */
import { batch, computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import {
  type Administration,
  administration,
  type FindSessions,
  type FoundSession,
  type ModelOptions,
  type ModelProvider,
  type Participant,
} from '../../client/administration.ts';
import {
  type CallboardError,
  type ChatSession,
  type Client,
  type ConnectOptions,
  connect,
  type Saying,
  type Session,
} from '../../client/client.ts';
import {
  type FollowedHandle,
  followConfig,
  followOffer,
  followParticipants,
  followRetry,
  followRuns,
  followSessions,
  followWaitingCalls,
  type SessionRun,
  type TurnOffered,
  type TurnRetrying,
} from '../../client/followed.ts';
import { isToken, readApiKey } from '../access/api-key.ts';
import type { ChosenFiles } from './chosen-files.ts';
import { errorNotice, type Notice } from './error-words.ts';
import { KeptDrafts } from './kept-drafts.ts';
import { framedSignal, liveSignal } from './live-signal.ts';
import type { MessageActions } from './message-actions.ts';
import { type FollowedVersions, followVersions } from './message-versions.ts';
import { permissionsIn, permissionsOf, type SessionPermissions } from './permissions.ts';
import { runningQuestion } from './running-question.ts';
import { sessionInAddress, showSessionInAddress } from './session-address.ts';
import { titleFor } from './session-title.ts';
import type { CallActions } from './tool-call-view.tsx';
import { saidText, UnsentMessages } from './unsent-messages.ts';

/** A session that is open in the page. */
export type OpenSession = {
  readonly id: string;
  readonly session: Session;
  readonly snapshot: ReturnType<typeof framedSignal<Session['snapshot']['value']>>;
  readonly runs: ReturnType<typeof liveSignal<FollowedHandle<readonly SessionRun[]>['state']['value']>>;
  readonly offer: ReturnType<typeof liveSignal<FollowedHandle<TurnOffered | null>['state']['value']>>;
  readonly retry: ReturnType<typeof liveSignal<FollowedHandle<TurnRetrying | null>['state']['value']>>;
  readonly participants: ReturnType<
    typeof liveSignal<FollowedHandle<readonly Participant[]>['state']['value']>
  >;
  /** What the user may do in this session. */
  readonly permissions: ReadonlySignal<SessionPermissions>;
  readonly versions: FollowedVersions['state'];
  readonly outbox: UnsentMessages;
  readonly calls: CallActions;
  readonly messages: MessageActions;
  readonly close: () => void;
};

/** Waits are short, because a person is watching. */
const backoff = { firstMs: 400, maxMs: 8000 };
/** How often an unreachable server is asked whether it rejects the key, ms. */
const keyCheckMs = 4000;

export class ChatModel {
  readonly client: Client;
  readonly #administration: Administration;
  readonly connection;
  readonly retry;
  /** Forgets the key, and asks for another. */
  readonly signOut: () => void;
  /** Whom the server takes the user for; `undefined`: it has not said so. */
  readonly principal;
  readonly permissions;
  readonly sessions;
  readonly waitingCalls;
  readonly config;
  /** `undefined`: the user is writing a new session's first message. */
  readonly openSession = signal<OpenSession | undefined>(undefined);
  /** The models that the server offers; `undefined`: not read yet. */
  readonly providers = signal<readonly ModelProvider[] | undefined>(undefined);
  /** The options of the session that is being begun. */
  readonly newOptions = signal<ModelOptions>({});
  readonly notice = signal<Notice | undefined>(undefined);
  /** What is not sent, by session; `''` for the new session. */
  readonly drafts = new KeptDrafts();
  readonly #attached = new Map<string, ChosenFiles>();
  /** Sent messages stay with their session while another is shown. */
  readonly #outboxes = new Map<string, UnsentMessages>();
  readonly #ends: (() => void)[] = [];

  /** `refused` is called when the server rejects the key, `signOut` when the user wants to go. */
  constructor(refused: () => void, signOut: () => void) {
    this.signOut = signOut;
    const apiKey = readApiKey();
    const url = new URL('.', location.href).href;
    this.client = connect({ url, backoff, ...credential(apiKey) });
    this.#administration = administration(this.client);
    this.connection = liveSignal(this.client.state);
    this.retry = liveSignal(this.client.retry);
    // Each connection says it, the first one too.
    this.principal = computed(() =>
      this.connection.value === 'connecting' ? undefined : this.client.principal(),
    );
    this.permissions = computed(() => permissionsOf(this.principal.value));
    this.sessions = liveSignal(followSessions(this.client).state);
    this.waitingCalls = liveSignal(followWaitingCalls(this.client).state);
    this.config = liveSignal(followConfig(this.client).state);
    this.#watchKey(refused);
    this.#ends.push(effect(() => this.#knowUser()));
    this.#watchProviders();
    this.#select(sessionInAddress());
    this.#listen(window, 'popstate', () => this.#select(sessionInAddress()));
    this.#listen(window, 'online', () => this.client.retryNow());
    this.#listen(document, 'visibilitychange', () => {
      if (document.visibilityState === 'visible') this.client.retryNow();
    });
  }

  /** The sessions with a call that waits for a person. */
  readonly waitingSessions = computed(
    (): ReadonlySet<string> => new Set(this.waitingCalls.value.value?.map(({ sessionId }) => sessionId)),
  );
  readonly activeSessions = computed(() => this.#listed('active'));
  readonly archivedSessions = computed(() => this.#listed('archived'));

  close(): void {
    this.drafts.close();
    for (const end of this.#ends) end();
    this.openSession.value?.close();
    this.client.close();
  }

  /** Shows a session; `undefined` shows the page where a new one begins. */
  show(id: string | undefined): void {
    showSessionInAddress(id);
    this.#select(id);
  }

  /** Sends to the open session. */
  send(open: OpenSession, said: Saying): void {
    open.outbox.send(open.session, said);
  }

  /** Creates a session with this first message and shows it; false when it could not be created. */
  async begin(said: Saying): Promise<boolean> {
    const options = this.newOptions.value;
    const hasOptions = Object.keys(options).length > 0;
    const created = await this.#tried(
      this.client.createSession({ title: titleFor(saidText(said)), ...(hasOptions ? { options } : {}) }),
    );
    if (created === undefined) return false;
    this.newOptions.value = {};
    // The user may have opened another session while this waited for a connection.
    if (this.openSession.value === undefined) this.show(created.id);
    this.#sendTo(created.id, said);
    return true;
  }

  /** The files that are chosen for the next message; their code is loaded when the first is. */
  async attached(draftKey: string): Promise<ChosenFiles> {
    const { ChosenFiles } = await import('./chosen-files.ts');
    const attached = this.#attached.get(draftKey) ?? new ChosenFiles(this.client, this.drafts, draftKey);
    this.#attached.set(draftKey, attached);
    return attached;
  }

  /** Stops the answer that is being given; messages that wait are answered next. */
  async stop(): Promise<void> {
    const open = this.openSession.value;
    if (open === undefined || !open.permissions.value.write) return;
    const messageId = runningQuestion(open.session.snapshot.value, open.runs.value.value ?? []);
    await this.#tried(open.session.cancel(messageId === undefined ? {} : { messageId }));
  }

  async rename(id: string, title: string): Promise<ChatSession | undefined> {
    return await this.#tried(this.#administration.updateSession(id, { title }));
  }

  /** `null`: the server's default. */
  async chooseModel(id: string, model: string | null): Promise<void> {
    await this.#tried(this.#administration.updateSession(id, { options: { model } }));
  }

  /** `undefined`: it failed. */
  async find(query: FindSessions): Promise<readonly FoundSession[] | undefined> {
    return await this.#administration.findSessions(query).catch(() => undefined);
  }

  async archive(id: string): Promise<void> {
    await this.#tried(this.#administration.archiveSession(id));
  }

  async unarchive(id: string): Promise<void> {
    await this.#tried(this.#administration.unarchiveSession(id));
  }

  /** The session takes no more messages, from anybody. */
  async closeSession(id: string): Promise<void> {
    await this.#tried(this.#administration.closeSession(id));
  }

  async reopen(id: string): Promise<void> {
    await this.#tried(this.#administration.reopenSession(id));
  }

  async remove(id: string): Promise<void> {
    // Leaves the session first, so that its deletion is not shown as an error.
    if (this.openSession.value?.id === id) this.show(undefined);
    this.drafts.forget(id);
    this.#attached.delete(id);
    this.#outboxes.delete(id);
    await this.#tried(this.#administration.deleteSession(id));
  }

  /** The session after (1) or before (-1) the shown one, in the order of the list. */
  neighbour(step: 1 | -1): string | undefined {
    const all = [...this.activeSessions.value, ...this.archivedSessions.value];
    // What waits stands on top.
    const [waiting = [], others = []] = [true, false].map((waits) =>
      all.filter(({ id }) => this.waitingSessions.value.has(id) === waits),
    );
    const list = [...waiting, ...others];
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
    const runs = followRuns(this.client, id);
    const offer = followOffer(this.client, id);
    const retry = followRetry(this.client, id);
    const followed = followParticipants(this.client, id);
    const participants = liveSignal(followed.state);
    const versions = followVersions(this.client, session);
    const outbox = this.#outboxOf(id);
    return {
      id,
      session,
      snapshot: framedSignal(session.snapshot),
      runs: liveSignal(runs.state),
      offer: liveSignal(offer.state),
      retry: liveSignal(retry.state),
      participants,
      permissions: computed(() => permissionsIn(participants.value.value ?? [], this.principal.value)),
      versions: versions.state,
      outbox,
      calls: {
        decide: async (callId, decision, reason) => {
          await this.#tried(session[decision](callId, reason === '' ? {} : { reason }));
        },
        readWhole: (callId) => this.#tried(this.#administration.readToolCall(id, callId)),
      },
      messages: {
        askAgain: (messageId, model) =>
          void this.#tried(session.regenerate(messageId, model === undefined ? {} : { options: { model } })),
        goOn: (messageId) => void this.#tried(session.regenerate(messageId, { continue: true })),
        remove: (messageId) => void this.#tried(session.deleteMessage(messageId)),
        edit: async (messageId, said) => (await this.#tried(session.edit(messageId, said))) !== undefined,
        select: async (messageId) => {
          await this.#tried(session.selectBranch(messageId));
        },
        fork: async (messageId) => {
          const forked = await this.#tried(session.fork(messageId));
          if (forked !== undefined && this.openSession.value?.id === id) this.show(forked.id);
        },
      },
      close: () => {
        session.close();
        runs.close();
        offer.close();
        retry.close();
        followed.close();
        versions.close();
      },
    };
  }

  #outboxOf(id: string): UnsentMessages {
    const outbox =
      this.#outboxes.get(id) ?? new UnsentMessages((messages) => this.drafts.keepMessages(id, messages));
    this.#outboxes.set(id, outbox);
    return outbox;
  }

  #sendTo(sessionId: string, said: Saying, id?: string): void {
    const session = this.client.session(sessionId);
    this.#outboxOf(sessionId).send(session, said, id);
    session.close();
  }

  /** What this user has not sent is there again, and messages that were under way are sent. */
  #knowUser(): void {
    if (this.connection.value === 'connecting') return;
    const principal = this.client.principal();
    if (principal === undefined || this.drafts.isKnown.peek()) return;
    untracked(() => {
      const underWay = new Set(
        [...this.#outboxes.values()].flatMap(({ messages }) => messages.value.map(({ id }) => id)),
      );
      if (!this.drafts.belongTo(principal.id)) void forgetBytesOfOthers();
      for (const [sessionId, messages] of Object.entries(this.drafts.messages)) {
        for (const { id, said } of messages) if (!underWay.has(id)) this.#sendTo(sessionId, said, id);
      }
    });
  }

  /** A browser does not say why a WebSocket was refused, so the key is checked over HTTP. */
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

  /** A restarted server may offer other models. */
  #watchProviders(): void {
    this.#ends.push(
      effect(() => {
        if (this.connection.value !== 'live') return;
        this.#administration.readProviders().then(
          (providers) => {
            this.providers.value = providers;
          },
          // Without the list the user cannot choose a model; everything else works.
          () => {},
        );
      }),
    );
  }

  async #tried<Result>(command: Promise<Result>): Promise<Result | undefined> {
    try {
      return await command;
    } catch (error) {
      this.notice.value = errorNotice(error as CallboardError);
      return undefined;
    }
  }

  #listen(target: EventTarget, event: string, listen: () => void): void {
    target.addEventListener(event, listen);
    this.#ends.push(() => target.removeEventListener(event, listen));
  }
}

/** When a token ends, the server refuses it, and the page asks for another. */
function credential(given: string | undefined): Pick<ConnectOptions, 'apiKey' | 'getToken'> {
  if (given === undefined) return {};
  return isToken(given) ? { getToken: () => given } : { apiKey: given };
}

async function forgetBytesOfOthers(): Promise<void> {
  const { forgetAllBytes } = await import('./waiting-files.ts');
  await forgetAllBytes();
}
