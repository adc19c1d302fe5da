/** When SQLite waits for the disk (https://www.sqlite.org/pragma.html#pragma_synchronous), in WAL mode. */

/**
 * `normal`: a commit survives the death of the process (I10); a power cut may lose the last commits, but never
 * damages the file. `full`: a commit also survives a power cut, if the disk is honest; each commit then waits for the
 * disk.
 */
export const sqliteSynchronousModes = ['normal', 'full'] as const;
export type SqliteSynchronous = (typeof sqliteSynchronousModes)[number];
