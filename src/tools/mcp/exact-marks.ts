/**
 * Carries numbers through a parser that would round them: each becomes a text with a mark of our own, and is put back
 * afterwards. The mark is drawn at random, so no server can write one.
 */
import { randomUUID } from 'node:crypto';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { isObject } from './told-value.ts';

export type ExactMarks = {
  /** JSON that any parser reads without loss. */
  readonly marked: (message: JSONRPCMessage) => string;
  /** The message as it was before it was marked. */
  readonly restored: (message: JSONRPCMessage) => JSONRPCMessage;
};

export function exactMarks(): ExactMarks {
  const mark = `exact number ${randomUUID()} `;
  /** Most messages have none, and need no second look. */
  let waiting = 0;

  function restoredValue(value: unknown): unknown {
    if (typeof value === 'string') {
      return value.startsWith(mark) ? JSON.rawJSON(value.slice(mark.length)) : value;
    }
    if (Array.isArray(value)) return value.map(restoredValue);
    return isObject(value) ? restoredObject(value) : value;
  }

  function restoredObject(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, restoredValue(inner)]));
  }

  return {
    marked: (message) => {
      let found = false;
      const text = JSON.stringify(message, (_key, value: unknown) => {
        if (!JSON.isRawJSON(value)) return value;
        found = true;
        return `${mark}${value.rawJSON}`;
      });
      if (found) waiting++;
      return text;
    },
    restored: (message) => {
      if (waiting === 0 || !('result' in message)) return message;
      return { ...message, result: restoredObject(message.result) };
    },
  };
}
