/**
 * One REST route, declared once: requests are matched and validated with it, and the OpenAPI document is generated
 * from the same schemas.
 */
import { z } from 'zod';
import type { CommandDoor, Named } from '../../../actors/door/command-door.ts';
import type { StoredFiles } from '../../../actors/files/stored-files.ts';
import type { Clock, ReadModel } from '../../../actors/ports.ts';
import type { ConfigSchemaDocument } from '../../../schema/config-editor.ts';
import type { ExecutionTree } from '../../../schema/execution-tree.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { LogEntry } from '../../../schema/log-entry.ts';
import type { MessageBounds } from '../../../schema/message-bounds.ts';
import type { Principal, Scope } from '../../../schema/principal.ts';
import type { CatalogProvider } from '../../../schema/provider-catalog.ts';
import { type Outcome, type Refusal, refusal } from '../../../schema/refusal.ts';
import type { CatalogTool } from '../../../schema/registered-tool.ts';
import type { SessionAction } from '../../../schema/role-permissions.ts';
import type { Milliseconds } from '../../../schema/timestamp.ts';
import { type ValidationError, validationErrors } from '../../../schema/validation.ts';
import type { ServerConfig } from '../../config/editor/server-config.ts';
import type { Inspection } from '../../inspect/inspection.ts';
import type { Authorize } from '../access/authorize.ts';
import type { Authentication } from '../authentication/authentication.ts';
import type { StoredKeys } from '../authentication/stored-keys.ts';
import type { MakeToken } from '../authentication/token-requests.ts';
import type { ArrivingBody } from './arriving-body.ts';
import type { HttpExchange, KeptHeader } from './http-exchange.ts';

/** The services that routes use to answer. */
export type GatewayServices = {
  readonly door: CommandDoor;
  readonly readModel: ReadModel;
  readonly logs: {
    /** Log entries, oldest first. */
    readonly entries: (offset: number, limit: number) => readonly LogEntry[];
    readonly emitManual: () => LogEntry;
  };
  readonly inspection: Inspection;
  /** Longest previews of arguments and results, UTF-16 units. */
  readonly previewUnitsMax: number;
  /** The largest transcript that may be imported. */
  readonly importBytesMax: number;
  /** How long the messages of clients may be. */
  readonly messageBounds: MessageBounds;
  /** The models that the principal may choose. */
  readonly providers: { readonly list: (to: Principal) => readonly CatalogProvider[] };
  readonly configFile: Omit<ServerConfig, 'reload'> & { readonly schema: () => ConfigSchemaDocument };
  /** All tools, in the order of their names. */
  readonly tools: () => readonly CatalogTool[];
  readonly keys: Pick<StoredKeys, 'shown'>;
  readonly files: Pick<StoredFiles, 'store' | 'file' | 'open'> & {
    /** The largest file. */
    readonly bytesMax: number;
  };
  /** `undefined`: there is no such session. Rejects when the read model does. */
  readonly executionTree: (session: SessionId) => Promise<ExecutionTree | undefined>;
  readonly authorize: Authorize;
  readonly makeToken: MakeToken;
  /** Where people sign in; `undefined`: the server names no page for it. */
  readonly signInUrl: string | undefined;
  /** Why the server cannot do its main job now, or `null`. */
  readonly unready: () => Refusal | null;
};

export type RouteResponse =
  | { readonly status: 200 | 201; readonly description: string; readonly schema: z.ZodType }
  /** The answer is a stream that continues until one side ends it. */
  | { readonly status: 200; readonly description: string; readonly sse: { readonly example: string } }
  /** The answer is this HTML page. */
  | { readonly status: 200; readonly description: string; readonly html: { readonly csp: string } }
  /** The answer is bytes of any type; `bytes` describes the other statuses of success. */
  | {
      readonly status: 200;
      readonly description: string;
      readonly bytes: Readonly<Record<number, string>>;
    }
  /** The answer is text of any length, of one of these types: each has a schema of its JSON, or an example. */
  | {
      readonly status: 200;
      readonly description: string;
      readonly text: Readonly<Record<string, z.ZodType | string>>;
    }
  | { readonly status: 204; readonly description: string };

/**
 * Which bodies a route takes. `json`: JSON objects, as [HTTP7] has them, which are kept in memory until they have
 * arrived. `bytes`: bytes of any type, which the route reads while they arrive.
 */
