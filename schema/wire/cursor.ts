/** A cursor: a client's position in the journal, `<epoch>:<seq>` (SPEC V1). */
import { z } from 'zod';
import { uuidSchema } from '../ids.ts';

/** Identifies the store to which a cursor belongs; made when the store is made. */
export const epochSchema = uuidSchema.brand<'Epoch'>();
export type Epoch = z.infer<typeof epochSchema>;

export type Cursor = { readonly epoch: Epoch; readonly seq: number };

const cursorText = /^([0-9a-fA-F-]{36}):(\d{1,15})$/;

/** `undefined` for text that is not a cursor. */
export function parsedCursor(text: string): Cursor | undefined {
  const found = cursorText.exec(text);
  const epoch = epochSchema.safeParse(found?.[1]);
  return epoch.success ? { epoch: epoch.data, seq: Number(found?.[2]) } : undefined;
}

export function cursorOf({ epoch, seq }: Cursor): string {
  return `${epoch}:${seq}`;
}

/** A cursor in JSON or in a query string. */
export const cursorSchema = z
  .string()
  .refine((text) => parsedCursor(text) !== undefined, { params: { constraint: 'isCursor' } })
  .meta({ examples: ['6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11:42'] });
