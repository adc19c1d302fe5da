/** Brings files to the server and from there, with the credential of the page. */
import type { FileId } from '../../../schema/ids.ts';
import type { Client } from '../../client/client.ts';
import { isFileId } from '../id-text.ts';

/** Why a file could not be stored, in words; `isFinal`: trying again would not help. */
export class UploadError extends Error {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean) {
    super(message);
    this.isFinal = isFinal;
  }
}

export type UploadOptions = {
  /** The same file under the same key is stored once. */
  readonly key: string;
  readonly signal: AbortSignal;
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void;
};

/** Resolves with the id of the stored file; rejects with an {@link UploadError}. */
export async function uploadFile(
  { core }: Client,
  file: Blob,
  name: string,
  options: UploadOptions,
): Promise<FileId> {
  const { url, headers, tokens } = core.settings;
  const token = tokens === undefined ? undefined : await tokens.current();
  const { promise, resolve, reject } = Promise.withResolvers<FileId>();
  // `fetch` does not tell how much of a body has been sent.
  const request = new XMLHttpRequest();
  request.open('POST', `${url}/files`);
  for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
  if (token !== undefined) request.setRequestHeader('authorization', `Bearer ${token}`);
  request.setRequestHeader('x-file-name', encodeURIComponent(name));
  request.setRequestHeader('idempotency-key', options.key);
  request.upload.onprogress = ({ loaded, total }) => options.onProgress(total === 0 ? 1 : loaded / total);
  request.onload = () => {
    const said = answerOf(request.responseText);
    if (request.status === 201 || request.status === 200) {
      if (said.id === undefined)
        reject(new UploadError('The server gave no answer that can be read.', false));
      else resolve(said.id);
    } else reject(refused(request.status, said.message));
  };
  request.onerror = () =>
    reject(
      new UploadError('The file could not be sent: the server does not answer, or it is too large.', false),
    );
  options.signal.addEventListener('abort', () => request.abort(), { once: true });
  request.send(file);
  return promise;
}

function refused(status: number, message: string | undefined): UploadError {
  switch (status) {
    case 401:
      return new UploadError('The server does not accept the key any more.', false);
    case 403:
      return new UploadError('You may not send files here.', true);
    case 413:
      return new UploadError('The file is too large.', true);
    default:
      return new UploadError(message ?? `The server refused the file (${status}).`, status < 429);
  }
}

function answerOf(text: string): { readonly id?: FileId; readonly message?: string } {
  try {
    const { id, message } = JSON.parse(text);
    return {
      ...(isFileId(id) ? { id } : {}),
      ...(typeof message === 'string' ? { message } : {}),
    };
  } catch {
    return {};
  }
}

/** `undefined`: the file is gone, or cannot be read now. */
export async function readFile({ core }: Client, fileId: string): Promise<Blob | undefined> {
  const { url, headers, fetch } = core.settings;
  try {
    const response = await fetch(`${url}/files/${fileId}`, { headers });
    return response.ok ? await response.blob() : undefined;
  } catch {
    return undefined;
  }
}
