/** Principals: who makes a request, and what for (docs/security.md). */
import { z } from 'zod';
import type { SessionId } from './ids.ts';
import { limits } from './limits.ts';
import { type ParticipantId, participantIdSchema } from './participant.ts';
import { boundedText } from './validation.ts';

/** What a principal may be allowed. Each row of a command table and each route names the one that it needs. */
export const scopes = [
  /** To have sessions, and to do in them what one's role allows. */
  'chat',
  /** To read what one may see. `chat` allows it, too. */
  'read',
  /** To store messages as `assistant`, `system`, `developer` or `tool`. */
  'roles',
  /** To change the runtime config. */
  'config',
  /** To register and change tools. */
  'tools',
  'logs',
  'metrics',
  'inspect',
  'audit',
  /** To make and revoke keys. */
  'keys',
  /** To edit the config file, and to hand sessions over. */
  'admin',
  /** To see and do everything in every session of the tenant. */
  'sessions:all',
  /** To act as another principal. */
  'act-as',
] as const;
export type Scope = (typeof scopes)[number];

export const scopeSchema = z.enum(scopes);

/** `key:<id>`, `jwt:<issuer>:<subject>`, `app:<id>` or `local`. A participant of this id is this principal. */
export type PrincipalId = ParticipantId;

export const tenantSchema = boundedText({
  charactersMin: 1,
  charactersMax: limits.participantCharactersMax,
});

export type Principal = {
  readonly id: PrincipalId;
  /** How it is shown; `null`: by its id. */
  readonly name: string | null;
  /** A wall: nothing of another tenant exists for it. `null`: the tenant of those who have none. */
  readonly tenant: string | null;
  readonly scopes: ReadonlySet<Scope>;
  /** It is narrowed to these sessions: no other exists for it, and it makes none. `null`: it is not. */
  readonly sessions: ReadonlySet<SessionId> | null;
};

/** Of whoever uses `callboard keys`. */
export const operatorId = participantIdSchema.parse('operator');

/** What nobody is given by being named: a key of somebody else could be made or rotated with it, in that one's name. */
export const scopesOfNobodyNamed: ReadonlySet<Scope> = new Set(['keys', 'admin', 'act-as']);

/** Whoever calls a server that asks for no credentials. */
export const local: Principal = {
  id: participantIdSchema.parse('local'),
  name: null,
  tenant: null,
  scopes: new Set(scopes),
  sessions: null,
};

/** Whether it has the scope, or one that includes it. */
export function hasScope({ scopes: held }: Pick<Principal, 'scopes'>, scope: Scope): boolean {
  return held.has(scope) || (scope === 'read' && held.has('chat'));
}
