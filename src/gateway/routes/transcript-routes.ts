/** The routes that tell and take conversations (docs/conversations.md; SPEC [TRN1]–[TRN15]). */
import { createHash } from 'node:crypto';
import { create } from 'content-disposition';
import { z } from 'zod';
import type { Named } from '../../../actors/door/command-door.ts';
import { TranscriptChanged } from '../../../actors/transcript-reads.ts';
import { chatSessionSchema } from '../../../schema/chat-session.ts';
import { sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { refusal, sessionNotFound } from '../../../schema/refusal.ts';
import { transcriptBranches, transcriptFormNames, transcriptSchema } from '../../../schema/transcript.ts';
import { boundedText, validationErrors } from '../../../schema/validation.ts';
import { readTranscript } from '../../transcripts/read-transcript.ts';
import { transcriptFileName, transcriptForms } from '../../transcripts/transcript-forms.ts';
import { Places } from '../http/places.ts';
import { isJsonBody, notJsonBody } from '../http/request-body.ts';
import {
  type GatewayServices,
  queryObject,
  type Route,
  type RouteOutcome,
  type ServeRequest,
  servingRoute,
  type UploadRequest,
  uploadRoute,
} from '../http/route.ts';
import { described } from './described-command.ts';
import { sendPieces } from './streamed-list.ts';

const told = z.object({
  format: z.enum(transcriptFormNames).default('json').describe('The form; `json` can be imported.'),
  branch: z
    .enum(transcriptBranches)
    .default('current')
    .describe('`current`: the path to the current leaf; `all`: every version and branch.'),
});

const taken = z.object({
  title: boundedText({ charactersMin: 1, charactersMax: limits.titleCharactersMax })
    .optional()
    .describe('Instead of the title in the transcript.'),
});

// The memory that they need is that of the process.
const sending = new Places(limits.transcriptsSentMax);
const receiving = new Places(limits.importsReceivedMax);
const busy = refusal('overloaded', 'Too many conversations are being told or imported; try again');

export const transcriptRoutes = {
  read: servingRoute({
    method: 'GET',
    path: '/chat-sessions/:id/transcript',
    tag: 'chat-sessions',
    summary:
      'Tells a conversation as JSON, Markdown or text, to read or to keep: what has ended, as it is at one moment. ' +
      'When it cannot be told to its end, the connection is closed before it.',
    query: told,
    response: {
      status: 200,
      description: 'The transcript, with a file name made of the title.',
      text: {
        'application/json': transcriptSchema,
        'text/markdown': '## User, 2026-11-23T04:40:00.000Z\n\nWhat time is it?\n',
        'text/plain': '--- User, 2026-11-23T04:40:00.000Z\n\nWhat time is it?\n',
      },
    },
    refusals: [409],
    serve: async (services, request) => {
      const sent = await sending.take(() => tell(services, request), busy);
      if (sent === busy) request.exchange.refuse(busy);
    },
  }),
  'session.import': uploadRoute({
    ...described('session.import'),
    makesSession: true,
    tag: 'chat-sessions',
    takes: { form: 'bytes', bytesMax: ({ importBytesMax }) => importBytesMax },
    query: taken,
    body: transcriptSchema,
    response: { status: 201, description: 'The session.', schema: chatSessionSchema },
    refusals: [409],
    answer: (services, request) =>
      receiving.take(() => take(services, request), { ok: false, refusal: busy }),
  }),
} as const satisfies Readonly<Record<string, Route>>;

async function tell({ readModel }: GatewayServices, request: ServeRequest): Promise<void> {
  const { exchange, after } = request;
  const query = told.safeParse(queryObject(exchange.query, told));
  if (!query.success) {
    const errors = validationErrors(query.error);
    return exchange.refuse(refusal('validation_failed', 'Validation failed'), { errors });
  }
  const id = sessionIdSchema.safeParse(request.id);
  if (!id.success) return exchange.refuse(refusal('bad_uuid', 'Validation failed (uuid is expected)'));
  const { format, branch } = query.data;
  const reads = readModel.transcripts;
  const outline = await reads.outline(id.data, branch);
  if (outline === undefined) return exchange.refuse(sessionNotFound(id.data));
  if (outline === 'too long') {
    const most = `A transcript has at most ${limits.transcriptMessagesMax} messages`;
    return exchange.refuse(refusal('conflict', most));
  }
  const form = transcriptForms[format];
  const head = {
    status: 200,
    headers: [
      ['Content-Type', form.type],
      ['Content-Disposition', create(transcriptFileName(outline.session.title, format))],
      ['Cache-Control', 'no-store'],
      ['X-Content-Type-Options', 'nosniff'],
      ['Access-Control-Expose-Headers', 'Content-Disposition'],
    ],
  } as const;
  try {
    await sendPieces(exchange, head, form.pieces(outline, reads, branch), after);
  } catch (error) {
    // The client has noticed. That the conversation went on is nobody's fault.
    if (!(error instanceof TranscriptChanged)) throw error;
  }
}

async function take({ door }: GatewayServices, request: UploadRequest): Promise<RouteOutcome> {
  const query = taken.safeParse(queryObject(request.query, taken));
  if (!query.success) {
    const errors = validationErrors(query.error);
    return { ok: false, refusal: refusal('validation_failed', 'Validation failed'), errors };
  }
  if (!isJsonBody(request.header)) return { ok: false, refusal: notJsonBody };
  const hash = createHash('sha256');
  const read = await readTranscript(hashed(request.body, hash));
  if (!read.ok) return read;
  const { session, ...told } = read.value;
  const { title = session.title } = query.data;
  const named: Named = request.named && {
    ...request.named,
    fingerprint: `${request.named.fingerprint} ${hash.digest('base64url')} ${title}`,
  };
  return door.importSession({ ...told, session: { ...session, title } }, named, request.principal);
}

/** Never closes the body: whoever answers a refusal reads the rest of it. */
async function* hashed(
  body: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    hash.update(next.value);
    yield next.value;
  }
}
