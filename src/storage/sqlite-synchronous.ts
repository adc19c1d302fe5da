/** How patient SQLite is with the disk (https://www.sqlite.org/pragma.html#pragma_synchronous), in WAL mode. */

/**
 * What a commit survives. `normal`: the death of the process (I10); the last ones before a power cut may be lost, the
 * file stays sound. `full`: the power cut, too, if the disk keeps its word; each commit then waits for it.
 */
export const sqliteSynchronousModes = ['normal', 'full'] as const;
export type SqliteSynchronous = (typeof sqliteSynchronousModes)[number];
