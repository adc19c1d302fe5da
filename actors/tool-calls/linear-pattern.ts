/**
 * Patterns of JSON Schemas on an engine whose time grows with the length of the text and never faster (RE2). The engine
 * of JavaScript tries alternatives one after the other: `^(a+)+$` on 28 letters keeps it busy for seconds.
 *
 * Patterns mean what they mean in JavaScript without the `u` flag, which is how tool servers write them (`^https\:`,
 * `[\w\-]`). What RE2 cannot express (lookahead, back-references, more than 1,000 repetitions) does not compile.
 */
import { RE2JS, RE2JSException } from 're2js';
import { limits } from '../../schema/limits.ts';
import { spend } from './validation-work.ts';

export type LinearPattern = {
  readonly test: (text: string) => boolean;
  /** Tells patterns apart. */
  readonly toString: () => string;
  /** Instructions of its program. */
  readonly size: number;
};

/** The newest; a schema's patterns are looked at before it is compiled with them. */
const recent = new Map<string, LinearPattern | string>();

/** The pattern, or why there is none. */
export function compiledPattern(source: string): LinearPattern | string {
  const known = recent.get(source);
  if (known !== undefined) return known;
  const made = compile(source);
  recent.set(source, made);
  if (recent.size > limits.schemaPatternsKeptMax)
    for (const oldest of recent.keys().take(1)) recent.delete(oldest);
  return made;
}

function compile(source: string): LinearPattern | string {
  if (source.length > limits.schemaPatternUnitsMax) {
    return `it is longer than ${limits.schemaPatternUnitsMax} characters`;
  }
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(source));
    const size = compiled.programSize();
    const workPerUnit = Math.ceil(size / sizePerWork) / unitsPerWork;
    return {
      test: (text) => {
        spend(1 + Math.ceil(text.length * workPerUnit));
        return compiled.test(text);
      },
      toString: () => `/${source}/`,
      size,
    };
  } catch (cause) {
    if (cause instanceof RE2JSException) return cause.message;
    throw cause;
  }
}

// At each letter the engine visits the instructions that are active, at worst all of them, mostly a few.
const unitsPerWork = 16;
const sizePerWork = 32;

/** What `ajv` compiles patterns with. Those that do not compile were left out before. */
export const linearPatterns = Object.assign(
  (source: string): LinearPattern => {
    const pattern = compiledPattern(source);
    if (typeof pattern === 'string') throw new Error(`The pattern ${source} cannot be used: ${pattern}`);
    return pattern;
  },
  { code: 'linearPatterns' },
);
