/** The fields of a form, read from the schema of what it gives. */
import { z } from 'zod';

export type Field = {
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'line' | 'number' | 'check' | 'choice';
  readonly choices: readonly string[];
  /** What the form begins with. */
  readonly initial: string;
};

/** `label` and `lines` of a field are its metadata; `initial` is what its form begins with. */
const fieldMeta = z.object({
  title: z.string(),
  lines: z.literal('many').optional(),
  initial: z.string().default(''),
});

export type FieldMeta = z.input<typeof fieldMeta>;

export function formFields(schema: z.ZodObject): readonly Field[] {
  return Object.entries(schema.shape).map(([name, given]) => {
    const { title, lines, initial } = fieldMeta.parse(given.meta() ?? { title: name });
    const inner = given instanceof z.ZodOptional ? given.unwrap() : given;
    const base = { name, label: title, choices: [] };
    if (inner instanceof z.ZodEnum) {
      const choices = inner.options.map(String);
      return { ...base, kind: 'choice', choices, initial: initial === '' ? (choices[0] ?? '') : initial };
    }
    if (inner instanceof z.ZodBoolean) return { ...base, kind: 'check', initial };
    if (inner instanceof z.ZodNumber) return { ...base, kind: 'number', initial };
    return { ...base, kind: lines === 'many' ? 'text' : 'line', initial };
  });
}

export type Given = Readonly<Record<string, string>>;

export type Read =
  | { readonly ok: true; readonly value: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly faults: readonly string[] };

/** What the person typed, by the schema; faults are sentences that begin with the field's label. */
export function readFields(schema: z.ZodObject, given: Given): Read {
  const fields = formFields(schema);
  const typed = fields.flatMap(({ name, kind, initial }): [string, unknown][] => {
    const text = given[name] ?? initial;
    if (kind === 'check') return [[name, text === 'true']];
    if (kind === 'number') return text.trim() === '' ? [] : [[name, Number(text)]];
    return text === '' && schema.shape[name] instanceof z.ZodOptional ? [] : [[name, text]];
  });
  const parsed = schema.safeParse(Object.fromEntries(typed));
  if (parsed.success) return { ok: true, value: parsed.data };
  return {
    ok: false,
    faults: parsed.error.issues.map(({ path, message }) => {
      const label = fields.find(({ name }) => name === path[0])?.label;
      return label === undefined ? message : `${label}: ${message}`;
    }),
  };
}
