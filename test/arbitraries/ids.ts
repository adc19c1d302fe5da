/** Readable ids of any brand. */
export function idOf<Id extends string>(kind: number, count: number): Id {
  const text = `${hex(kind, 8)}-0000-4000-8000-${hex(count, 12)}`;
  return text as string as Id;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** The first number of the ids of each kind. */
export const idKinds = {
  session: 1,
  command: 2,
  prompt: 3,
  turn: 4,
  answer: 5,
  trace: 7,
  call: 8,
  file: 9,
};