export type TakenBody<Form extends 'json' | 'bytes' = 'json' | 'bytes'> = {
  readonly form: Form;
  /** The largest body, bytes. More: 413 ([HTTP23]). Settings may decide it. */
  readonly bytesMax: (services: GatewayServices) => number;
};

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type RouteDescription = {
  readonly method: HttpMethod;
  /** The path's segments; `:id`, `:callId` and `:messageId` stand for UUIDs, `:name` for a text. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** Answered without credentials. */
  readonly public?: true;
  /** What the request's principal must be allowed; default `read`. */
  readonly scope?: Scope;
  /** What the principal's role in the session of `:id` must allow; default `see` ([OWN3]). */
  readonly action?: SessionAction;
  /** Pages of other origins are refused ([CMD6]). */
  readonly sameOrigin?: true;
  /** It makes a session, which whoever is narrowed to given ones must not ([TOK3]). */
  readonly makesSession?: true;
  readonly response: RouteResponse;
  /** Statuses of errors besides those that every route of its kind has. */
  readonly refusals?: readonly number[];
  /** Request headers that the route reads, for the document. */
  readonly headers?: readonly {
    readonly name: KeptHeader;
    readonly says: string;
    readonly example: string;
  }[];
};

type RouteSpec<
  Id extends z.ZodType,
  CallId extends z.ZodType,
  MessageId extends z.ZodType,
  Name extends z.ZodType,
  Body extends z.ZodType,
  Query extends z.ZodType,
> = RouteDescription & {
  /** Absent: JSON up to `limits.bodyBytesMax` ([HTTP5]). */
  readonly takes?: TakenBody<'json'>;
  readonly id: Id;
  readonly callId: CallId;
  readonly messageId: MessageId;
  /** What is named by a text of its own; the schema bounds it. */
  readonly name: Name;
  readonly body: Body;
  /** What settings forbid in a body that the schema allows; absent: nothing. */
  readonly bodyErrors?: (services: GatewayServices, body: z.output<Body>) => readonly ValidationError[];
  readonly query: Query;
  readonly answer: (
    services: GatewayServices,
    input: {
      readonly id: z.output<Id>;
      readonly callId: z.output<CallId>;
      readonly messageId: z.output<MessageId>;
      readonly name: z.output<Name>;
      readonly body: z.output<Body>;
      readonly query: z.output<Query>;
      /** The client's name for the command. */
      readonly named: Named;
      readonly principal: Principal;
      readonly by: Authentication;
    },
  ) => Outcome<unknown> | Promise<Outcome<unknown>>;
};

/** The parts of a request that a route gets, not yet validated. */
export type RouteRequest = {
  readonly id: string | undefined;
  readonly callId: string | undefined;
  readonly messageId: string | undefined;
  /** `null`: it cannot be decoded. */
  readonly name: string | null | undefined;
  readonly body: object;
  readonly query: URLSearchParams;
  readonly named: Named;
  readonly principal: Principal;
  /** What that rests on. */
  readonly by: Authentication;
};

export type RouteOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly refusal: Refusal; readonly errors?: readonly ValidationError[] };

/** A request whose body is read while it arrives. */
export type UploadRequest = {
  readonly id: string | undefined;
  readonly body: ArrivingBody;
  /**
   * The transport closes a connection on which a body comes in slowly. This keeps it open, though nothing may come, until
   * the returned function is called; every `intervalMs` it looks after it.
   */
  readonly keepAlive: (intervalMs: Milliseconds) => () => void;
  readonly header: (name: KeptHeader) => string;
  readonly query: URLSearchParams;
  /** The `Idempotency-Key`, not yet joined with what query and body turn out to be. */
  readonly named: Named;
  readonly principal: Principal;
};

/** A request that its route answers itself, bit by bit. */
export type ServeRequest = {
  readonly exchange: HttpExchange;
  readonly id: string | undefined;
  readonly principal: Principal;
  readonly after: Clock['after'];
};

