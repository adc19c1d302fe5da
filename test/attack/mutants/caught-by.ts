// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are texts of sources.
/** Which attack succeeds when a decision is dropped: one row for each decision of the server. */

/** The title of an attack, with the names of the decisions that it needs: `file: text`. */
export const caughtBy: Readonly<Record<string, readonly string[]>> = {
  '[OWN3] a stranger gets nothing from GET /chat-sessions/:id, and changes nothing': [
    "schema/authorization.ts: hasScope(principal, 'sessions:all')",
    "schema/authorization.ts: if (role === undefined) return 'unseen';",
    'src/gateway/access/authorize.ts: may(principal, action, id, access)',
    "src/gateway/routes/rest.ts: options.services.authorize(principal, route.action ?? 'see', { ...{ kind, id }, command: `${route.method} ${route.path}`, })",
    'src/gateway/routes/rest.ts: denied(found, principal) (2)',
  ],
  '[OWN3] a stranger gets nothing from POST /turns/:id/parts, and changes nothing': [
    'src/gateway/routes/rest.ts: denied(found, principal)',
  ],
  '[OWN3] a stranger gets nothing from GET /files/:id, and changes nothing': [
    'actors/seen-files.ts: maySeeFile(visibleTo, access)',
    'schema/authorization.ts: file.isInSeenSession',
    'schema/authorization.ts: principal === file.owner',
    'src/gateway/access/authorize.ts: visibilityOf(principal)',
    'src/gateway/access/authorize.ts: seenFiles(files, [file.data], visibleTo)',
    "src/storage/sql/kysely-file-records.ts: isVisible(sql.ref('refers.session_id'), visibleTo)",
  ],
  '[OWN1] [TOK3] somebody of another tenant reads nothing of the session': [
    'schema/authorization.ts: principal.tenant !== access.tenant',
  ],
  '[OWN1] [TOK3] a token for another session reads nothing of the session': [
    'schema/authorization.ts: sessions !== null && (session === null || !sessions.has(session))',
  ],
  '[OWN5] a stranger finds nothing in GET /chat-sessions, where its owner does': [
    "schema/authorization.ts: hasScope(principal, 'sessions:all') (2)",
    'src/gateway/routes/route-table.ts: visibilityOf(principal)',
    'src/storage/sql/listed-sessions.ts: sessionLists(db, query)',
    'src/storage/sql/session-lists.ts: ${inTenant} and sessions.owner = ${principal}',
  ],
  '[OWN5] a stranger finds nothing in GET /chat-sessions?activity=tool, where its owner does': [
    'src/storage/sql/session-lists.ts: visibleRows(named, visibleTo)',
  ],
  '[OWN5] a stranger finds nothing in GET /traces, where its owner does': [
    'src/gateway/routes/trace-routes.ts: visibilityOf(principal)',
    'src/storage/sql/kysely-traces.ts: fewVisibleRows(db, named, visibleTo)',
  ],
  '[OWN5] a stranger finds nothing in GET /turns?status=completed, where its owner does': [
    'src/gateway/routes/turn-routes.ts: visibilityOf(principal)',
    'src/storage/sql/listed-turns.ts: fewVisibleRows(db, named, visibleTo)',
    'src/storage/sql/visible-sessions.ts: owner = ${principal} and tenant ${isTenant(tenant)}',
  ],
  '[OWN5] a stranger finds nothing in GET /turns?status=running, where its owner does': [
    'src/storage/sql/listed-turns.ts: visibleRows(named, visibleTo)',
    'src/storage/sql/visible-sessions.ts: isVisible(session, visibleTo)',
    "src/storage/sql/visible-sessions.ts: ${held('owner')} = ${principal} or ${takesPart(session, principal)}",
  ],
  '[OWN5] a stranger finds nothing in GET /tool-calls?status=completed, where its owner does': [
    'src/gateway/routes/tool-routes.ts: visibilityOf(principal)',
    'src/storage/sql/listed-tool-calls.ts: fewVisibleRows(db, named, visibleTo)',
  ],
  '[OWN5] a stranger finds nothing in GET /tool-calls?status=awaitingApproval, where its owner does': [
    'src/storage/sql/listed-tool-calls.ts: visibleRows(named, visibleTo)',
  ],
  '[OWN5] somebody of another tenant finds nothing in GET /chat-sessions, where its owner does': [
    "src/storage/sql/session-lists.ts: sessions.tenant = ${tenant ?? ''}",
  ],
  '[OWN5] somebody of another tenant finds nothing in GET /turns?status=completed, where its owner does': [
    'src/storage/sql/visible-sessions.ts: select session_id from session_owners where tenant ${isTenant(tenant)}',
  ],
  '[OWN5] somebody of another tenant finds nothing in GET /turns?status=running, where its owner does': [
    "src/storage/sql/visible-sessions.ts: ${narrowed} and ${held('tenant')} ${isTenant(tenant)}",
  ],
  '[OWN5] a namesake of another tenant finds nothing in GET /turns?status=completed, where its owner does': [
    'src/storage/sql/visible-sessions.ts: and tenant ${isTenant(tenant)} ',
  ],
  '[OWN5] a token for another session finds nothing in GET /chat-sessions, where its owner does': [
    'schema/authorization.ts: only: sessions === null ? null : [...sessions]',
    'src/storage/sql/session-lists.ts: fewVisibleRows(db, named, visibleTo)',
  ],
  '[OWN5] a token for another session finds nothing in GET /turns?status=running, where its owner does': [
    'src/storage/sql/visible-sessions.ts: only === null ? sql`true` : sql`${session} in (${sql.join(only)})`',
  ],
  '[OWN5] a stranger with a token for the session finds nothing in GET /chat-sessions, where its owner does':
    ["src/storage/sql/visible-sessions.ts: isVisible(sql.ref('given.session_id'), visibleTo)"],
  '[OWN5] a stranger does not learn what is older than a row of another in GET /chat-sessions?before=': [
    "src/storage/sql/listed-sessions.ts: isVisible(sql.ref('sessions.id'), visibleTo)",
  ],
  '[OWN5] a stranger does not learn what is older than a row of another in GET /traces?before=': [
    'src/storage/sql/visible-sessions.ts: isVisible(session, visibleTo) (2)',
  ],
  '[OWN5] a stranger does not learn what is older than a row of another in GET /turns?status=completed&before=':
    ["src/storage/sql/listed-turns.ts: isVisible(sql.ref('edge.session_id'), visibleTo)"],
  '[OWN5] a stranger does not learn what is older than a row of another in GET /tool-calls?status=completed&before=':
    ["src/storage/sql/listed-tool-calls.ts: isVisible(sql.ref('edge.session_id'), visibleTo)"],
  '[OWN5] a stranger finds nothing by the id of the session in GET /traces?sessionId=': [
    'src/storage/sql/kysely-traces.ts: visibleRows(named, visibleTo)',
  ],
  '[OWN5] a stranger finds nothing by the id of the session in GET /orchestrator/metadata?sessionId=': [
    "src/gateway/routes/baseline-page-routes.ts: authorize(principal, 'see', { kind: 'session', id: sessionId })",
  ],
  '[OWN5] a stranger finds nothing by the id of the session in GET /orchestrator/execution-state?sessionId=':
    [
      "src/gateway/routes/baseline-page-routes.ts: authorize(principal, 'see', { kind: 'session', id: sessionId }) (2)",
    ],
  '[OWN1] who sees all sessions without a tenant finds nothing of another tenant in any list': [
    'src/storage/sql/kysely-search.ts: isVisible(session(`${table}.rowid`), visibleTo)',
    "src/storage/sql/kysely-search.ts: isVisible(session('found.rowid'), visibleTo)",
    'src/storage/sql/visible-sessions.ts: visibleRows(named, visibleTo)',
  ],
  '[OWN1] a participant of the same id in another tenant sees nothing': [
    'src/storage/sql/session-lists.ts: ${inTenant} and ${isOfOthers}',
    'src/storage/sql/visible-sessions.ts: where participant_id = ${principal}',
    'src/storage/sql/visible-sessions.ts: and (select held.tenant from session_owners as held where held.session_id = participants.session_id) ${isTenant(tenant)}',
    'src/storage/sql/visible-sessions.ts: where member.session_id = ${session} and member.participant_id = ${principal}',
  ],
  '[OWN2] a stranger makes no trace in the session, and nobody else gets those of its own': [
    "src/gateway/routes/trace-routes.ts: authorize(principal, 'take part', { kind: 'session', id: body.sessionId })",
  ],
  '[OWN2] a stranger does not read a trace of no session, and whoever sees all sessions does': [
    'src/gateway/access/authorize.ts: maySee(principal, null, { ...nobodys, ...owned })',
  ],
  '[OWN3] an observer reads and changes nothing, an agent takes part and owns nothing': [
    'schema/authorization.ts: roleAllows(role, action)',
    "schema/role-permissions.ts: action !== 'own'",
    "schema/role-permissions.ts: action === 'see'",
  ],
  '[OWN3] a stranger is told that there is nothing when it sends message.send': [
    'src/gateway/sockets/callboard-v1-conversation.ts: frameRefusal(frame, this.#by.principal, this.#services)',
    'src/gateway/sockets/frame-refusal.ts: authorize(principal, row.action, { ...resource, command: frame.event })',
  ],
  '[OWN3] a baseline frame of a stranger is refused, and adds nothing': [
    "src/gateway/sockets/client-frame-intake.ts: authorize(principal, 'take part', { kind: 'session', id: data.sessionId, command: event })",
  ],
  '[OWN3] a stranger hears nothing live, by whole namespaces or of the session, on callboard.v1': [
    "src/gateway/access/reach.ts: scopes.has('sessions:all')",
    'src/gateway/sockets/callboard-v1-conversation.ts: missingSession(selection, since, this.#by.principal, this.#services)',
    "src/gateway/stream/stream-admission.ts: authorize(principal, 'see', { kind: 'session', id: sessionId })",
    'src/gateway/stream/subscriptions.ts: const { audiences } = this.#reach;',
  ],
  '[OWN3] a token for another session hears nothing live, by whole namespaces or of the session, on callboard.v1':
    ["src/gateway/access/reach.ts: if (sessions !== null) return ['server', "],
  '[OWN3] a stranger hears nothing by resuming from the beginning, on sockets and over SSE': [
    "schema/authorization.ts: may(principal, 'see', session, access)",
    'src/gateway/access/reach.ts: maySee(principal, sessionId, access)',
    'src/gateway/stream/stream-connection.ts: this.#hears(wire)',
    'src/gateway/stream/stream-connection.ts: this.#reach.sees(event.sessionId, namespace, ownAccessOf(event))',
  ],
  '[OWN3] a stranger opens no stream of the session, over SSE or in the address of a socket': [
    'src/gateway/sse/sse-streams.ts: missingSession(selection, since, by.principal, options)',
  ],
  '[OWN3] [AUTH8] a stranger, or who may not read, hears nothing of an answer that streams when it comes': [
    "src/gateway/stream/stream-connection.ts: this.#reach.hears('chat-sessions')",
    'src/gateway/stream/stream-connection.ts: this.#sees(id)',
    'src/gateway/stream/stream-connection.ts: this.#sees(sessionId)',
    "src/gateway/stream/stream-connection.ts: this.#reach.sees(id, 'chat-sessions')",
    'src/gateway/stream/stream-connection.ts: this.#reach.hears(namespace)',
  ],
  '[OWN7] a stranger gets nothing of a trace that belongs to no session, while its owner does, live and on resume':
    ['src/gateway/access/reach.ts: maySee(principal, sessionId, own)'],
  '[AUD1] nobody hears the audit but who has the scope and no tenant': [
    'src/gateway/access/reach.ts: hears(principal, namespace)',
    "src/gateway/access/reach.ts: hasScope(principal, 'audit')",
    'src/gateway/access/reach.ts: && principal.tenant === null',
    'src/gateway/access/reach.ts: && principal.sessions === null',
    'src/gateway/routes/audit-routes.ts: principal.tenant !== null || principal.sessions !== null',
    'src/gateway/stream/stream-connection.ts: this.#reach.hears(namespace) (2)',
    'src/gateway/stream/subscriptions.ts: names.filter(this.#reach.hears)',
  ],
  '[AUTH8] a socket hears no log lines without the scope, and nothing at all without `read`': [
    "src/gateway/access/reach.ts: hasScope(principal, 'logs')",
    "src/gateway/access/reach.ts: hasScope(principal, 'read')",
  ],
  '[OWN3] who is made an observer hears of it first, reads, changes nothing, and hears last that it is over':
    ['src/gateway/access/session-accesses.ts: members.delete(event.data.id);'],
  '[OWN3] who is removed hears nothing more on a subscription of the session alone': [
    "src/gateway/access/principal-connections.ts: case 'participant.removed': {",
    'src/gateway/stream/stream-connection.ts: this.#sees(id) (2)',
  ],
  '[OWN4] who took part in a session that is deleted finds none of its traces, and its owner does': [
    'src/gateway/access/session-accesses.ts: this.#keep(id, { ...access, members: new Map() })',
  ],
  '[AUD2] whoever had a session that was given away hears and reads nothing more of it': [
    "src/gateway/access/principal-connections.ts: case 'session.handed-over': {",
    'src/gateway/access/session-accesses.ts: this.#keep(id, { ...access, ...event.record })',
  ],
  '[FIL50] a stranger neither sends a message with the file of another, nor changes one to have it': [
    'actors/door/live-command-door.ts: visibilityOf(by)',
    'actors/door/live-command-door.ts: visibilityOf(by) (2)',
    'actors/sessions/attached-files.ts: seenFiles(files, named, sees)',
  ],
  '[FIL51] a stranger imports no file of another': [
    'actors/door/imported-files.ts: seenFiles(files, named, visibleTo)',
    'actors/door/live-command-door.ts: visibilityOf(by) (3)',
  ],
  '[FIL50] [OWN1] nobody of another tenant, nor of a narrowed token, reads a file that is not in what it sees':
    ['schema/authorization.ts: tenant === file.tenant &&', 'schema/authorization.ts: all && only === null'],
  '[AUTH8] GET /logs needs the scope logs': [
    'src/gateway/routes/rest.ts: hasScope(known.value.principal, scope)',
  ],
  '[AUTH8] every frame that gives a command needs its scope': [
    "src/gateway/sockets/client-frame-intake.ts: hasScope(principal, 'chat')",
    'src/gateway/sockets/frame-refusal.ts: hasScope(principal, row.scope)',
  ],
  '[TOK3] a token for given sessions makes no session': [
    'src/gateway/routes/rest.ts: refusalToMakeSessions(known.value.principal)',
  ],
  '[TOK3] a token for given sessions asks for no other token than for those': [
    'src/gateway/authentication/token-requests.ts: caller.sessions?.has(session) === false',
    'src/gateway/authentication/token-requests.ts: asked.sessions === undefined ? caller.sessions : new Set(asked.sessions)',
  ],
  '[TOK1] nobody asks for a token that allows more than itself may, or of somebody else': [
    "src/gateway/authentication/token-requests.ts: hasScope(caller, 'act-as')",
    'src/gateway/authentication/token-requests.ts: hasScope(caller, scope)',
  ],
  '[AUTH9] nobody acts as somebody else without the scope, or with more than it may itself': [
    "src/gateway/authentication/authenticator.ts: hasScope(caller, 'act-as')",
    'src/gateway/authentication/authenticator.ts: hasScope(caller, scope)',
  ],
  '[CHO3] a message is only stored as of the assistant by who may do so': [
    "schema/client-choices.ts: hasScope(chooser, 'roles')",
  ],
  '[KEY2] nobody makes a key that allows more than itself may, or becomes a key that does': [
    'machines/key-ring.ts: lackingScope(by, key.scopes)',
    'machines/key-ring.ts: hasScope(by, scope)',
    "machines/key-ring.ts: hasScope(by, 'sessions:all')",
  ],
  '[KEY2] nobody becomes a key that allows more than itself may, not by having made it either': [
    'machines/key-ring.ts: lackingScope(by, fact.scopes)',
  ],
  '[AUD2] nobody gives a session away without seeing all sessions': [
    "src/gateway/routes/command-routes.ts: hasScope(principal, 'sessions:all')",
  ],
  '[WHO4] an import names as author who imports it, or nobody; that of a back end says what it says': [
    "actors/door/imported-authors.ts: hasScope(by, 'act-as')",
  ],
  '[OWN5] whoever may inspect finds no session of another among the recordings, unless it may see all': [
    'src/gateway/routes/inspect-routes.ts: visibilityOf(principal)',
  ],
  '[INS2] nobody watches the live tree without the scopes, of another tenant or by a narrowed token': [
    'src/gateway/sockets/inspect-answer.ts: hasScope(principal, scope)',
    'src/gateway/sockets/inspect-answer.ts: principal.tenant !== null',
    'src/gateway/sockets/inspect-answer.ts: principal.sessions !== null',
  ],
  '[CHO4] a model calls no tool whose scope the sender of the question lacks': [
    'actors/tool-calls/permitted-tools.ts: hasScope(sender, scope)',
  ],
};

