/**
 * I4. Checks every text twice. At the publisher: a message begins, its pieces follow without gap or overlap, and its
 * final content equals them, unless its process died or its actor was replaced; then it equals the durable text. At
 * each reader: pieces continue its text, and the final content continues that, or equals it if the reader never fell
 * behind; a compact delta names a text that its connection was told of.
 */
import { failureText, type MessageFact } from '../../../schema/chat-message.ts';
import { turnIdSchema } from '../../../schema/ids.ts';
import type { MessageMark } from '../../../schema/message-part.ts';
import { isBlank, storableText } from '../../../schema/text.ts';
import type { TextPiece } from '../../../schema/text-piece.ts';
import { type Fact, type FactOf, nameOfMessage } from '../facts.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';
import type { Reader } from '../reader.ts';
import type { Truth } from '../truth.ts';

const holds: Holds = holdsOf('I4');

export const text: Invariant = {
  name: 'I4',
  says: 'Created, then contiguous pieces, then a final update that equals them; a late join continues exactly.',
  watch: (_history, truth) => {
    const said = new SaidTexts(truth);
    const readers = new Map<Reader, ReadTexts>();
    return {
      hear: (fact) => {
        said.hear(fact);
        if (fact.kind === 'connected') readers.set(fact.reader, new ReadTexts(fact.reader, said));
        if (fact.kind === 'fellBehind') readers.get(fact.reader)?.fallBehind();
        if (fact.kind === 'received') readers.get(fact.reader)?.take(fact);
      },
    };
  },
};

type SaidText = {
  /** The text of all published pieces. */
  text: string;
  readonly sessionId: string;
  /** The text in the journal: the first piece and the checkpoints, or the final content. */
  stored: string;
  /** The reasoning in the journal: that of its parts. */
  storedReasoning: string;
  /** True once its end was published. */
  ended: boolean;
  /** True when it continues although the process died. */
  kept: boolean;
  /** True when the actor that wrote it has gone. */
  broken: boolean;
};

class SaidTexts {
  readonly #truth: Truth;
  readonly #messages = new Map<string, SaidText>();
  readonly #reasonings = new Map<string, string>();
  /** All reasoning of an answer, as it was stored with the newest step that waits for a person. */
  readonly #stepReasonings = new Map<string, string>();
  /** The model's text, by turn; only what it sent while the actor listened. */
  readonly #model = new Map<string, Map<number, string>>();
  readonly #turns = new Map<string, { readonly promptId: string; readonly answerId: string }>();
  /** The turn that began last for a question. */
  readonly #started = new Map<string, string>();
  /** The text that an answer had when the turn went on with it. */
  readonly #continued = new Map<string, string>();
  /** Turns that agents push from outside. */
  readonly #pushed = new Set<string>();
  /** The newest turn of each answer. */
  readonly #answers = new Map<string, string>();

  /** The newest event that was published. */
  newest = 0;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  hear(fact: Fact): void {
    switch (fact.kind) {
      case 'committed':
        this.#committed(fact);
        return;
      case 'published':
        this.newest = fact.seq;
        if (fact.event.type === 'message.updated') this.#ended(fact.event.data);
        return;
      case 'streamed':
        if (fact.event.type === 'message.delta') this.#grew(fact.event);
        else this.#reasoned(fact.event);
        return;
      case 'modelCalled':
        // A new attempt starts with an empty text.
        this.#model.get(this.#turnOf(fact))?.delete(fact.step);
        return;
      case 'modelSaid': {
        const turn = this.#turnOf(fact);
        const steps = this.#model.get(turn) ?? new Map<number, string>();
        steps.set(fact.step, (steps.get(fact.step) ?? '') + fact.text);
        this.#model.set(turn, steps);
        return;
      }
      case 'died':
        this.#keptByThoseThatWait();
        this.#broke((said) => !said.kept);
        return;
      case 'rejected':
        this.#broke(({ sessionId }) => sessionId === fact.lane);
        return;
      default:
        return;
    }
  }

  /** An answer whose turn waits for a person continues after the restart, from the durable text. */
  #keptByThoseThatWait(): void {
    for (const [id, said] of this.#messages) {
      const turn = turnIdSchema.safeParse(this.#answers.get(id)).data;
      const calls = turn === undefined ? [] : this.#truth.tables.toolCalls(turn);
      const isPushed = turn !== undefined && this.#pushed.has(turn);
      const goesOn = isPushed || calls.some(({ status }) => status === 'awaitingApproval');
      said.kept = !said.ended && !said.broken && goesOn;
      if (!said.kept) continue;
      said.text = said.stored;
      // What is stored may be less than what was published, and more: the process may die between commit and publishing.
      const reasoning = isPushed ? said.storedReasoning : this.#stepReasonings.get(id);
      if (reasoning !== undefined) this.#reasonings.set(id, reasoning);
    }
  }

  #broke(which: (said: SaidText) => boolean): void {
    for (const said of this.#messages.values()) if (!said.ended && which(said)) said.broken = true;
  }

