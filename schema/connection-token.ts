/** Connection tokens: what a back end asks for, to give it to a browser ([TOK1]). */
import { z } from 'zod';
import { sessionIdSchema } from './ids.ts';
import { limits } from './limits.ts';
import { participantIdSchema } from './participant.ts';
import { scopeSchema } from './principal.ts';
import { boundedText } from './validation.ts';

export const createTokenSchema = z
  .strictObject({
    principal: participantIdSchema
      .optional()
      .describe(
        'Whose requests the token makes; absent: of whoever asks. Anybody else needs the scope `act-as`.',
      ),
    name: boundedText({ charactersMin: 1, charactersMax: limits.participantCharactersMax })
      .optional()
      .describe('How the principal is shown.'),
    sessions: z
      .array(sessionIdSchema)
      .min(1)
      .max(limits.tokenSessionsMax)
      .optional()
      .describe('The token is narrowed to these; no other exists for it.'),
    scopes: z
      .array(scopeSchema)
      .min(1)
      .optional()
      .describe('Default: those of `chat`, `read` and `roles` that whoever asks has.'),
    ttlSeconds: z.int().min(limits.tokenSecondsMin).max(limits.tokenSecondsMax).default(limits.tokenSeconds),
  })
  .meta({ id: 'CreateToken' });
export type CreateToken = z.output<typeof createTokenSchema>;

export const connectionTokenSchema = z
  .object({ token: z.string(), expiresAt: z.iso.datetime() })
  .meta({ id: 'ConnectionToken' });
export type ConnectionToken = z.infer<typeof connectionTokenSchema>;
