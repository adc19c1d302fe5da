/**
 * How long the messages of clients may be, as the settings say. Schemas are the same on every server, so they admit
 * what any setting may allow, and the gateway measures by the settings behind them.
 */
import { z } from 'zod';
import type { GivenPart } from './create-message.ts';
import { limits } from './limits.ts';
import { characterCount } from './text.ts';
import { unreachable } from './unreachable.ts';
import { type ValidationError, validationErrors } from './validation.ts';

export type MessageBounds = {
  /** Plain `content`, characters. */
  readonly contentCharactersMax: number;
  /** Everything that `parts` say, characters; data counts as its JSON text. */
  readonly messageCharactersMax: number;
};

export const defaultMessageBounds: MessageBounds = {
  contentCharactersMax: limits.contentCharactersMax,
  messageCharactersMax: limits.messageCharactersMax,
};

/** The bytes of the largest request or frame with a message, every character escaped as a surrogate pair. */
export function messageBytesMax({ contentCharactersMax, messageCharactersMax }: MessageBounds): number {
  return Math.max(contentCharactersMax, messageCharactersMax) * 12 + limits.messageExtraBytesMax;
}

/** The bytes of the largest frame that a client may send. */
export function clientFrameBytesMax(bounds: MessageBounds): number {
  return Math.max(messageBytesMax(bounds), limits.clientFrameBytesLeast);
}

/** What is too long for the settings, as the schemas would say it. `path`: where the message stands in its frame. */
export function lengthErrors(
  {
    content,
    parts,
  }: { readonly content?: string | undefined; readonly parts?: readonly GivenPart[] | undefined },
  bounds: MessageBounds,
  path: readonly string[] = [],
): readonly ValidationError[] {
  const measured = [
    { key: 'content', characters: characterCount(content ?? ''), maximum: bounds.contentCharactersMax },
    { key: 'parts', characters: partsCharacters(parts ?? []), maximum: bounds.messageCharactersMax },
  ];
  const issues = measured
    .filter(({ characters, maximum }) => characters > maximum)
    .map(({ key, characters, maximum }) => ({
      code: 'too_big' as const,
      origin: 'string' as const,
      maximum,
      input: characters,
      message: '',
      path: [...path, key],
    }));
  return issues.length === 0 ? [] : validationErrors(new z.ZodError(issues));
}

function partsCharacters(parts: readonly GivenPart[]): number {
  let characters = 0;
  for (const part of parts) {
    for (const text of textsOf(part)) characters += characterCount(text);
  }
  return characters;
}

function textsOf(part: GivenPart): readonly string[] {
  switch (part.type) {
    case 'text':
      return [part.text];
    case 'file':
      return [];
    case 'source':
      return [part.url, part.title ?? ''];
    case 'data':
      return [part.name, JSON.stringify(part.data)];
    default:
      return unreachable(part);
  }
}
