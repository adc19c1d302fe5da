/**
 * Counts what one operation of a subject costs: instructions, by callgrind, in an interpreter without a compiler and without
 * helper threads, which makes them the same from run to run; and the subject's own facts.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { z } from 'zod';
import { type Facts, type Subject, subjects } from './subjects.ts';

const entry = new URL('./run-subject.ts', import.meta.url).pathname;
const predictable = ['--jitless', '--predictable', '--single-threaded', '--hash-seed=1', '--random-seed=1'];
const runMsMax = 120_000;
const factsSchema = z.record(z.string(), z.number());

type Run = { readonly instructions: number; readonly facts: Facts };

/** Figures of one operation of each subject, by its name. */
export async function countedFigures(): Promise<Readonly<Record<string, Facts>>> {
  const folder = await mkdtemp(join(tmpdir(), 'callboard-counted-'));
  try {
    const program = join(folder, 'run-subject.mjs');
    // JavaScript, because Node reads TypeScript with WebAssembly, which needs the compiler that is off here.
    const bundle = await rolldown({ input: entry, platform: 'node' });
    await bundle.write({ file: program, format: 'esm', codeSplitting: false });
    const figures: Record<string, Facts> = {};
    for (const [name, subject] of Object.entries(subjects))
      figures[name] = await counted(program, name, subject);
    return figures;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function counted(program: string, name: string, { operations }: Subject): Promise<Facts> {
  const { few, many } = operations;
  const [less, more] = await Promise.all([runCounted(program, name, few), runCounted(program, name, many)]);
  const each = (value: (run: Run) => number) => (value(more) - value(less)) / (many - few);
  return {
    instructions: Math.round(each(({ instructions }) => instructions)),
    ...Object.fromEntries(
      Object.keys(more.facts).map((fact) => [fact, each(({ facts }) => facts[fact] ?? 0)]),
    ),
  };
}

async function runCounted(program: string, name: string, operations: number): Promise<Run> {
  const child = spawn(
    'valgrind',
    [
      ...['--tool=callgrind', '--callgrind-out-file=/dev/null'],
      ...[process.execPath, ...predictable, program, name, String(operations)],
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: runMsMax,
      env: { PATH: process.env['PATH'] },
    },
  );
  const [said, told] = [text(child.stdout), text(child.stderr)];
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const counted = /Collected : (\d+)/.exec(await told)?.[1];
  if (code !== 0 || counted === undefined)
    throw new Error(`counting ${name} failed (${code}): ${(await told).slice(-2000)}`);
  return { instructions: Number(counted), facts: factsSchema.parse(JSON.parse(await said)) };
}

async function text(stream: AsyncIterable<unknown>): Promise<string> {
  let all = '';
  for await (const chunk of stream) all += String(chunk);
  return all;
}
