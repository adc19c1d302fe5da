/**
 * The edge between engines and actors: what an engine hands over is foreign, whatever its type says. What is not sound
 * is left out, or cut, part by part; nothing here throws.
 */
import { type EngineErrorCode, engineErrorTable } from '../../schema/engine-error.ts';
import type { JsonValue } from '../../schema/json-value.ts';
import { limits } from '../../schema/limits.ts';
import { finishReasons, type ModelUsage, modelUsageSchema } from '../../schema/model-usage.ts';
import { storableText } from '../../schema/text.ts';
import type { EnginePart, EngineSaid } from '../ports.ts';

type Given = Readonly<Record<string, unknown>>;

/** The part as far as it is sound; `undefined`: there is nothing in it. */
export function soundPart(given: unknown): EnginePart | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  try {
    // Nearly all parts are texts: they take the shortest way.
    if (isTextPart(given)) return { type: given.type, text: given.text };
    return soundObject({ ...given });
  } catch {
    // A member that throws when it is looked at.
    return undefined;
  }
}

/** What an engine hands over at once, one by one; texts of one kind that follow each other are one text. */
export function soundParts(given: EngineSaid): readonly EnginePart[] {
  if (!isList(given)) {
    const part = soundPart(given);
    return part === undefined ? [] : [part];
  }
  const parts: EnginePart[] = [];
  for (const one of given) {
    const part = soundPart(one);
    if (part === undefined) continue;
    const last = parts.at(-1);
    if (last !== undefined && isTextPart(last) && isTextPart(part) && last.type === part.type) {
      parts[parts.length - 1] = { type: part.type, text: last.text + part.text };
    } else parts.push(part);
  }
  return parts;
}

function isList(given: EngineSaid): given is readonly EnginePart[] {
  return Array.isArray(given);
}

function isTextPart(given: object): given is Extract<EnginePart, { type: 'text' | 'reasoning' }> {
  if (!('type' in given) || !('text' in given)) return false;
  return (given.type === 'text' || given.type === 'reasoning') && typeof given.text === 'string';
}

function soundObject(part: Given): EnginePart | undefined {
  switch (part['type']) {
    case 'tool-call':
      return soundCall(part);
    case 'finish':
      return soundFinish(part);
    case 'error':
      return soundError(part);
    default:
      return undefined;
  }
}

function soundCall(part: Given): EnginePart {
  const continuation = json(part['continuation']);
  return {
    type: 'tool-call',
    modelCallId: label(part['modelCallId']) ?? '',
    name: label(part['name']) ?? '',
    argumentsJson: typeof part['argumentsJson'] === 'string' ? part['argumentsJson'] : '',
    ...(continuation === undefined ? {} : { continuation }),
  };
}

function soundFinish(part: Given): EnginePart {
  const model = label(part['model']);
  const origin = originOf(part['origin']);
  const continuation = json(part['continuation']);
  return {
    type: 'finish',
    reason: finishReasons.find((reason) => reason === part['reason']) ?? 'other',
    usage: soundUsage(part['usage']),
    ...(model === undefined ? {} : { model }),
    ...(origin === undefined ? {} : { origin }),
    ...(continuation === undefined ? {} : { continuation }),
  };
}

function soundError(part: Given): EnginePart {
  const retryAfterMs = milliseconds(part['retryAfterMs']);
  return {
    type: 'error',
    message: typeof part['message'] === 'string' ? part['message'] : 'The engine did not say why',
    code: errorCode(part['code']),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Each count by itself: one that is none is left out. */
export function soundUsage(given: unknown): ModelUsage {
  if (typeof given !== 'object' || given === null) return {};
  const counts = Object.entries(modelUsageSchema.shape).flatMap(([name, schema]) => {
    const count = schema.safeParse(Reflect.get(given, name));
    return count.success ? [[name, count.data] as const] : [];
  });
  return Object.fromEntries(counts);
}

function label(given: unknown): string | undefined {
  return typeof given === 'string' ? storableText(given.slice(0, limits.toolLabelUnitsMax)) : undefined;
}

/** It is compared with the one that is asked, so a part of it is nothing. */
function originOf(given: unknown): string | undefined {
  return typeof given === 'string' && given.length <= originUnitsMax ? storableText(given) : undefined;
}

/** A surrogate pair each, and room for the words of an adapter. */
const originUnitsMax = 2 * limits.modelNameCharactersMax + 64;

function errorCode(given: unknown): EngineErrorCode {
  return isErrorCode(given) ? given : 'unknown';
}

function isErrorCode(given: unknown): given is EngineErrorCode {
  return typeof given === 'string' && Object.hasOwn(engineErrorTable, given);
}

function milliseconds(given: unknown): number | undefined {
  return typeof given === 'number' && given >= 0 && given < Number.POSITIVE_INFINITY ? given : undefined;
}

function json(given: unknown): JsonValue | undefined {
  if (given === undefined) return undefined;
  try {
    const text: string | undefined = JSON.stringify(given);
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
