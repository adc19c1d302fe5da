/** Where the inspector gets what it shows: from a server, or from the file that it is in. */
import type { ReadonlySignal } from '@preact/signals';
import type { RecordingHead } from '../../../schema/session-recording.ts';
import { readApiKey } from '../access/api-key.ts';
import { type PageAddress, queryAddress } from './page-address.ts';
import { type OpenInspectConnection, openInspectConnection } from './time/inspect-connection.ts';
import { type InspectReads, inspectReads } from './time/inspect-reads.ts';

export type InspectSource = {
  /** Opens it, with the credential that the page has by now. */
  readonly open: () => OpenedSource;
  readonly address: PageAddress;
  readonly file: RecordingFile | null;
};

export type OpenedSource = {
  readonly hasKey: boolean;
  readonly reads: InspectReads;
  /** Follows the running server; `null`: there is none. */
  readonly connect: OpenInspectConnection | null;
};

export type RecordingFile = {
  readonly head: RecordingHead;
  /** What is wrong with it, or left out of it, in words for people; empty until it is read. */
  readonly remarks: ReadonlySignal<readonly string[]>;
};

/** `url` is the server's address, without a slash at its end. */
export function serverSource(url: string): InspectSource {
  return {
    open() {
      const apiKey = readApiKey() ?? null;
      return {
        hasKey: apiKey !== null,
        reads: inspectReads(url, apiKey),
        connect: (options) => openInspectConnection({ url, apiKey, ...options }),
      };
    },
    address: queryAddress,
    file: null,
  };
}
