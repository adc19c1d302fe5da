/**
 * A placeholder for logic that the actors layer must provide. It never runs in a machine that is only read or stepped
 * with `transition()`.
 */
export function unprovided(name: string): () => never {
  return () => {
    throw new Error(`actor logic "${name}" was not provided`);
  };
}
