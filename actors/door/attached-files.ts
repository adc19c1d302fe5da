/**
 * The files in what a client says: looked up before the message is taken, and refused at once if the model that would
 * answer does not take them (SPEC [FIL30]–[FIL32]).
 */
import { fileWords, unfitReason } from '../../schema/attachment.ts';
import type { MessageText } from '../../schema/chat-message.ts';
import type { GivenPart } from '../../schema/create-message.ts';
import type { FileId, MessageId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { FilePart, MessageMark } from '../../schema/message-part.ts';
import { type ModelOptions, mergedModelOptions } from '../../schema/model-options.ts';
import { type Outcome, type Refusal, refusal, refused } from '../../schema/refusal.ts';
import type { SessionFiles } from '../file-store.ts';
import type { Engine, ReadModel } from '../ports.ts';
import { givenText } from './given-text.ts';

export type AttachedFilesOptions = {
  readonly files: Pick<SessionFiles, 'file'>;
  readonly readModel: Pick<ReadModel, 'session' | 'message'>;
  readonly engine: Pick<Engine, 'accepts'>;
  /** The server's options; those of session and message override them. */
  readonly modelOptions: ModelOptions;
};

type Said = { readonly content?: string | undefined; readonly parts?: readonly GivenPart[] | undefined };

export class AttachedFiles {
  readonly #options: AttachedFilesOptions;

  constructor(options: AttachedFilesOptions) {
    this.#options = options;
  }

  /**
   * The text and marks of a message. `options`: those of the answer that it asks for; `null`: it asks for none.
   * `isRepeated`: the message was taken before, so its files were judged then (I10).
   */
  async said(
    session: SessionId,
    body: Said,
    options: ModelOptions | null,
    isRepeated: () => Promise<boolean>,
  ): Promise<Outcome<MessageText>> {
    try {
      const text = await givenText(body, (id) => this.#find(id));
      if (!text.ok || options === null) return text;
      const unfit = await this.#unfit(session, filesIn(text.value.marks), options);
      return unfit === null || (await isRepeated()) ? text : refused(unfit);
    } catch {
      return refused(unreadable);
    }
  }

  /** Why the question of this message, or the message itself, cannot be asked again; `null`: nothing speaks against it. */
  async unfitQuestion(id: MessageId, session: SessionId, options: ModelOptions): Promise<Refusal | null> {
    const { readModel } = this.#options;
    try {
      const message = await readModel.message(id);
      const question = message?.promptId === undefined ? message : await readModel.message(message.promptId);
      // A session has no say about the messages of another.
      if (question === undefined || question.sessionId !== session) return null;
      return await this.#unfit(session, filesIn(question.marks), options);
    } catch {
      return unreadable;
    }
  }

  async #find(fileId: FileId): Promise<FilePart | undefined> {
    const row = await this.#options.files.file(fileId);
    if (row === undefined) return undefined;
    const { name, type, bytes } = row;
    return { type: 'file', fileId, name, mediaType: type, bytes };
  }

  async #unfit(
    session: SessionId,
    files: readonly FilePart[],
    options: ModelOptions,
  ): Promise<Refusal | null> {
    if (files.length === 0) return null;
    const { readModel, engine, modelOptions } = this.#options;
    const ofSession = (await readModel.session(session))?.options;
    const asked = mergedModelOptions(modelOptions, mergedModelOptions(ofSession ?? {}, options));
    const takes = engine.accepts?.(asked) ?? [];
    for (const file of files) {
      const reason = unfitReason(file, takes);
      if (reason !== null) return refusal('bad_request', `The ${fileWords(file)} cannot be sent: ${reason}`);
    }
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    if (takes === 'everything' || bytes <= limits.attachmentBytesMax) return null;
    return refusal(
      'bad_request',
      `The files of the message are ${bytes} bytes together; a model is sent at most ${limits.attachmentBytesMax}`,
    );
  }
}

function filesIn(marks: readonly MessageMark[] = []): readonly FilePart[] {
  return marks.flatMap(({ part }) => (part?.type === 'file' ? [part] : []));
}

const unreadable = refusal('unavailable', 'The database is unavailable; try again');
