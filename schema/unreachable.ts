/** Ends an exhaustive switch: a new case that nobody handles fails the type check, and throws if it still arrives. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** States what the surrounding code relies on; a failure is a bug, never bad input. */
export function assert(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${statement}`);
}
