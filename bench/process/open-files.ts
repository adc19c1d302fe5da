/** How many files and connections a process may open: raised for those that need more, where this user may. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Why no process that opens so many can be started, or undefined when it can. */
export function whyTooFewFiles(needed: number): string | undefined {
  const [command = '', ...argv] = commandWithFiles(needed);
  if (command === '' || spawnSync(command, [...argv, 'true']).status === 0) return undefined;
  return `a process may open ${allowedFiles()} files and connections here, ${needed} are needed, and \`prlimit\` cannot raise the limit`;
}

/** What a command is preceded by, so that it may open so many. Node raises its own limit up to the hard one. */
export function commandWithFiles(needed: number): readonly string[] {
  return needed <= allowedFiles() ? [] : ['prlimit', `--nofile=${needed}:${needed}`];
}

/** The hard limit of this process, which its children inherit; infinite where it cannot be read. */
function allowedFiles(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1');
    const hard = /^Max open files +\S+ +(\S+)/m.exec(limits)?.[1];
    return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
