/** Every REST route (docs/protocol.md A2). Routing, validation and the OpenAPI document are all derived from this table. */
import { z } from 'zod';
import { visibilityOf } from '../../../schema/authorization.ts';
import { chatMessageSchema } from '../../../schema/chat-message.ts';
import { chatSessionSchema } from '../../../schema/chat-session.ts';
import { messageIdSchema, sessionIdSchema } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { logEntrySchema } from '../../../schema/log-entry.ts';
import { accepted, refused, sessionNotFound } from '../../../schema/refusal.ts';
import { sessionRunSchema } from '../../../schema/session-run.ts';
import { foundSessionSchema, sessionFilters } from '../../../schema/session-search.ts';
import { millisecondsOf } from '../../../schema/timestamp.ts';
import { boundedText } from '../../../schema/validation.ts';
import { callboardV1DurableFrame } from '../../../schema/wire/callboard-v1-frame.ts';
import { epochSchema } from '../../../schema/wire/cursor.ts';
import { exampleIds } from '../../../schema/wire/example-ids.ts';
import { type AsyncApiDocument, asyncApiDocument } from '../api-documents/asyncapi.ts';
import { asyncApiPage } from '../api-documents/asyncapi-page.ts';
import { documentPageCsp } from '../api-documents/document-page.ts';
import { type OpenApiDocument, openApiDocument } from '../api-documents/openapi.ts';
import { openApiPage } from '../api-documents/openapi-page.ts';
import { pageLimit } from '../http/page-limit.ts';
import { none, type Route, route, takesNothing } from '../http/route.ts';
import { wholeNumber } from '../http/whole-number.ts';
import { sseEventText } from '../sse/sse-text.ts';
import { streamQuerySchema } from '../stream/stream-query.ts';
import { auditRoutes } from './audit-routes.ts';
import { baselinePageRoutes } from './baseline-page-routes.ts';
import { commandRoutes } from './command-routes.ts';
import { configEditorRoutes } from './config-editor-routes.ts';
import { configRoutes } from './config-routes.ts';
import { described } from './described-command.ts';
import { fileRoutes } from './file-routes.ts';
import { inspectRoutes } from './inspect-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { messageList } from './message-list.ts';
import { participantRoutes } from './participant-routes.ts';
import { registeredToolRoutes } from './registered-tool-routes.ts';
import { shownRun } from './shown-run.ts';
import { tokenRoutes } from './token-routes.ts';
import { toolRoutes } from './tool-routes.ts';
import { traceRoutes } from './trace-routes.ts';
import { transcriptRoutes } from './transcript-routes.ts';
import { turnRoutes } from './turn-routes.ts';

/**
 * At most `limit` rows, after the row `before` in list order; without either, the whole list up to `listRowsMax`
 * (SPEC [HTTP12]).
 */
const sessionSearch = z
  .object({
    limit: wholeNumber({ min: 1, max: limits.listRowsMax }).optional(),
    before: sessionIdSchema.optional(),
    q: boundedText({ charactersMax: limits.searchCharactersMax }).optional(),
    ...sessionFilters,
  })
  .check(({ value, issues }) => {
    const maximum = limits.searchPageSessionsMax;
    if (value.q === undefined || value.limit === undefined || value.limit <= maximum) return;
    issues.push({ code: 'too_big', origin: 'number', maximum, input: value.limit, path: ['limit'] });
  });
const messagePage = z.object({
  limit: pageLimit,
  before: messageIdSchema.optional(),
  branch: z.enum(['current', 'all']).default('current'),
});
const logPage = z.object({
  offset: wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER }).default(0),
  limit: wholeNumber({ min: 1, max: limits.listRowsMax }).default(50),
});

const status = (word: string) => z.object({ status: z.literal(word) });

const sseStreamExample = sseEventText(
  epochSchema.parse(exampleIds.epoch),
  callboardV1DurableFrame(
    { type: 'session.deleted', data: { id: sessionIdSchema.parse(exampleIds.session) } },
    42,
  ),
  42,
);

