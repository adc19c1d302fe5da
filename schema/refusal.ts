/**
 * Refusals: the reasons why a command or request was not carried out. A refusal is a value, never an exception. Its
 * code decides the HTTP status and whether retrying can help.
 */
import type { Scope } from './principal.ts';
import type { TurnProgress } from './pushed-turn.ts';
import type { Milliseconds } from './timestamp.ts';

export const refusalTable = {
  bad_json: { status: 400, error: 'Bad Request', retryable: false },
  json_too_deep: { status: 400, error: 'Bad Request', retryable: false },
  bad_frame: { status: 400, error: 'Bad Request', retryable: false },
  bad_utf8: { status: 400, error: 'Bad Request', retryable: false },
  bad_request: { status: 400, error: 'Bad Request', retryable: false },
  validation_failed: { status: 400, error: 'Bad Request', retryable: false },
  bad_uuid: { status: 400, error: 'Bad Request', retryable: false },
  unknown_event: { status: 400, error: 'Bad Request', retryable: false },
  unauthorized: { status: 401, error: 'Unauthorized', retryable: false },
  forbidden: { status: 403, error: 'Forbidden', retryable: false },
  not_found: { status: 404, error: 'Not Found', retryable: false },
  conflict: { status: 409, error: 'Conflict', retryable: false },
  body_too_large: { status: 413, error: 'Payload Too Large', retryable: false },
  path_too_long: { status: 414, error: 'URI Too Long', retryable: false },
  unsupported_media_type: { status: 415, error: 'Unsupported Media Type', retryable: false },
  range_not_satisfiable: { status: 416, error: 'Range Not Satisfiable', retryable: false },
  socket_busy: { status: 429, error: 'Too Many Requests', retryable: true },
  too_many_subscriptions: { status: 429, error: 'Too Many Requests', retryable: false },
  session_busy: { status: 429, error: 'Too Many Requests', retryable: true },
  turn_busy: { status: 429, error: 'Too Many Requests', retryable: true },
  queue_full: { status: 429, error: 'Too Many Requests', retryable: true },
  requests_per_address: { status: 429, error: 'Too Many Requests', retryable: true },
  requests_per_principal: { status: 429, error: 'Too Many Requests', retryable: true },
  commands_per_principal: { status: 429, error: 'Too Many Requests', retryable: true },
  failed_logins: { status: 429, error: 'Too Many Requests', retryable: true },
  sockets_per_address: { status: 429, error: 'Too Many Requests', retryable: true },
  sockets_per_principal: { status: 429, error: 'Too Many Requests', retryable: true },
  turns_running: { status: 429, error: 'Too Many Requests', retryable: true },
  turns_waiting: { status: 429, error: 'Too Many Requests', retryable: true },
  sessions_live: { status: 429, error: 'Too Many Requests', retryable: true },
  // The next three are told to people at once: nobody waits for hours, or for somebody to delete something.
  sessions_stored: { status: 429, error: 'Too Many Requests', retryable: false },
  bytes_stored: { status: 429, error: 'Too Many Requests', retryable: false },
  tokens_per_day: { status: 429, error: 'Too Many Requests', retryable: false },
  internal: { status: 500, error: 'Internal Server Error', retryable: false },
  overloaded: { status: 503, error: 'Service Unavailable', retryable: true },
  unavailable: { status: 503, error: 'Service Unavailable', retryable: true },
  shutting_down: { status: 503, error: 'Service Unavailable', retryable: true },
} as const;

export type RefusalCode = keyof typeof refusalTable;

export type Refusal = {
  readonly code: RefusalCode;
  readonly message: string;
  /** True when the same request can succeed later without being changed. */
  readonly retryable: boolean;
  /** When it may be tried again at the earliest; absent: soon, if it is retryable. */
  readonly retryAfterMs?: Milliseconds;
  /** How far the turn is that an agent pushes. */
  readonly turn?: TurnProgress;
};

export function refusal(code: RefusalCode, message: string): Refusal {
  return { code, message, retryable: refusalTable[code].retryable };
}

/** Whoever asks is known, and may not do this anywhere. */
export function missingScope(scope: Scope): Refusal {
  return refusal('forbidden', `This needs the scope ${scope}`);
}

/** The message for a missing session, the same on REST and on sockets. */
export function sessionNotFound(id: string): Refusal {
  return refusal('not_found', `Chat session ${id} not found`);
}

export function messageNotFound(id: string): Refusal {
  return refusal('not_found', `Message ${id} not found`);
}

export function participantNotFound(id: string): Refusal {
  return refusal('not_found', `Participant ${id} not found`);
}

/** Why a closed session takes no messages and begins no turns. */
export function sessionClosed(id: string): Refusal {
  return refusal('conflict', `Chat session ${id} is closed; reopen it to go on`);
}

export function toolCallNotFound(id: string): Refusal {
  return refusal('not_found', `Tool call ${id} not found`);
}

export function fileNotFound(id: string): Refusal {
  return refusal('not_found', `File ${id} not found`);
}

export function turnNotFound(id: string): Refusal {
  return refusal('not_found', `Turn ${id} not found`);
}

/** Why a turn takes nothing more. */
export function turnEnded(id: string, outcome: string, reason: string | null | undefined): Refusal {
  const why = reason === null || reason === undefined || reason === '' ? '' : `: ${reason}`;
  return refusal('conflict', `Turn ${id} has ended as ${outcome}${why}`);
}

export function toolNotFound(name: string): Refusal {
  return refusal('not_found', `Tool ${name} not found`);
}

export function keyNotFound(id: string): Refusal {
  return refusal('not_found', `Key ${id} not found`);
}

export function traceNotFound(id: string): Refusal {
  return refusal('not_found', `Trace ${id} not found`);
}

/** Either the requested value, or the refusal. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

export function accepted<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

export function refused(reason: Refusal): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: reason };
}
