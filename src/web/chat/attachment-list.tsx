/** The files that go with the next message, each with its progress and a button that removes it. */
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import type { ChosenFile, ChosenFiles } from './chosen-files.ts';
import { byteWords, isPicture } from './file-words.ts';
import { Picture } from './picture.tsx';

export type AttachmentListProps = { readonly attached: ChosenFiles };

export function AttachmentList({ attached }: AttachmentListProps) {
  const files = attached.files.value;
  if (files.length === 0) return null;
  return (
    <ul class="attachments" aria-label="Attached files">
      {files.map((file) => (
        <Attachment key={file.id} file={file} attached={attached} />
      ))}
    </ul>
  );
}

function Attachment({ file, attached }: AttachmentListProps & { readonly file: ChosenFile }) {
  const { id, name, type, bytes, fileId, share, failure } = file;
  return (
    <li class={failure === undefined ? '' : 'refused'}>
      {isPicture(type) ? <Picture name="" read={() => attached.read(file)} /> : <Icon name="file" />}
      <span class="words">
        <bdi class="name" title={name}>
          {name}
        </bdi>
        {failure !== undefined ? (
          <span role="alert">{failure.words}</span>
        ) : fileId === undefined ? (
          <progress value={share} max={1} aria-label={`Sending ${name}`} />
        ) : (
          <span>{byteWords(bytes)}</span>
        )}
      </span>
      {failure?.isFinal === false ? (
        <Button look="quiet" icon="again" label={`Try ${name} again`} onClick={() => attached.retry(id)} />
      ) : null}
      <Button look="quiet" icon="close" label={`Remove ${name}`} onClick={() => attached.remove(id)} />
    </li>
  );
}
