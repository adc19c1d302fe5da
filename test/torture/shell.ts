/** Runs programs to their end; the error of a failed one contains its output. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Resolves with standard output. Rejects with the program's error output. */
export async function run(program: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await execute(program, [...args], { cwd: '/', maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${program} ${args.join(' ')}: ${said}`, { cause });
  }
}

export async function succeeds(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}

export const isRoot = process.getuid?.() === 0;
