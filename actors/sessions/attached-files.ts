/**
 * The files in what a client says: looked up before the message is taken, and refused at once if the model that would
 * answer does not take them (SPEC [FIL30]–[FIL32]).
 */
import { fileWords, unfitReason } from '../../schema/attachment.ts';
import type { Visibility } from '../../schema/authorization.ts';
import type { FileId, SessionId } from '../../schema/ids.ts';
import { limits } from '../../schema/limits.ts';
import type { FilePart, MessageMark } from '../../schema/message-part.ts';
import { type ModelOptions, mergedModelOptions } from '../../schema/model-options.ts';
import {
  accepted,
  fileNotFound,
  type Outcome,
  type Refusal,
  refusal,
  refused,
} from '../../schema/refusal.ts';
import type { SessionFiles } from '../file-store.ts';
import type { Engine, ReadModel } from '../ports.ts';
import { seenFiles } from '../seen-files.ts';

export type AttachedFilesOptions = {
  readonly files: Pick<SessionFiles, 'file' | 'access'>;
  readonly readModel: Pick<ReadModel, 'session'>;
  readonly settings: () => {
    readonly engine: Pick<Engine, 'accepts'>;
    /** The server's options; those of session and message override them. */
    readonly modelOptions: ModelOptions;
  };
};

export class AttachedFiles {
  readonly #options: AttachedFilesOptions;

  constructor(options: AttachedFilesOptions) {
    this.#options = options;
  }

  /**
   * The marks with what is known of their files; refused when a file does not exist, or `sees` does not see it. Rejects
   * when nobody can say.
   */
  async known(
    marks: readonly MessageMark[],
    sees: Visibility | undefined,
  ): Promise<Outcome<readonly MessageMark[]>> {
    const { files } = this.#options;
    const named = filesIn(marks).map(({ fileId }) => fileId);
    const seen = sees === undefined ? null : await seenFiles(files, named, sees);
    const known: MessageMark[] = [];
    for (const mark of marks) {
      if (mark.part?.type !== 'file') {
        known.push(mark);
        continue;
      }
      const { fileId } = mark.part;
      const part = seen?.has(fileId) === false ? undefined : await this.#find(fileId);
      if (part === undefined) return refused(fileNotFound(fileId));
      known.push({ offset: mark.offset, part });
    }
    return accepted(known);
  }

  /**
   * Why the model that would answer cannot be sent these files; `null`: it can. `options`: those of the answer. Rejects
   * when nobody can say.
   */
  async unfit(
    session: SessionId,
    marks: readonly MessageMark[],
    options: ModelOptions,
  ): Promise<Refusal | null> {
    return this.#unfit(session, filesIn(marks), options);
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
    const { readModel, settings } = this.#options;
    const { engine, modelOptions } = settings();
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

/** Whether a message with these marks has files. */
export function hasFiles(marks: readonly MessageMark[] = []): boolean {
  return filesIn(marks).length > 0;
}
