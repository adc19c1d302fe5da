/** The audit, as examples for the API documents. */
import type { z } from 'zod';
import {
  auditEntrySchema,
  handOverSessionSchema,
  refusalsCountedSchema,
  sessionCommandedSchema,
  sessionHandedOverSchema,
  tokenCreatedSchema,
} from '../audit.ts';
import { exampleIds } from './example-ids.ts';

const [sessionId, owner, by] = [exampleIds.session, 'key:ada', 'operator'];
const commanded = { sessionId, owner, by, command: 'DELETE /chat-sessions/:id' } satisfies z.input<
  typeof sessionCommandedSchema
>;

export const auditExamples: readonly (readonly [z.ZodType, unknown])[] = [
  [
    tokenCreatedSchema,
    {
      ...{ principal: owner, tenant: null, scopes: ['chat'], sessions: [sessionId] },
      ...{ expiresAt: '2026-11-23T05:40:00.000Z', by },
    } satisfies z.input<typeof tokenCreatedSchema>,
  ],
  [
    sessionHandedOverSchema,
    { sessionId, from: null, to: owner, tenant: null, by } satisfies z.input<typeof sessionHandedOverSchema>,
  ],
  [
    refusalsCountedSchema,
    {
      ...{ kind: 'login', address: '192.0.2.7', principal: null, count: 12 },
      since: '2026-11-23T04:40:00.000Z',
    } satisfies z.input<typeof refusalsCountedSchema>,
  ],
  [sessionCommandedSchema, commanded],
  [handOverSessionSchema, { owner } satisfies z.input<typeof handOverSessionSchema>],
  [
    auditEntrySchema,
    {
      seq: 42,
      at: '2026-11-23T04:40:00.000Z',
      event: 'session.commanded',
      data: commanded,
    } satisfies z.input<typeof auditEntrySchema>,
  ],
];
