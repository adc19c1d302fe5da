/** The calls of the file system that the disk store makes; tests replace them to make them fail. */
import { chmod, mkdir, open, opendir, rename, rm, stat, unlink } from 'node:fs/promises';

export const diskCalls = { chmod, mkdir, open, opendir, rename, rm, stat, unlink } as const;
export type DiskCalls = typeof diskCalls;
