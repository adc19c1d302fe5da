/** The tools that a simulated model calls. */

export const toolNames = ['lookup', 'write', 'guarded', 'stubborn', 'unknown'] as const;

/** Those that operators register. */
export const remoteToolNames = ['remote', 'faraway'] as const;
