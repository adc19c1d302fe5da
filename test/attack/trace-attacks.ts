/** Traces that belong to no session belong to whoever made them. */
import { expect } from 'vitest';
import { type Attack, attackers } from './attack.ts';
import { type AttackWorld, type Credential, secret } from './attack-world.ts';

const span = {
  id: '00000000-0000-4000-8000-00000000beef',
  name: secret,
  startedAt: '2026-11-23T10:00:00Z',
  endedAt: '2026-11-23T10:00:01Z',
};
const traces = { namespaces: ['traces'] };

/** What a new connection hears when it resumes from the beginning of the journal. */
async function resumed(world: AttackWorld, by: Credential): Promise<readonly string[]> {
  const hello = await world.listen(by, '/live');
  const { epoch } = JSON.parse(await hello.until((frame) => frame.includes('"hello"'))).data;
  await hello.close();
  const socket = await world.listen(by, `/live?namespaces=traces,config&since=${epoch}:0`);
  const last = await world.announce();
  await socket.until((frame) => frame.includes(last));
  return await socket.heard();
}

export const traceAttacks: readonly Attack[] = attackers.map(({ name, credential }) => ({
  title: `[OWN7] ${name} gets nothing of a trace that belongs to no session, while its owner does, live and on resume`,
  run: async (world) => {
    const by = await credential(world);
    const [baseline, live, own] = await Promise.all([
      world.listen(by, '/traces', false),
      world.listen(by, '/live'),
      world.listen('owner', '/live'),
    ]);
    await live.ask('subscribe', traces);
    await own.ask('subscribe', traces);
    const given = { name: secret, metadata: { job: secret } };
    const { id }: { readonly id: string } = await world.post('owner', '/traces', given);
    const path = `/traces/${id}`;
    await world.post('owner', `${path}/spans`, { spans: [span] });
    await world.post('owner', `${path}/finalise`, {});
    const tells = (text: string) => [id, span.id, ...world.tells(text)].filter((one) => text.includes(one));
    await own.until((frame) => frame.includes('trace.updated') && frame.includes(id));
    expect((await own.heard()).filter((frame) => frame.includes(id))).toHaveLength(3);
    for (const frame of [
      ...(await baseline.heard()),
      ...(await live.heard()),
      ...(await resumed(world, by)),
    ]) {
      expect(tells(frame)).toEqual([]);
    }
    expect((await resumed(world, 'owner')).filter((frame) => frame.includes(id))).toHaveLength(3);

    const asked: readonly (readonly [string, string, object?])[] = [
      ['GET', path],
      ['GET', `${path}/spans`],
      ['POST', `${path}/spans`, { spans: [{ ...span, id: world.ids.session }] }],
      ['POST', `${path}/finalise`, {}],
    ];
    for (const [method, where, body] of asked) {
      const got = await world.ask(by, method, where, body);
      expect([where, got.status, tells(got.text.replaceAll(id, ''))]).toEqual([where, 404, []]);
    }
    expect(tells((await world.ask(by, 'GET', '/traces')).text)).toEqual([]);
    expect((await world.ask('owner', 'GET', '/traces')).text).toContain(id);
    expect((await world.ask('owner', 'GET', `${path}/spans`)).text).toContain(span.id);
    // Not even whoever knows all of it gets it for its own.
    const repeated = await world.ask(by, 'POST', '/traces', { id, ...given });
    expect(tells(repeated.text.replaceAll(id, ''))).toEqual([]);
    // 403: a narrowed token makes no traces of its own.
    expect([403, 409]).toContain(repeated.status);
    expect((await world.ask('owner', 'POST', '/traces', { id, ...given })).status).toBe(201);
  },
}));
