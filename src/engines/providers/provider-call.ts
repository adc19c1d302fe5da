/** One call of a configured provider: what all adapters need to make it. */
import type { FileStore } from '../../../actors/file-store.ts';
import type { Clock, EngineRequest, Log } from '../../../actors/ports.ts';
import type { ProviderSettings } from '../../config/engine-settings.ts';
import type { AttachmentRoom } from './attachment-room.ts';
import { attachmentsIn, type ReadFiles, readFiles } from './told/told-files.ts';

export type ProviderCall = {
  readonly provider: string;
  readonly model: string;
  readonly settings: ProviderSettings;
  /** Where the files of conversations are. */
  readonly files: Pick<FileStore, 'open'>;
  readonly room: AttachmentRoom;
  readonly clock: Clock;
  readonly log: Log;
};

/** The files that a request carries, in memory; `release` says that they are not needed any more. */
export type HeldFiles = { readonly files: ReadFiles; readonly release: () => void };

/** Waits for room in memory; rejects when `signal` aborts before there is any. */
export async function heldFiles(
  { files, room, log }: ProviderCall,
  { conversation }: Pick<EngineRequest, 'conversation'>,
  signal: AbortSignal,
): Promise<HeldFiles> {
  const attachments = conversation.flatMap(attachmentsIn);
  if (attachments.length === 0) return { files: new Map(), release: () => {} };
  const bytes = attachments.reduce((sum, file) => sum + file.bytes, 0);
  const release = await room.hold(bytes, signal);
  try {
    const note = (problem: string, cause: unknown) => log.warn(problem, { cause });
    return { files: await readFiles(conversation, files, note), release };
  } catch (cause) {
    release();
    throw cause;
  }
}