  #committed({ event }: FactOf<'committed'>): void {
    switch (event.type) {
      case 'message.created': {
        const { sessionId, role, content, marks } = event.data;
        const id = nameOfMessage(sessionId, event.data.id);
        holds(!this.#messages.has(id), () => `message ${id} was created twice`);
        // Messages of clients and the fixed sentence of a failure are complete at once; an answer begins with its
        // first piece.
        const text = role === 'assistant' && this.#answers.has(id) ? '' : content;
        this.#messages.set(id, {
          text,
          sessionId,
          stored: content,
          storedReasoning: reasoningIn(marks),
          ended: false,
          kept: false,
          broken: false,
        });
        return;
      }
      case 'message.checkpoint': {
        const { offset, text, marks } = event.data;
        const messageId = nameOfMessage(event.sessionId, event.data.messageId);
        const said = this.#messages.get(messageId);
        holds(said !== undefined, () => `message ${messageId} was checkpointed before it was created`);
        holds(
          offset === said.stored.length,
          () => `a checkpoint at ${offset} after ${said.stored.length} units`,
        );
        said.stored += text;
        said.storedReasoning += reasoningIn(marks);
        return;
      }
      case 'message.updated': {
        const { content, promptId, marks } = event.data;
        const id = nameOfMessage(event.sessionId, event.data.id);
        const said = this.#messages.get(id);
        holds(said !== undefined, () => `message ${id} was updated before it was created`);
        holds(
          !said.broken || promptId === undefined || content === said.stored,
          () => `"${said.stored}" of message ${id} was durable, and it ends as "${content}"`,
        );
        said.stored = content;
        said.storedReasoning = reasoningIn(marks);
        return;
      }
      case 'turn.queued': {
        const { turnId, sessionId, continuesAt, pushed } = event.data;
        const promptId = nameOfMessage(sessionId, event.data.promptId);
        const answerId = nameOfMessage(sessionId, event.data.answerId);
        if (pushed !== undefined) this.#pushed.add(turnId);
        this.#turns.set(turnId, { promptId, answerId });
        this.#answers.set(answerId, turnId);
        if (continuesAt !== undefined && !this.#continued.has(turnId)) {
          this.#continued.set(turnId, (this.#messages.get(answerId)?.stored ?? '').slice(0, continuesAt));
        }
        return;
      }
      case 'turn.step.ended': {
        const { turnId, reasoning } = event.data;
        const turn = this.#turns.get(turnId);
        if (turn !== undefined && reasoning !== undefined)
          this.#stepReasonings.set(turn.answerId, reasoning.text);
        return;
      }
      case 'turn.started': {
        const turn = this.#turns.get(event.data.turnId);
        if (turn !== undefined) this.#started.set(turn.promptId, event.data.turnId);
        return;
      }
      case 'turn.ended': {
        const { turnId, outcome } = event.data;
        // What agents push is compared with what they say (outside-agents.ts).
        if (outcome === 'completed' && !this.#pushed.has(turnId)) this.#isWhatTheModelSaid(turnId);
        return;
      }
      default:
        return;
    }
  }

  #ended({ sessionId, content, status, promptId, marks, ...message }: MessageFact): void {
    const id = nameOfMessage(sessionId, message.id);
    const said = this.#messages.get(id);
    holds(said !== undefined, () => `the end of message ${id} was published before it was created`);
    if (promptId === undefined) {
      // It waited, and was changed or placed.
      said.text = content;
      return;
    }
    if (status === 'streaming') {
      // Another turn goes on with it.
      said.text = content;
      this.#reasonings.set(id, reasoningIn(marks));
      said.ended = false;
      said.broken = false;
      return;
    }
    holds(
      said.broken || content === said.text,
      () => `message ${id} ends as "${content}" after "${said.text}"`,
    );
    said.ended = true;
  }

  /** Whether the actor that wrote the message has gone, so that text may have been lost. */
  isBroken(id: string): boolean {
    return this.#messages.get(id)?.broken === true;
  }

  #grew({ offset, text: piece, ...message }: TextPiece): void {
    const messageId = nameOfMessage(message.sessionId, message.messageId);
    const said = this.#messages.get(messageId);
    holds(said !== undefined, () => `a piece of ${messageId} came before it was created`);
    holds(
      offset === said.text.length,
      () => `a piece at ${offset} after ${said.text.length} units of ${messageId}`,
    );
    holds(piece.isWellFormed(), () => `a piece of ${messageId} splits a character`);
    holds(!said.ended, () => `a piece of ${messageId} came after its end`);
    said.text += piece;
  }

  #reasoned({ offset, text: piece, ...message }: TextPiece): void {
    const messageId = nameOfMessage(message.sessionId, message.messageId);
    const before = this.#reasonings.get(messageId) ?? '';
    // A replaced session starts again.
    holds(
      offset === before.length || offset === 0,
      () => `reasoning at ${offset} after ${before.length} units`,
    );
    this.#reasonings.set(messageId, before.slice(0, offset) + piece);
  }

  #turnOf({ sessionId, promptId }: FactOf<'modelCalled' | 'modelSaid'>): string {
    return this.#started.get(nameOfMessage(sessionId, promptId)) ?? '';
  }

  #isWhatTheModelSaid(turnId: string): void {
    const steps = [...(this.#model.get(turnId) ?? [])].sort(([one], [other]) => one - other);
    const before = this.#continued.get(turnId) ?? '';
    // White space waits for the first word of its own model call ([MDL12]): a call that says nothing else says nothing.
    const expected = steps
      .map(([, said]) => storableText(said))
      .reduce((text, said) => (text === '' && isBlank(said) ? '' : text + said), before);
    const content = this.#messages.get(this.#turns.get(turnId)?.answerId ?? '')?.stored ?? '';
    holds(content === expected, () => `the model said "${expected}" and the answer is "${content}"`);
  }
}

