/** `<provider>/<model>`, or `rehearsal`. */

export type ModelName =
  | { readonly provider: 'rehearsal' }
  | { readonly provider: string; readonly model: string };

/** `undefined` when there is no provider before, or no model after, the first slash. */
export function parsedModelName(name: string): ModelName | undefined {
  if (name === 'rehearsal') return { provider: 'rehearsal' };
  const slash = name.indexOf('/');
  if (slash < 1 || slash === name.length - 1) return undefined;
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}
