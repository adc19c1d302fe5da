/** The files that one run of a tool returns beside its result, kept in their order; one that fails costs itself alone. */

import type { ToolRunnerInput } from '../../machines/tool-call.ts';
import { limits } from '../../schema/limits.ts';
import type { FilePart } from '../../schema/message-part.ts';
import { type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type { ReturnedFile, SessionFiles } from '../file-store.ts';
import type { Log } from '../ports.ts';

/** The call whose tool returns them. */
type ReturningCall = Pick<ToolRunnerInput, 'name' | 'sessionId'>;

export class ReturnedFiles {
  readonly #ports: { readonly files: Pick<SessionFiles, 'keep'>; readonly log: Log };
  readonly #call: ReturningCall;
  /** `null`: it is being kept, or could not be. */
  readonly #parts: (FilePart | null)[] = [];

  constructor(ports: { readonly files: Pick<SessionFiles, 'keep'>; readonly log: Log }, call: ReturningCall) {
    this.#ports = ports;
    this.#call = call;
  }

  /** Never rejects. */
  readonly add = async (file: ReturnedFile): Promise<Outcome<FilePart>> => {
    const kept = await this.#keep(file);
    if (!kept.ok) {
      const { message } = kept.refusal;
      this.#ports.log.warn('A file that a tool returned is not kept', {
        tool: this.#call.name,
        reason: message,
      });
    }
    return kept;
  };

  /** Those that are kept by now; empty fields when there are none. */
  get kept(): { readonly files?: readonly FilePart[] } {
    const files = this.#parts.filter((part) => part !== null);
    return files.length === 0 ? {} : { files };
  }

  async #keep(file: ReturnedFile): Promise<Outcome<FilePart>> {
    const place = this.#parts.length;
    if (place >= limits.toolCallFilesMax) {
      return refused(refusal('conflict', `more than ${limits.toolCallFilesMax} files`));
    }
    this.#parts.push(null);
    try {
      const stored = await this.#ports.files.keep(file, this.#call.sessionId);
      if (!stored.ok) return stored;
      const { id, name, type, bytes } = stored.value;
      const part: FilePart = { type: 'file', fileId: id, name, mediaType: type, bytes };
      this.#parts[place] = part;
      return { ok: true, value: part };
    } catch (cause) {
      return refused(refusal('internal', cause instanceof Error ? cause.message : String(cause)));
    }
  }
}
