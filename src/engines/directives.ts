/**
 * Directives of the rehearsal engine: `[[tokens=400 delay=5 tool=clock args={…} think=3 fail=500 flaky=2 finish=length]]` inside a
 * message. Any text can be read; nothing throws (SPEC [REH3], [REH4]).
 */
import { limits } from '../../schema/limits.ts';
import { type EarlyFinishReason, earlyFinishReasons } from '../../schema/model-usage.ts';
import { cutText } from '../../schema/preview.ts';
import { type DirectivePair, scanDirectives } from './directive-scanner.ts';

export type RehearsedToolCall = {
  readonly name: string;
  /** The JSON object as written; `{}` without `args=`. */
  readonly argumentsJson: string;
};

/** `status`: an HTTP-like status, before the first token. `mid`: half-way through the text. */
export type RehearsedFailure = { readonly when: 'first'; readonly status: number } | { readonly when: 'mid' };

export type Directives = {
  /** How many pieces of text the answer has. */
  readonly tokens?: number;
  /** Milliseconds between pieces. */
  readonly delayMs?: number;
  /** How many pieces of reasoning precede the text. */
  readonly think: number;
  /** Tools to call first, in this order. */
  readonly toolCalls: readonly RehearsedToolCall[];
  readonly failure?: RehearsedFailure;
  /** Why the text ends, other than by itself. */
  readonly finish?: EarlyFinishReason;
  /** How many attempts fail with a retryable error before the text. */
  readonly flaky: number;
  /** Directives that were not understood, each a clause without a full stop. */
  readonly problems: readonly string[];
  /** The message without its directives. */
  readonly plain: string;
  /** False when the text has no `[[` at all. */
  readonly present: boolean;
};

const directiveNames = ['tokens', 'delay', 'tool', 'args', 'think', 'fail', 'flaky', 'finish'] as const;
type DirectiveName = (typeof directiveNames)[number];

type WholeNumberBounds = { readonly min: number; readonly max: number };
const bounds = {
  tokens: { min: 0, max: limits.rehearsalTokensMax },
  delay: { min: 0, max: limits.rehearsalDelayMsMax },
  think: { min: 0, max: limits.rehearsalThinkMax },
  fail: { min: 400, max: 599 },
  flaky: { min: 0, max: limits.rehearsalFlakyMax },
} as const satisfies Partial<Record<DirectiveName, WholeNumberBounds>>;

/**
 * Reads every directive in all `[[…]]` blocks of `text`. A wrong directive becomes a problem and is ignored, and so
 * is a tool whose `args=` is wrong; the others apply. If a directive is given twice, the first one applies.
 */
export function readDirectives(text: string): Directives {
  const scan = scanDirectives(text);
  const problems = [...scan.problems];
  const numbers = new Map<'tokens' | 'delay' | 'think' | 'flaky', number>();
  const tools: { name: string; argumentsJson: string | undefined; usable: boolean }[] = [];
  let failure: RehearsedFailure | undefined;
  let finish: EarlyFinishReason | undefined;

  const readNumber = (name: keyof typeof bounds, value: string): number | undefined => {
    const { min, max } = bounds[name];
    const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    const others = name === 'fail' ? ', or mid' : '';
    problems.push(`${quoted(name, value)} is not a whole number from ${min} to ${max}${others}`);
    return undefined;
  };
  const readArguments = (value: string): void => {
    const tool = tools.at(-1);
    if (tool === undefined) {
      problems.push(`${quoted('args', value)} comes before any tool=`);
    } else if (tool.argumentsJson !== undefined) {
      problems.push(`${quoted('args', value)} is given twice for one tool`);
    } else if (isJsonObject(value)) {
      tool.argumentsJson = value;
    } else {
      tool.usable = false;
      problems.push(`${quoted('args', value)} is not a JSON object, so ${tool.name} is not called`);
    }
  };
  const read = ({ key, value }: DirectivePair): void => {
    switch (key) {
      case 'tokens':
      case 'delay':
      case 'think':
      case 'flaky': {
        const number = readNumber(key, value);
        if (number === undefined) return;
        if (numbers.has(key)) problems.push(`${quoted(key, value)} is given twice`);
        else numbers.set(key, number);
        return;
      }
      case 'fail': {
        const status = value === 'mid' ? 'mid' : readNumber(key, value);
        if (status === undefined) return;
        if (failure !== undefined) problems.push(`${quoted(key, value)} is given twice`);
        else failure = status === 'mid' ? { when: 'mid' } : { when: 'first', status };
        return;
      }
      case 'finish': {
        const reason = earlyFinishReasons.find((one) => one === value);
        if (reason === undefined)
          problems.push(`${quoted(key, value)} is not ${earlyFinishReasons.join(' or ')}`);
        else if (finish !== undefined) problems.push(`${quoted(key, value)} is given twice`);
        else finish = reason;
        return;
      }
      case 'tool':
        if (/^[\w.:/-]{1,64}$/.test(value)) {
          tools.push({ name: value, argumentsJson: undefined, usable: true });
        } else {
          problems.push(`${quoted(key, value)} is not the name of a tool`);
        }
        return;
      case 'args':
        readArguments(value);
        return;
      default:
        problems.push(`${quoted(key, value)} is not a directive; there are ${directiveNames.join(', ')}`);
    }
  };
  for (const pair of scan.pairs) read(pair);

  const tokens = numbers.get('tokens');
  const delayMs = numbers.get('delay');
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(delayMs === undefined ? {} : { delayMs }),
    think: numbers.get('think') ?? 0,
    flaky: numbers.get('flaky') ?? 0,
    toolCalls: tools
      .filter((tool) => tool.usable)
      .map((tool) => ({ name: tool.name, argumentsJson: tool.argumentsJson ?? '{}' })),
    ...(failure === undefined ? {} : { failure }),
    ...(finish === undefined ? {} : { finish }),
    problems,
    plain: scan.plain,
    present: scan.present,
  };
}

function quoted(key: string, value: string): string {
  return `\`${cutText(`${key}=${value}`, limits.toolNoteUnitsMax).replaceAll('`', "'")}\``;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
