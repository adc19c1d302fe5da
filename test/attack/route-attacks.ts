/** Every route that names something of a session, tried by those who do not see it, and every list. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { resourceOfPath } from '../../src/gateway/access/authorize.ts';
import { routes } from '../../src/gateway/routes/route-table.ts';
import { type Attack, attackers } from './attack.ts';
import { type AttackWorld, idOf, secretWord } from './attack-world.ts';

/** A path of the table with the ids of the owner's things. */
export function filledPath(path: string, { ids }: Pick<AttackWorld, 'ids'>): string {
  const kind = resourceOfPath(path);
  const id = kind === null ? ids.session : ids[kind];
  return path
    .replace(':id', id)
    .replace(':callId', ids.call)
    .replace(':messageId', ids.answer)
    .replace(':name', 'somebody');
}

const ofSomething = routes.filter((route) => resourceOfPath(route.path) !== null);

/** A refusal without the id that was asked for, which it says again. */
function withoutAsked(text: string, path: string): string {
  return text.replaceAll(path, '').replaceAll(/(?:session|Turn|Trace|File) [\w-]{36} not/g, '');
}

const strangersOnRoutes: readonly Attack[] = ofSomething.map(({ method, path, scope = 'read' }) => ({
  title: `[OWN3] a stranger gets nothing from ${method} ${path}, and changes nothing`,
  run: async (world) => {
    const { ask, tells, state } = world;
    const before = method === 'GET' ? '' : await state();
    const filled = filledPath(path, world);
    const got = await ask('stranger', method, filled, method === 'GET' ? undefined : {});
    expect(tells(withoutAsked(got.text, filled))).toEqual([]);
    expect(got.status).toBe(scope === 'read' || scope === 'chat' ? 404 : 403);
    if (method !== 'GET') expect(await state()).toBe(before);
  },
}));

const ownersOnRoutes: readonly Attack[] = ofSomething
  .filter(({ method }) => method === 'GET')
  .map(({ path, scope = 'read' }) => ({
    title: `[OWN2] its owner gets an answer from GET ${path}`,
    run: async (world) => {
      const { status } = await world.ask('owner', 'GET', filledPath(path, world));
      expect(status).toBe(scope === 'read' ? 200 : 403);
    },
  }));

const wallsOnReads: readonly Attack[] = attackers.slice(1).map(({ name, credential }) => ({
  title: `[OWN1] [TOK3] ${name} reads nothing of the session`,
  run: async (world) => {
    const by = await credential(world);
    for (const { method, path, scope = 'read' } of ofSomething) {
      if (method !== 'GET' || scope !== 'read') continue;
      const { status } = await world.ask(by, method, filledPath(path, world));
      // A namesake stores files of its own, and a narrowed token is of whoever stored it.
      if (path.startsWith('/files')) continue;
      expect([path, status]).toEqual([path, 404]);
    }
  },
}));

const inspectorsOnRoutes: readonly Attack[] = [
  {
    title:
      '[OWN1] [INS14] an inspector behind a wall, or narrowed to another session, gets nothing of the session',
    run: async (world) => {
      const narrow = { sessions: [world.dull], scopes: ['chat', 'sessions:all', 'inspect'] };
      const narrowed = await world.token('operator', narrow);
      const inspected = ofSomething.filter(({ scope }) => scope === 'inspect').map(({ path }) => path);
      expect(inspected).toContain('/inspect/sessions/:id/recording');
      for (const path of inspected) {
        const filled = filledPath(path, world);
        for (const by of ['neighbour', narrowed] as const) {
          const { status, text } = await world.ask(by, 'GET', filled);
          expect([path, status]).toEqual([path, 404]);
          expect(world.tells(withoutAsked(text, filled))).toEqual([]);
        }
        expect((await world.ask('operator', 'GET', filled)).status).toBe(200);
      }
    },
  },
];

const lists = [
  '/chat-sessions',
  '/chat-sessions?activity=tool',
  `/chat-sessions?q=${secretWord}`,
  `/chat-sessions?q=${secretWord}&status=active`,
  '/traces',
  '/turns?status=completed',
  '/turns?status=running',
  '/tool-calls?status=completed',
  '/tool-calls?status=awaitingApproval',
] as const;

const inLists: readonly Attack[] = attackers.flatMap(({ name, credential }) =>
  lists.map((path) => ({
    title: `[OWN5] ${name} finds nothing in GET ${path}, where its owner does`,
    run: async (world) => {
      const { status, text } = await world.ask(await credential(world), 'GET', path);
      expect(world.tells(text)).toEqual([]);
      expect(status).toBe(200);
      expect(world.tells((await world.ask('owner', 'GET', path)).text)).not.toEqual([]);
    },
  })),
);

const onPages: readonly Attack[] = (
  [
    ['/chat-sessions?before=', 'session'],
    ['/traces?before=', 'trace'],
    ['/turns?status=completed&before=', 'turn'],
    ['/tool-calls?status=completed&before=', 'call'],
  ] as const
).map(([path, kind]) => ({
  title: `[OWN5] a stranger does not learn what is older than a row of another in GET ${path}`,
  run: async ({ ask, ids, own }) => {
    const known = await ask('stranger', 'GET', path.replace(/.before=/, ''));
    // It has something older, which would be on the page.
    expect(known.text).toContain(own[kind]);
    const [asked, unknown] = [ids[kind], randomUUID()];
    expect((await ask('stranger', 'GET', path + asked)).text).toBe(
      (await ask('stranger', 'GET', path + unknown)).text,
    );
  },
}));

