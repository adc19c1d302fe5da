/** Every way to hear events: live and from the beginning, on sockets of both formats and over SSE. */
import { expect } from 'vitest';
import { baselineNamespaces, wireNamespaces } from '../../schema/wire-event-table.ts';
import { type Attack, attackers } from './attack.ts';
import type { AttackWorld, Credential } from './attack-world.ts';

/** Every namespace there is. */
export const everything = { namespaces: [...wireNamespaces] };

/** What a stream tells until `last` has arrived. */
async function streamed(world: AttackWorld, by: Credential, query: string, last: string): Promise<string> {
  const response = await fetch(`${world.url}/events?${query}`, {
    headers: world.headersOf(by),
    signal: AbortSignal.timeout(60_000),
  });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(last)) break;
  }
  return text;
}

/** The query of a subscription to everything since the journal began. */
async function fromTheBeginning(world: AttackWorld): Promise<string> {
  const socket = await world.listen('stranger', '/live');
  const hello = JSON.parse(await socket.until((frame) => frame.includes('"hello"')));
  await socket.close();
  return `namespaces=${wireNamespaces.join(',')}&since=${hello.data.epoch}:0`;
}

/** Those of the frames that tell something of the owner's. */
export const telling = (world: AttackWorld, frames: readonly string[]) =>
  frames.filter((frame) => world.tells(frame).length > 0);

const onBaseline: readonly Attack[] = [...baselineNamespaces].map((namespace) => ({
  title: `[OWN3] a stranger hears nothing on the baseline socket of ${namespace}`,
  run: async (world) => {
    const [stranger, owner] = await Promise.all([
      world.listen('stranger', `/${namespace}`, false),
      world.listen('owner', `/${namespace}`, false),
    ]);
    await world.talk();
    const hears = !['config', 'tools', 'logs'].includes(namespace);
    if (hears) await owner.until((frame) => world.tells(frame).length > 0);
    expect(telling(world, await stranger.heard())).toEqual([]);
    expect(telling(world, await owner.heard()).length > 0).toBe(hears);
  },
}));

const live: readonly Attack[] = attackers.map(({ name, credential }) => ({
  title: `[OWN3] ${name} hears nothing live, by whole namespaces or of the session, on callboard.v1`,
  run: async (world) => {
    const by = await credential(world);
    const [socket, owner] = await Promise.all([world.listen(by, '/live'), world.listen('owner', '/live')]);
    await socket.ask('subscribe', everything);
    const one = { namespaces: ['chat-sessions', 'chat-messages'], sessionId: world.ids.session };
    const answer = await socket.ask('subscribe', one);
    expect(answer).toMatchObject({ event: 'exception', data: { code: 'not_found' } });
    await owner.ask('subscribe', everything);
    await world.talk();
    const last = await world.announce();
    await Promise.all([socket, owner].map((each) => each.until((frame) => frame.includes(last))));
    const heard = (await socket.heard()).filter((frame) => !frame.includes('"exception"'));
    expect(telling(world, heard)).toEqual([]);
    const own = await owner.heard();
    expect(own.some((frame) => frame.includes('message.delta'))).toBe(true);
    expect(telling(world, own)).not.toEqual([]);
  },
}));

const resumed: readonly Attack[] = attackers.map(({ name, credential }) => ({
  title: `[OWN3] ${name} hears nothing by resuming from the beginning, on sockets and over SSE`,
  run: async (world) => {
    const by = await credential(world);
    const query = await fromTheBeginning(world);
    const last = await world.announce();
    const streams: [Credential, boolean][] = [
      [by, false],
      ['owner', true],
    ];
    for (const [who, isOwner] of streams) {
      const socket = await world.listen(who, `/live?${query}`);
      await socket.until((frame) => frame.includes(last));
      expect(telling(world, await socket.heard()).length > 0).toBe(isOwner);
      expect(world.tells(await streamed(world, who, query, last)).length > 0).toBe(isOwner);
    }
  },
}));

