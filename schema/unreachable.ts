/** Ends an exhaustive switch: a case without a branch fails the type check, and throws if it occurs all the same. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** Checks what the surrounding code relies on; a failure is a bug, never bad input. */
export function assert(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${statement}`);
}