const inOtherPlaces: readonly Attack[] = [
  '/traces?sessionId=',
  '/orchestrator/metadata?sessionId=',
  '/orchestrator/execution-state?sessionId=',
].map((path) => ({
  title: `[OWN5] a stranger finds nothing by the id of the session in GET ${path}`,
  run: async ({ ask, ids, tells }) => {
    const { status, text } = await ask('stranger', 'GET', path + ids.session);
    expect([path, status === 404 || text === '[]']).toEqual([path, true]);
    const own = await ask('owner', 'GET', path + ids.session);
    expect(own.status).toBe(200);
    expect(tells(own.text)).not.toEqual([]);
  },
}));

const others: readonly Attack[] = [
  {
    title: '[OWN1] who sees all sessions without a tenant finds nothing of another tenant in any list',
    run: async ({ ask, read, answeredSession }) => {
      const behind = await answeredSession('neighbour', 'behind the wall');
      const search = '/chat-sessions?q=wall';
      for (const path of ['/chat-sessions', search, '/traces', '/turns?status=completed'] as const) {
        const told = (text: string) => Object.values(behind).filter((id) => text.includes(id));
        expect([path, told((await ask('operator', 'GET', path)).text)]).toEqual([path, []]);
        expect(told((await ask('neighbour', 'GET', path)).text)).not.toEqual([]);
      }
      expect(await read('operator', search)).toEqual([]);
    },
  },
  {
    title: '[OWN1] a participant of the same id in another tenant sees nothing',
    run: async ({ ask, ids, tells }) => {
      const eve = 'app:eve';
      const base = `/chat-sessions/${ids.session}/participants`;
      expect((await ask('owner', 'POST', base, { id: eve, role: 'agent' })).status).toBe(201);
      const by = { as: 'neighbour', actAs: eve } as const;
      for (const path of lists) expect([path, tells((await ask(by, 'GET', path)).text)]).toEqual([path, []]);
      expect((await ask(by, 'GET', `/chat-sessions/${ids.session}`)).status).toBe(404);
      // Nor does anybody else by that somebody takes part.
      expect(tells((await ask('stranger', 'GET', '/chat-sessions')).text)).toEqual([]);
      expect((await ask('stranger', 'GET', `/files/${ids.file}`)).status).toBe(404);
      // In the tenant of the session it does.
      const member = { as: 'operator', actAs: eve } as const;
      expect((await ask(member, 'GET', `/chat-sessions/${ids.session}`)).status).toBe(200);
      await ask('owner', 'DELETE', `${base}/${encodeURIComponent(eve)}`);
    },
  },
  {
    title: '[OWN2] a stranger makes no trace in the session, and nobody else gets those of its own',
    run: async ({ ask, ids }) => {
      const body = { name: 'of a stranger' };
      expect((await ask('stranger', 'POST', '/traces', { ...body, sessionId: ids.session })).status).toBe(
        404,
      );
      const own = await ask('stranger', 'POST', '/traces', body);
      expect(own.status).toBe(201);
      expect((await ask('owner', 'GET', `/traces/${JSON.parse(own.text).id}`)).status).toBe(404);
      expect((await ask('owner', 'POST', '/traces', { ...body, sessionId: ids.session })).status).toBe(201);
    },
  },
  {
    title: '[OWN2] a stranger does not read a trace of no session, and whoever sees all sessions does',
    run: async ({ ask, serverTrace }) => {
      expect((await ask('stranger', 'GET', `/traces/${serverTrace}`)).status).toBe(404);
      expect((await ask('neighbour', 'GET', `/traces/${serverTrace}`)).status).toBe(404);
      expect((await ask('operator', 'GET', `/traces/${serverTrace}`)).status).toBe(200);
    },
  },
  {
    title: '[OWN3] an observer reads and changes nothing, an agent takes part and owns nothing',
    run: async ({ ask, ids, state }) => {
      const base = `/chat-sessions/${ids.session}`;
      const path = `${base}/participants/${encodeURIComponent(idOf('guest'))}`;
      for (const [role, permitted] of [
        ['observer', ['see']],
        ['agent', ['see', 'take part']],
      ] as const) {
        const added = await ask('owner', 'POST', `${base}/participants`, { id: idOf('guest'), role });
        expect(added.status).toBe(201);
        const before = await state();
        for (const row of ofSomething) {
          if (resourceOfPath(row.path) !== 'session' || row.scope !== 'chat') continue;
          if (permitted.some((action) => action === (row.action ?? 'see'))) continue;
          const way = `${role}: ${row.method} ${row.path}`;
          const { status } = await ask('guest', row.method, filledPath(row.path, { ids }), {});
          expect([way, status]).toEqual([way, 403]);
        }
        expect(await state()).toBe(before);
        expect((await ask('guest', 'GET', base)).status).toBe(200);
        expect((await ask('owner', 'DELETE', path)).status).toBe(204);
      }
    },
  },
];

export const routeAttacks: readonly Attack[] = [
  ...strangersOnRoutes,
  ...ownersOnRoutes,
  ...wallsOnReads,
  ...inspectorsOnRoutes,
  ...inLists,
  ...onPages,
  ...inOtherPlaces,
  ...others,
];