/** Texts as one connection received them. */
class ReadTexts {
  readonly #reader: Reader;
  readonly #said: SaidTexts;
  readonly #texts = new Map<string, string>();
  /** Texts that were read while the connection was behind: the rest may come with their final content. */
  readonly #partial = new Set<string>();
  /** What it gets up to this event it reads from the journal, which has no deltas. */
  #behindTo = 0;
  readonly #ended = new Set<string>();
  /** The newest event that told a message. */
  readonly #newest = new Map<string, number>();

  constructor(reader: Reader, said: SaidTexts) {
    this.#reader = reader;
    this.#said = said;
  }

  fallBehind(): void {
    for (const id of this.#texts.keys()) this.#partial.add(id);
    this.#behindTo = this.#said.newest;
  }

  take({ frame }: FactOf<'received'>): void {
    const { event, data } = frame;
    holds(event !== 'nonsense', () => `${this.#reader.name} got ${String(data['what'])}`);
    if (this.#isOld(frame)) return;
    switch (event) {
      case 'message.delta':
        this.#delta(
          nameOfMessage(data['sessionId'], data['messageId']),
          Number(data['offset']),
          String(data['text']),
        );
        return;
      case 'message.partial':
        this.#whole(told(data), String(data['content']));
        return;
      case 'message.updated':
        if (data['status'] === 'streaming') this.#reopened(told(data), String(data['content']), frame.seq);
        else if (data['role'] === 'assistant') this.#updated(told(data), textIn(data));
        return;
      default:
        return;
    }
  }

  /** Another subscription of a live reader may bring an older event after a newer one: its `seq` says so. */
  #isOld({ event, data, seq }: FactOf<'received'>['frame']): boolean {
    if (this.#reader.kind !== 'live' || event !== 'message.updated' || seq === undefined) return false;
    const id = told(data);
    const newest = this.#newest.get(id) ?? 0;
    this.#newest.set(id, Math.max(newest, seq));
    return seq <= newest;
  }

  #delta(id: string, offset: number, piece: string): void {
    const known = this.#texts.get(id) ?? '';
    holds(!this.#ended.has(id), () => `${this.#reader.name} got a delta after the end of ${id}`);
    holds(
      offset === known.length,
      () => `${this.#reader.name} got a delta of ${id} at ${offset} after ${known.length} units`,
    );
    this.#texts.set(id, known + piece);
  }

  /** A snapshot, or the frame that a baseline reader gets for each piece. */
  #whole(id: string, content: string): void {
    const known = this.#texts.get(id) ?? '';
    holds(!this.#ended.has(id), () => `${this.#reader.name} got a partial after the end of ${id}`);
    holds(
      content.startsWith(known),
      () => `${this.#reader.name} got a partial of ${id} that does not continue`,
    );
    this.#texts.set(id, content);
    this.#partial.delete(id);
  }

  /** Another turn goes on with the answer. */
  #reopened(id: string, content: string, seq = Number.POSITIVE_INFINITY): void {
    this.#ended.delete(id);
    if (seq > this.#behindTo) this.#partial.delete(id);
    else this.#partial.add(id);
    this.#texts.set(id, content);
  }

  #updated(id: string, content: string): void {
    this.#ended.add(id);
    const known = this.#texts.get(id);
    if (known === undefined || this.#said.isBroken(id)) return;
    const isPart = this.#partial.has(id) || this.#reader.kind === 'live';
    const holdsTrue = isPart ? content.startsWith(known) : content === known;
    holds(holdsTrue, () => `${this.#reader.name} read "${known}" and ${id} ends as "${content}"`);
  }
}

function reasoningIn(marks: readonly MessageMark[] = []): string {
  return marks.map(({ part }) => (part?.type === 'reasoning' ? part.text : '')).join('');
}

function told(data: Readonly<Record<string, unknown>>): string {
  return nameOfMessage(data['sessionId'], data['id']);
}

/** What was said; a failed answer without text shows a sentence instead. */
function textIn(data: Readonly<Record<string, unknown>>): string {
  const content = String(data['content']);
  return content === failureText ? '' : content;
}
