/**
 * The thread of a store, which ends itself at a step: each statement, its beginning and its end, and each answer is one.
 */
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

let left: number = workerData.stepsToLive;

function step(): void {
  if (left-- === 0) process.exit(1);
}

function mortal<Name extends string>(owner: Record<Name, (...given: never[]) => unknown>, name: Name): void {
  const original = owner[name];
  owner[name] = function (this: unknown, ...given: never[]) {
    step();
    const result = Reflect.apply(original, this, given);
    step();
    return result;
  };
}

mortal(DatabaseSync.prototype, 'exec');
mortal(StatementSync.prototype, 'all');
mortal(StatementSync.prototype, 'run');
if (parentPort !== null) mortal(parentPort, 'postMessage');

await import('../../../../src/storage/sqlite/thread-program.ts');
