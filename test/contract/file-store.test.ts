/** Runs the contract of the file store against the fake and the disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDiskFileStore } from '../../src/files/disk-file-store.ts';
import { memoryFileStore } from '../fakes/memory-file-store.ts';
import { fileStoreContract } from './file-store-contract.ts';

fileStoreContract({
  name: 'memory fake',
  open: async () => ({ store: memoryFileStore(), close: async () => {} }),
});

fileStoreContract({
  name: 'disk',
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callboard-'));
    const store = await openDiskFileStore(join(folder, 'files'));
    return { store, close: () => rm(folder, { recursive: true }) };
  },
});
