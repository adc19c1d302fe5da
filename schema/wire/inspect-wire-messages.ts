/** The frames of the namespace `inspect` for the API documents. */
import { z } from 'zod';
import { exampleOf } from './examples.ts';
import { frameIdSchema } from './frame.ts';
import {
  inspectChangesSchema,
  inspectEventsSchema,
  inspectSnapshotSchema,
  inspectSubscribeSchema,
} from './inspect-frame.ts';
import type { WireMessage } from './wire-message.ts';

function told(event: string, data: z.ZodType, summary: string): WireMessage {
  return {
    key: `v1.${event}`,
    event,
    format: 'v1',
    sender: 'server',
    namespace: null,
    summary,
    frame: z.object({ event: z.literal(event), data }),
    example: { event, data: exampleOf(data) },
  };
}

function asked(event: 'subscribe' | 'unsubscribe', summary: string): WireMessage {
  return {
    key: `v1.inspect.${event}`,
    event,
    format: 'v1',
    sender: 'client',
    namespace: null,
    summary,
    frame: z.object({
      event: z.literal(event),
      data: inspectSubscribeSchema,
      id: frameIdSchema.exactOptional(),
    }),
    example: { event, data: exampleOf(inspectSubscribeSchema), id: 1 },
  };
}

export const inspectWireMessages: readonly WireMessage[] = [
  told('inspect.snapshot', inspectSnapshotSchema, 'A part of the live tree of actors.'),
  told(
    'inspect.changes',
    inspectChangesSchema,
    'Actors of the live tree as they are now, and those that are gone.',
  ),
  told('inspect.events', inspectEventsSchema, 'What happened below the focus.'),
  asked('subscribe', 'Asks for the live tree of actors.'),
  asked('unsubscribe', 'Asks for it no more.'),
];
