/** The files of a message: pictures are shown, others can be saved. */
import type { Client, MessagePart } from '../../client/client.ts';
import { Icon } from '../design/icon.tsx';
import { saveFile } from '../design/save-file.ts';
import { readFile } from './file-transfer.ts';
import { byteWords, isPicture } from './file-words.ts';
import { Picture } from './picture.tsx';

type ShownFile = Extract<MessagePart, { type: 'file' }>;

export type MessageFilesProps = { readonly client: Client; readonly files: readonly ShownFile[] };

export function MessageFiles({ client, files }: MessageFilesProps) {
  return (
    <ul class="message-files" aria-label="Files">
      {files.map((file) => (
        <li key={file.fileId}>
          {isPicture(file.mediaType) ? (
            <Picture name={file.name} read={() => readFile(client, file.fileId)} />
          ) : null}
          <button type="button" class="chip" onClick={() => void save(client, file)}>
            <Icon name={isPicture(file.mediaType) ? 'download' : 'file'} />
            <bdi class="name">{file.name}</bdi>
            <span class="size">{byteWords(file.bytes)}</span>
            <span class="unseen">, save</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

async function save(client: Client, { fileId, name }: ShownFile): Promise<void> {
  const bytes = await readFile(client, fileId);
  if (bytes !== undefined) saveFile(name, bytes);
}
