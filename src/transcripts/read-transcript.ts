/** Reads a transcript while it arrives, and checks all of it before anything is stored (SPEC [TRN9]–[TRN14]). */
import { TextDecoder } from 'node:util';
import type { z } from 'zod';
import type { NewConversation } from '../../actors/door/command-door.ts';
import { limits } from '../../schema/limits.ts';
import type { AddParticipant } from '../../schema/participant.ts';
import { accepted, type Outcome, type Refusal, refusal, refused } from '../../schema/refusal.ts';
import {
  importedMessage,
  importedSession,
  type TranscriptHead,
  transcriptCallSchema,
  transcriptHeadSchema,
  transcriptMessageSchema,
  transcriptTurnSchema,
} from '../../schema/transcript.ts';
import { type ValidationError, validationErrors } from '../../schema/validation.ts';
import { type ArrivedItems, ArrivingItems } from './arriving-items.ts';
import { type Related, relationErrors } from './relation-errors.ts';
import { type WorkSlices, workSlices } from './work-slices.ts';

export type ReadTranscript =
  | { readonly ok: true; readonly value: NewConversation }
  | { readonly ok: false; readonly refusal: Refusal; readonly errors?: readonly ValidationError[] };

/** Rejects when `body` does. */
export async function readTranscript(body: AsyncIterable<Uint8Array>): Promise<ReadTranscript> {
  const slices = workSlices();
  const arrived = await arrivedItems(body, slices);
  if (!arrived.ok) return arrived;
  const { items } = arrived.value;
  const frame = withParticipants(arrived.value);
  const errors: ValidationError[] = [];
  const head = transcriptHeadSchema.safeParse(frame);
  if (!head.success) errors.push(...validationErrors(head.error));
  const lists = { frame, items, slices, errors };
  const messages = await checked(lists, 'messages', transcriptMessageSchema, limits.importMessagesMax);
  if (!messages.ok) return messages;
  const turns = await checked(lists, 'turns', transcriptTurnSchema, limits.importMessagesMax);
  if (!turns.ok) return turns;
  const calls = await checked(lists, 'calls', transcriptCallSchema, limits.importCallsMax);
  if (!calls.ok) return calls;
  if (!head.success || errors.length > 0) return invalid(errors);
  const related = {
    leafId: head.data.leafId,
    messages: messages.value,
    turns: turns.value,
    calls: calls.value,
  };
  for (const error of relationErrors(related)) {
    errors.push(error);
    if (errors.length >= limits.importErrorsMax) break;
  }
  return errors.length > 0 ? invalid(errors) : accepted(await conversationOf(head.data, related, slices));
}

/** The few participants are checked with the frame, as a whole. */
function withParticipants({ frame, items }: ArrivedItems): unknown {
  if (typeof frame !== 'object' || frame === null || !('participants' in frame)) return frame;
  const { participants: list } = frame;
  return Array.isArray(list) ? { ...frame, participants: list.map((stand) => items[stand]) } : frame;
}

/** Of those who are told twice, the first counts. */
function onceEach(participants: readonly AddParticipant[]): readonly AddParticipant[] {
  return [...Map.groupBy(participants, ({ id }) => id).values()].flatMap(([first]) => first ?? []);
}

async function arrivedItems(
  body: AsyncIterable<Uint8Array>,
  slices: WorkSlices,
): Promise<Outcome<ArrivedItems>> {
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const items = new ArrivingItems();
  for await (const bytes of body) {
    const text = decoded(utf8, bytes);
    if (text === undefined) return refused(badUtf8);
    const reason = items.push(text);
    if (reason !== null) return refused(reason);
    if (slices.isOver()) await slices.next();
  }
  return decoded(utf8) === undefined ? refused(badUtf8) : items.end();
}

const badUtf8 = refusal('bad_utf8', 'Request body must be valid UTF-8');

/** Without `bytes`: the end. A character may be cut between two pieces. */
function decoded(utf8: TextDecoder, bytes?: Uint8Array): string | undefined {
  try {
    return bytes === undefined ? utf8.decode() : utf8.decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

type Lists = ArrivedItems & { readonly slices: WorkSlices; readonly errors: ValidationError[] };

/** The items of one list. What is wrong with them is added to the errors. */
async function checked<Item>(
  { frame, items, slices, errors }: Lists,
  name: 'messages' | 'turns' | 'calls',
  schema: z.ZodType<Item>,
  itemsMax: number,
): Promise<Outcome<Item[]>> {
  const list: unknown = typeof frame === 'object' && frame !== null ? Reflect.get(frame, name) : undefined;
  if (!Array.isArray(list)) {
    errors.push({ property: name, constraints: { isArray: `${name} must be an array` } });
    return accepted([]);
  }
  if (list.length > itemsMax) {
    return refused(refusal('body_too_large', `${name} must not have more than ${itemsMax} items`));
  }
  const sound: Item[] = [];
  for (const [index, stand] of list.entries()) {
    if (errors.length >= limits.importErrorsMax) break;
    const item = schema.safeParse(items[stand]);
    if (item.success) sound.push(item.data);
    else errors.push(...placed(validationErrors(item.error), `${name}.${index}`));
    if (slices.isOver()) await slices.next();
  }
  return accepted(sound);
}

/** The same errors where the whole body is what was checked. */
function placed(errors: readonly ValidationError[], at: string): readonly ValidationError[] {
  return errors.map(({ property, constraints }) => {
    const place = property === 'body' ? at : `${at}.${property}`;
    const says = (text: string) => (text.startsWith(property) ? place + text.slice(property.length) : text);
    return {
      property: place,
      constraints: Object.fromEntries(Object.entries(constraints).map(([name, text]) => [name, says(text)])),
    };
  });
}

function invalid(errors: readonly ValidationError[]): ReadTranscript {
  return {
    ok: false,
    refusal: refusal('validation_failed', 'Validation failed'),
    errors: errors.slice(0, limits.importErrorsMax),
  };
}

async function conversationOf(
  { session, participants, leafId }: TranscriptHead,
  { messages, turns, calls }: Related,
  slices: WorkSlices,
): Promise<NewConversation> {
  const facts = [];
  for (const message of messages) {
    facts.push(importedMessage(message));
    if (slices.isOver()) await slices.next();
  }
  return {
    session: importedSession(session),
    conversation: { leafId, messages: facts, turns, calls },
    ...(participants === undefined ? {} : { participants: onceEach(participants) }),
  };
}