export type Route = RouteDescription & {
  readonly body: z.ZodType;
  readonly query: z.ZodType;
  readonly name?: z.ZodType;
  readonly takes?: TakenBody;
  /**
   * Validates body, query, id and name in this order, then answers (SPEC [HTTP3]). Rejects when the answer does. `upload`:
   * reads the body itself. `serve`: sends the answer itself. `sse`: `sse-streams.ts` does all of that.
   */
  readonly handle:
    | ((services: GatewayServices, request: RouteRequest) => Promise<RouteOutcome>)
    | { readonly upload: (services: GatewayServices, request: UploadRequest) => Promise<RouteOutcome> }
    | { readonly serve: (services: GatewayServices, request: ServeRequest) => Promise<void> }
    | 'sse';
};

/** A route that sends its answer itself, such as one of any length. It reads its query itself, as `query` describes. */
export function servingRoute(
  spec: RouteDescription & {
    readonly query?: z.ZodType;
    readonly serve: (services: GatewayServices, request: ServeRequest) => Promise<void>;
  },
): Route {
  const { serve, ...described } = spec;
  return { query: none, ...described, body: none, handle: { serve } };
}

/**
 * A route that reads its body while it arrives; `answer` may reject as that body does. It checks query and body itself,
 * as `query` and `body` describe; without `body`, they are bytes of any type.
 */
export function uploadRoute(
  spec: RouteDescription & {
    readonly takes: TakenBody<'bytes'>;
    readonly query?: z.ZodType;
    readonly body?: z.ZodType;
    readonly answer: (services: GatewayServices, request: UploadRequest) => Promise<RouteOutcome>;
  },
): Route {
  const { answer, ...described } = spec;
  return { body: none, query: none, ...described, handle: { upload: answer } };
}

/** For a route that takes no body, query or id; whatever a request brings is ignored. */
export const none = z.unknown().transform(() => null);

/** Spread into a route that takes no id, body or query. */
export const takesNothing = { id: none, callId: none, messageId: none, name: none, body: none, query: none };

export function route<
  Id extends z.ZodType,
  CallId extends z.ZodType,
  MessageId extends z.ZodType,
  Name extends z.ZodType,
  Body extends z.ZodType,
  Query extends z.ZodType,
>(spec: RouteSpec<Id, CallId, MessageId, Name, Body, Query>): Route {
  const {
    id: idSchema,
    callId: callIdSchema,
    messageId: messageIdSchema,
    name: nameSchema,
    bodyErrors,
    answer,
    ...described
  } = spec;
  return {
    ...described,
    name: nameSchema,
    async handle(services, request) {
      const body = spec.body.safeParse(request.body);
      const query = spec.query.safeParse(queryObject(request.query, spec.query));
      if (!body.success || !query.success) {
        const errors = [body, query].flatMap((parsed) =>
          parsed.success ? [] : validationErrors(parsed.error),
        );
        return invalid(errors);
      }
      const forbidden = bodyErrors?.(services, body.data) ?? [];
      if (forbidden.length > 0) return invalid(forbidden);
      const id = idSchema.safeParse(request.id);
      const callId = callIdSchema.safeParse(request.callId);
      const messageId = messageIdSchema.safeParse(request.messageId);
      if (!id.success || !callId.success || !messageId.success) {
        return { ok: false, refusal: refusal('bad_uuid', 'Validation failed (uuid is expected)') };
      }
      if (request.name === null) {
        return {
          ok: false,
          refusal: refusal('bad_request', 'The name in the path is not percent-encoded UTF-8'),
        };
      }
      const name = nameSchema.safeParse(request.name);
      if (!name.success) {
        const issues = name.error.issues.map((issue) => ({ ...issue, path: ['name', ...issue.path] }));
        return invalid(validationErrors(new z.ZodError(issues)));
      }
      return await answer(services, {
        id: id.data,
        callId: callId.data,
        messageId: messageId.data,
        name: name.data,
        body: body.data,
        query: query.data,
        named: request.named,
        principal: request.principal,
        by: request.by,
      });
    },
  };
}

function invalid(errors: readonly ValidationError[]): RouteOutcome {
  return { ok: false, refusal: refusal('validation_failed', 'Validation failed'), errors };
}

/**
 * The query as an object with the keys that the schema names; a repeated key becomes an array, which every schema
 * refuses.
 */
export function queryObject(query: URLSearchParams, schema: z.ZodType): Record<string, unknown> {
  if (!(schema instanceof z.ZodObject)) return {};
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(schema.shape)) {
    const values = query.getAll(name);
    if (values.length > 0) given[name] = values.length === 1 ? values[0] : values;
  }
  return given;
}
