// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of sources.
/** Conditions inside the functions that decide, each of which a mutant drops. */
import type { Condition } from './decisions.ts';

const inFile = (file: string, rows: readonly (readonly [was: string, becomes: string])[]) =>
  rows.map(([was, becomes]) => ({ file, was, becomes }));

export const conditions: readonly Condition[] = [
  ...inFile('schema/authorization.ts', [
    ['sessions !== null && (session === null || !sessions.has(session))', 'false'],
    ['principal.tenant !== access.tenant', 'false'],
    ["if (role === undefined) return 'unseen';", "if (role === undefined) return 'allowed';"],
    ['file.isInSeenSession', 'true'],
    ['tenant === file.tenant &&', ''],
    ['all && only === null', 'all'],
    ['principal === file.owner', 'true'],
    ['only: sessions === null ? null : [...sessions]', 'only: null'],
  ]),
  ...inFile('schema/role-permissions.ts', [
    ["action !== 'own'", 'true'],
    ["action === 'see'", 'true'],
  ]),
  ...inFile('src/gateway/access/reach.ts', [
    ["scopes.has('sessions:all')", 'true'],
    ["if (sessions !== null) return ['server', ", "if (false) return ['server', "],
    ['&& principal.tenant === null', ''],
    ['&& principal.sessions === null', ''],
    ['audiencesOfServer(namespace).some((one) => audiences.includes(one))', 'true'],
    ["namespace === 'traces' ? ofTracesAlone : ofServer", 'ofServer'],
  ]),
  ...inFile('src/gateway/access/session-accesses.ts', [
    ['members.delete(event.data.id);', ''],
    ['this.#keep(id, { ...access, members: new Map() })', 'this.#keep(id, access)'],
    ['this.#keep(id, { ...access, ...event.record })', 'this.#keep(id, access)'],
  ]),
  ...inFile('src/gateway/access/principal-connections.ts', [
    ["case 'participant.removed': {", "case 'participant.removed': { if (Number() === 0) return;"],
    ["case 'session.handed-over': {", "case 'session.handed-over': { if (Number() === 0) return;"],
  ]),
  ...inFile('src/gateway/stream/subscriptions.ts', [
    ['names.filter(this.#reach.hears)', 'names'],
    ['const { audiences } = this.#reach;', "const audiences = ['all'] as const;"],
  ]),
  ...inFile('src/gateway/routes/audit-routes.ts', [
    ['principal.tenant !== null || principal.sessions !== null', 'false'],
  ]),
  ...inFile('src/gateway/sockets/inspect-answer.ts', [
    ['principal.tenant !== null', 'false'],
    ['principal.sessions !== null', 'false'],
  ]),
  ...inFile('src/gateway/authentication/token-requests.ts', [
    ['caller.sessions?.has(session) === false', 'false'],
    [
      'asked.sessions === undefined ? caller.sessions : new Set(asked.sessions)',
      'asked.sessions === undefined ? null : new Set(asked.sessions)',
    ],
  ]),
  ...inFile('src/storage/sql/visible-sessions.ts', [
    ['only === null ? sql`true` : sql`${session} in (${sql.join(only)})`', 'sql`true`'],
    ["${narrowed} and ${held('tenant')} ${isTenant(tenant)}", '${narrowed}'],
    ["${held('owner')} = ${principal} or ${takesPart(session, principal)}", 'true'],
    [
      'select session_id from session_owners where tenant ${isTenant(tenant)}',
      'select session_id from session_owners',
    ],
    ['owner = ${principal} and tenant ${isTenant(tenant)}', 'tenant ${isTenant(tenant)}'],
    ['and tenant ${isTenant(tenant)}\n', '\n'],
    ['where participant_id = ${principal}', 'where true'],
    [
      'and (select held.tenant from session_owners as held where held.session_id = participants.session_id)\n        ${isTenant(tenant)}',
      '',
    ],
    [
      'where member.session_id = ${session} and member.participant_id = ${principal}',
      'where member.session_id = ${session} limit 1',
    ],
  ]),
  ...inFile('src/storage/sql/session-lists.ts', [
    ["sessions.tenant = ${tenant ?? ''}", 'true'],
    ['${inTenant} and sessions.owner = ${principal}', '${inTenant}'],
    ['${inTenant} and ${isOfOthers}', '${isOfOthers}'],
  ]),
];