export const routes: readonly Route[] = [
  route({
    ...takesNothing,
    method: 'GET',
    path: '/health',
    tag: 'health',
    summary: 'Is the process alive?',
    public: true,
    response: { status: 200, description: 'It is.', schema: status('ok') },
    answer: () => accepted({ status: 'ok' }),
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/health/ready',
    tag: 'health',
    summary: 'Can the server do its work? If not, the message says why.',
    public: true,
    response: { status: 200, description: 'It can.', schema: status('ready') },
    refusals: [503],
    answer: ({ unready }) => {
      const reason = unready();
      return reason === null ? accepted({ status: 'ready' }) : refused(reason);
    },
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions',
    tag: 'chat-sessions',
    summary:
      'Lists the sessions, the one that changed last first. `q` finds those whose title or messages have a text; ' +
      '`participant` and `agent` those in which somebody takes part; the other parameters filter.',
    query: sessionSearch,
    response: { status: 200, description: 'Sessions.', schema: z.array(foundSessionSchema) },
    answer: async ({ readModel }, { query, principal }) => {
      const { limit, before, updatedAfter, updatedBefore, ...given } = query;
      const asked = {
        ...given,
        updatedAfter: updatedAfter === undefined ? undefined : millisecondsOf(updatedAfter),
        updatedBefore: updatedBefore === undefined ? undefined : millisecondsOf(updatedBefore),
      };
      const all = Object.values(asked).every((value) => value === undefined);
      const rows = limit ?? (asked.q === undefined ? limits.listRowsMax : limits.searchPageSessions);
      const page = { limit: rows, before };
      const visibleTo = visibilityOf(principal);
      return accepted(
        await (all
          ? readModel.sessions(page, visibleTo)
          : readModel.findSessions({ ...page, ...asked, visibleTo })),
      );
    },
  }),
  commandRoutes['session.create'],
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions/:id',
    tag: 'chat-sessions',
    summary: 'Reads a session.',
    id: sessionIdSchema,
    response: { status: 200, description: 'The session.', schema: chatSessionSchema },
    answer: async ({ readModel }, { id }) => {
      const session = await readModel.session(id);
      return session === undefined ? refused(sessionNotFound(id)) : accepted(session);
    },
  }),
  commandRoutes['session.update'],
  commandRoutes['session.archive'],
  commandRoutes['session.unarchive'],
  commandRoutes['session.hand-over'],
  commandRoutes['session.close'],
  commandRoutes['session.reopen'],
  commandRoutes['session.delete'],
  ...participantRoutes,
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions/:id/messages',
    tag: 'chat-messages',
    summary:
      'Lists the messages of a session, oldest first; the newest `limit` of them. `current`: the current branch, ' +
      'then what waits for its turn; `all`: every message of the tree, in order of creation.',
    id: sessionIdSchema,
    query: messagePage,
    response: { status: 200, description: 'Messages.', schema: z.array(chatMessageSchema) },
    answer: async ({ readModel }, { id, query }) => {
      if ((await readModel.session(id)) === undefined) return refused(sessionNotFound(id));
      const { branch, ...page } = query;
      return accepted(await messageList(readModel, id, page, branch));
    },
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/chat-sessions/:id/runs',
    tag: 'chat-sessions',
    summary: 'Lists what was done for each message: traces and tool calls, oldest first; the newest `limit`.',
    id: sessionIdSchema,
    query: z.object({ limit: pageLimit }),
    response: { status: 200, description: 'Runs.', schema: z.array(sessionRunSchema) },
    answer: async ({ readModel, previewUnitsMax }, { id, query }) => {
      if ((await readModel.session(id)) === undefined) return refused(sessionNotFound(id));
      const runs = await readModel.sessionRuns(id, query);
      return accepted(runs.map((run) => shownRun(run, previewUnitsMax)));
    },
  }),
  commandRoutes['message.add'],
  commandRoutes['message.regenerate'],
  commandRoutes['message.edit'],
  commandRoutes['message.delete'],
  commandRoutes['message.send-now'],
  commandRoutes['message.steer'],
  commandRoutes['branch.select'],
  commandRoutes['session.fork'],
  transcriptRoutes.read,
  transcriptRoutes['session.import'],
  commandRoutes['turn.cancel'],
  ...turnRoutes,
  ...toolRoutes,
  ...registeredToolRoutes,
  ...keyRoutes,
  ...auditRoutes,
  ...fileRoutes,
  ...traceRoutes,
  ...configRoutes,
  route({
    ...takesNothing,
    method: 'GET',
    path: '/logs',
    tag: 'logs',
    summary: 'Lists the newest log entries that are kept, oldest first.',
    scope: 'logs',
    query: logPage,
    response: { status: 200, description: 'Log entries.', schema: z.array(logEntrySchema) },
    answer: ({ logs }, { query }) => accepted(logs.entries(query.offset, query.limit)),
  }),
  route({
    ...takesNothing,
    ...described('log.write'),
    tag: 'logs',
    response: { status: 201, description: 'The entry.', schema: logEntrySchema },
    answer: ({ logs }) => accepted(logs.emitManual()),
  }),
  ...configEditorRoutes,
  ...tokenRoutes,
  ...inspectRoutes,
  ...baselinePageRoutes,
  {
    method: 'GET',
    path: '/events',
    tag: 'events',
    summary:
      'Streams what happens, as Server-Sent Events: all of it, or some namespaces, or one session. ' +
      '`Last-Event-ID`, or `since`, resumes.',
    body: none,
    query: streamQuerySchema,
    response: { status: 200, description: 'Events.', sse: { example: sseStreamExample } },
    refusals: [404],
    handle: 'sse',
  },
  route({
    ...takesNothing,
    method: 'GET',
    path: '/openapi.json',
    tag: 'documents',
    summary: 'This description, as an OpenAPI 3.1 document.',
    public: true,
    response: { status: 200, description: 'The document.', schema: z.record(z.string(), z.json()) },
    answer: () => accepted(openApi()),
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/openapi',
    tag: 'documents',
    summary: 'This description, as a page.',
    public: true,
    response: { status: 200, description: 'The page.', html: { csp: documentPageCsp } },
    answer: () => accepted(openApiPage(openApi())),
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/asyncapi.json',
    tag: 'documents',
    summary: 'What sockets and SSE streams carry, as an AsyncAPI 3.0 document.',
    public: true,
    response: { status: 200, description: 'The document.', schema: z.record(z.string(), z.json()) },
    answer: () => accepted(asyncApi()),
  }),
  route({
    ...takesNothing,
    method: 'GET',
    path: '/asyncapi',
    tag: 'documents',
    summary: 'What sockets and SSE streams carry, as a page.',
    public: true,
    response: { status: 200, description: 'The page.', html: { csp: documentPageCsp } },
    answer: () => accepted(asyncApiPage(asyncApi())),
  }),
];

let madeOpenApi: OpenApiDocument | undefined;
let madeAsyncApi: AsyncApiDocument | undefined;

/** Made at the first request and kept: making it takes milliseconds. */
function openApi(): OpenApiDocument {
  madeOpenApi ??= openApiDocument(routes);
  return madeOpenApi;
}

function asyncApi(): AsyncApiDocument {
  madeAsyncApi ??= asyncApiDocument();
  return madeAsyncApi;
}
