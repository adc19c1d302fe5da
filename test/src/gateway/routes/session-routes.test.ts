/** The REST routes that close sessions and say who takes part: what reaches the door, and what the client is answered. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../../schema/limits.ts';
import { at, owner, session, sessionId, unknownId } from '../fake-services.ts';
import { type RunningGateway, runGateway } from '../running-gateway.ts';

let running: RunningGateway;
beforeAll(async () => {
  running = await runGateway();
});
afterAll(() => running.gateway.close());
beforeEach(() => {
  running.services.calls.length = 0;
});

const one = `/chat-sessions/${sessionId}`;
const all = `${one}/participants`;
const coder = { id: 'agent:coder/2 %', name: 'Coder', role: 'agent' };
const ofCoder = `${all}/${encodeURIComponent(coder.id)}`;

async function ask(method: string, path: string, body?: unknown) {
  const response = await running.request(path, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

describe('commands about sessions over REST', () => {
  it.each([
    ['PATCH', `${one}/unarchive`, 'unarchiveSession', session],
    ['POST', `${one}/close`, 'closeSession', { ...session, closedAt: at }],
    ['POST', `${one}/reopen`, 'reopenSession', session],
  ])('[SES5] [SES11] %s %s', async (method, path, call, answer) => {
    expect(await ask(method, path)).toEqual({ status: 200, body: answer });
    expect(running.services.calls).toEqual([[call, sessionId]]);
    expect((await ask(method, path.replace(sessionId, unknownId))).status).toBe(404);
    expect((await ask(method, path.replace(sessionId, 'seven'))).status).toBe(400);
  });

  it('[PTC2] [PTC3] [PTC5] participants are added, changed, removed and listed', async () => {
    const { name: _, ...bare } = owner;
    expect(await ask('POST', all, coder)).toEqual({ status: 201, body: { ...owner, ...coder } });
    expect(await ask('PATCH', ofCoder, { role: 'observer', name: null })).toMatchObject({
      status: 200,
      body: { id: coder.id, role: 'observer' },
    });
    expect(await ask('DELETE', ofCoder)).toEqual({ status: 204, body: null });
    expect(await ask('GET', all)).toEqual({ status: 200, body: [{ ...bare, name: 'Ada' }] });
    expect(running.services.calls).toEqual([
      ['addParticipant', sessionId, coder],
      ['updateParticipant', sessionId, coder.id, { role: 'observer', name: null }],
      ['removeParticipant', sessionId, coder.id],
      ['session', sessionId],
      ['participants', sessionId],
    ]);
    expect((await ask('GET', all.replace(sessionId, unknownId))).status).toBe(404);
  });

  it.each([
    ['no id', { role: 'owner' }, ['id']],
    ['no role', { id: 'key:ada' }, ['role']],
    ['another role', { id: 'key:ada', role: 'admin' }, ['role']],
    ['an empty id', { id: '', role: 'owner' }, ['id']],
    [
      'an id that is too long',
      { id: 'é'.repeat(limits.participantCharactersMax + 1), role: 'owner' },
      ['id'],
    ],
    ['a dot', { id: '.', role: 'owner' }, ['id']],
    ['two dots', { id: '..', role: 'owner' }, ['id']],
    ['U+0000', { id: 'a\0', role: 'owner' }, ['id']],
    ['texts that are none', { id: 7, role: ['owner'], name: {} }, ['id', 'name', 'role']],
    ['an empty name', { id: 'key:ada', role: 'owner', name: '' }, ['name']],
  ])('[PTC1] %s is refused', async (_, body, properties) => {
    const { status, body: said } = await ask('POST', all, body);
    expect(status).toBe(400);
    expect(said.details.errors.map(({ property }: { property: string }) => property).sort()).toEqual(
      properties,
    );
    expect(running.services.calls).toEqual([]);
  });

  it('[PTC1] an id in a path is held to the same bounds', async () => {
    const long = 'é'.repeat(limits.participantCharactersMax);
    expect((await ask('DELETE', `${all}/${encodeURIComponent(long)}`)).status).toBe(204);
    expect(await ask('DELETE', `${all}/${encodeURIComponent(`${long}x`)}`)).toMatchObject({
      status: 400,
      body: { details: { errors: [{ property: 'name' }] } },
    });
    expect((await ask('PATCH', `${all}/%ff`, {})).status).toBe(400);
    expect((await ask('PATCH', `${all}/key:ada`, { role: 'king' })).status).toBe(400);
  });

  it('[SRC11] sessions are sought by participant and by agent', async () => {
    await ask('GET', `/chat-sessions?participant=${encodeURIComponent(coder.id)}&agent=bot&limit=5`);
    expect(running.services.calls).toEqual([
      ['findSessions', { limit: 5, before: undefined, participant: coder.id, agent: 'bot' }],
    ]);
    expect((await ask('GET', '/chat-sessions?participant=')).status).toBe(400);
    expect((await ask('GET', '/chat-sessions?agent=a&agent=b')).status).toBe(400);
  });
});