const others: readonly Attack[] = [
  {
    title: '[OWN3] a stranger opens no stream of the session, over SSE or in the address of a socket',
    run: async (world) => {
      const query = `namespaces=chat-sessions&sessionId=${world.ids.session}`;
      for (const [who, status] of [
        ['stranger', 404],
        ['owner', 200],
      ] as const) {
        const stop = new AbortController();
        const headers = world.headersOf(who);
        const response = await fetch(`${world.url}/events?${query}`, { headers, signal: stop.signal });
        stop.abort();
        expect(response.status).toBe(status);
      }
      const socket = await world.listen('stranger', `/live?${query}`);
      await world.talk();
      const heard = await socket.heard();
      expect(heard.filter((frame) => frame.includes('"exception"'))).toHaveLength(1);
      expect(heard.filter((frame) => /agent\.activity|message\./.test(frame))).toEqual([]);
    },
  },
  {
    title:
      '[OWN3] [AUTH8] a stranger, or who may not read, hears nothing of an answer that streams when it comes',
    run: async (world) => {
      const owner = await world.listen('owner', '/live?namespaces=chat-sessions,chat-messages');
      const { session } = world.ids;
      const content = `${world.ids.session} [[tokens=400 delay=10]]`;
      await world.post('owner', `/chat-sessions/${session}/messages`, { role: 'user', content });
      await owner.until((frame) => frame.includes('message.delta'));
      // It may see every session, and read nothing.
      const blind = await world.token('operator', { scopes: ['sessions:all', 'logs'] });
      for (const [name, who] of [
        ['stranger', 'stranger'],
        ['neighbour', 'neighbour'],
        ['blind', blind],
        ['owner', 'owner'],
      ] as const) {
        const sockets = [
          await world.listen(who, '/live?namespaces=chat-sessions,chat-messages'),
          await world.listen(who, '/chat-sessions', false),
        ];
        for (const socket of sockets) {
          const frames = telling(world, await socket.heard());
          expect([name, frames.length > 0]).toEqual([name, name === 'owner']);
        }
      }
      await world.post('owner', `/chat-sessions/${session}/cancel`, {});
      await world.settled('owner', session);
      await owner.close();
    },
  },
  {
    title: '[OWN2] a stranger hears nothing of a trace of no session, live or by resuming',
    run: async (world) => {
      const query = await fromTheBeginning(world);
      const heard = await Promise.all(
        (['stranger', 'neighbour', 'operator'] as const).map((who) => world.listen(who, `/live?${query}`)),
      );
      const name = `trace-${crypto.randomUUID()}`;
      await world.post('operator', '/traces', { name });
      const last = await world.announce();
      await Promise.all(heard.map((socket) => socket.until((frame) => frame.includes(last))));
      const frames = await Promise.all(heard.map((socket) => socket.heard()));
      const about = (text: string) => frames.map((each) => each.some((frame) => frame.includes(text)));
      expect(about(name)).toEqual([false, false, true]);
      expect(about(world.serverTrace)).toEqual([false, false, true]);
    },
  },
  {
    title: '[AUD1] nobody hears the audit but who has the scope and no tenant',
    run: async (world) => {
      const query = await fromTheBeginning(world);
      const narrowed = await world.token('operator', { sessions: [world.dull], scopes: ['chat', 'audit'] });
      const who: readonly Credential[] = ['owner', 'stranger', 'neighbour', narrowed, 'operator'];
      const sockets = await Promise.all(who.map((one) => world.listen(one, `/live?${query}`)));
      await world.token('operator', { sessions: [world.ids.session] });
      const last = await world.announce();
      await Promise.all(sockets.map((socket) => socket.until((frame) => frame.includes(last))));
      const frames = await Promise.all(sockets.map((socket) => socket.heard()));
      const told = frames.map((each) => each.filter((frame) => frame.includes('token.created')).length);
      expect(told.slice(0, -1)).toEqual([0, 0, 0, 0]);
      expect(told.at(-1)).toBeGreaterThan(1);
      for (const one of ['neighbour', narrowed] as const)
        expect((await world.ask(one, 'GET', '/audit')).status).toBe(403);
    },
  },
  {
    title: '[AUTH8] a socket hears no log lines without the scope, and nothing at all without `read`',
    run: async (world) => {
      const [stranger, operator] = await Promise.all(
        (['stranger', 'operator'] as const).map((who) => world.listen(who, '/logs', false)),
      );
      const clerk = await world.listen('clerk', '/config', false);
      const reader = await world.listen('reader', '/config', false);
      await world.ask('operator', 'POST', '/logs');
      const last = await world.announce();
      await operator?.until((frame) => frame.includes('logs.created'));
      await reader.until((frame) => frame.includes(last));
      const said = (frames: readonly string[] = []) =>
        frames.filter((frame) => !frame.includes('"exception"'));
      expect(said(await stranger?.heard())).toEqual([]);
      expect(said(await clerk.heard())).toEqual([]);
      await Promise.all([operator?.close(), reader.close()]);
    },
  },
];

export const liveAttacks: readonly Attack[] = [...onBaseline, ...live, ...resumed, ...others];
