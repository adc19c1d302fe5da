/**
 * Keywords of JSON Schema whose usual implementations compare everything with everything: here each value is looked up
 * once, by its JSON text with sorted keys.
 */
import type { FuncKeywordDefinition } from 'ajv';
import { workKeyword } from './usable-schema.ts';
import { spend } from './validation-work.ts';

export const linearKeywords: readonly FuncKeywordDefinition[] = [
  {
    keyword: workKeyword,
    schemaType: 'boolean',
    errors: false,
    validate: () => {
      spend(1);
      return true;
    },
  },
  {
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    errors: false,
    error: { message: 'must NOT have duplicate items' },
    compile: (isUnique: boolean) => (items: readonly unknown[]) => {
      if (!isUnique) return true;
      const seen = new Set<string>();
      return items.every((item) => seen.size !== seen.add(sortedJson(item)).size);
    },
  },
  {
    keyword: 'enum',
    schemaType: 'array',
    errors: false,
    error: { message: 'must be equal to one of the allowed values' },
    compile: (allowed: readonly unknown[]) => {
      const known = new Set(allowed.map(sortedJson));
      return (value: unknown) => known.has(sortedJson(value));
    },
  },
];

function sortedJson(value: unknown): string {
  spend(1);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(',')}}`;
}
