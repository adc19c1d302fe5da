/** Files for systems whose files are not measured: there are none. */
import type { SessionFiles } from '../../actors/file-store.ts';
import { refusal, refused } from '../../schema/refusal.ts';

export const noFiles: SessionFiles = {
  access: async () => new Map(),
  file: async () => undefined,
  keep: async () => refused(refusal('unavailable', 'there are no files')),
};