/** Conditions of statements that only PostgreSQL gets. */
export const onPostgresAlone: ReadonlySet<string> = new Set([
  "src/storage/sql/kysely-search.ts: isVisible(session('found.rowid'), visibleTo)",
]);

/** Calls that grant nothing when their answer is "yes", and why. */
export const harmless: Readonly<Record<string, string>> = {
  'src/gateway/stream/stream-connection.ts: this.#reach.sees(event.sessionId, namespace)':
    'It asks whether it is known who sees the session, not who does: an event that is passed over here is not sent.',
  "src/gateway/stream/stream-connection.ts: this.#reach.sees(sessionId, 'chat-sessions')":
    'The right was judged before; this is asked again for a change in the same tick, which no client can time. A property of test/src/gateway/stream/compact-deltas.test.ts needs it.',
  'src/gateway/access/reach.ts: audiencesOfServer(namespace).some((one) => audiences.includes(one))':
    "It is asked of what belongs to the server, which everybody may hear, and of nobody's traces, which only old stores have. test/src/gateway/access/trace-reach.test.ts needs it.",
  "src/gateway/access/reach.ts: namespace === 'traces' ? ofTracesAlone : ofServer":
    "It decides about nobody's traces, which only old stores have. test/src/gateway/access/trace-reach.test.ts needs it.",
  'src/storage/sql/listed-tool-calls.ts: visibleRows(named, undefined)':
    'It already says that everything is visible, and is for reads of one session, which its route has judged.',
};
