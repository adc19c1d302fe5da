/**
 * Stands where the actors layer must provide live logic. A machine that is only read or stepped with
 * `transition()` never runs it.
 */
export function unprovided(name: string): () => never {
  return () => {
    throw new Error(`actor logic "${name}" was not provided`);
  };
}
