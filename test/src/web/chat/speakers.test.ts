/** Who wrote what, and what a role allows, as pure functions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { participantIdSchema, type participantRoles } from '../../../../schema/participant.ts';
import type { scopes } from '../../../../schema/principal.ts';
import type { SessionMessage } from '../../../../src/client/client.ts';
import { permissionsIn } from '../../../../src/web/chat/permissions.ts';
import { isShared, readableId, speakersOf } from '../../../../src/web/chat/speakers.ts';
import { message } from '../../client/sample-frames.ts';

const idOf = (text: string) => participantIdSchema.parse(text);
const me = { id: idOf('app:me') };
const at = '2026-01-01T00:00:00.000Z';

const by = (id: string | undefined, name?: string): SessionMessage => ({
  ...message(1, 'x'),
  streaming: false,
  ...(id === undefined ? {} : { author: { id: idOf(id), ...(name === undefined ? {} : { name }) } }),
});
const member = (id: string, name?: string) => ({
  sessionId: message(1, 'x').sessionId,
  id: idOf(id),
  ...(name === undefined ? {} : { name }),
  role: 'agent' as const,
  createdAt: at,
  updatedAt: at,
});

describe('who wrote a message', () => {
  it('[WEB27] is not said where the user is alone, or is not known', () => {
    expect(isShared([by('app:me'), by(undefined)], [member('app:me')], me)).toBe(false);
    expect(isShared([by('app:you')], [member('app:you')], undefined)).toBe(false);
    expect(isShared([by('app:me')], [member('app:you')], me)).toBe(true);
    expect(isShared([by('app:you')], [], me)).toBe(true);
  });

  it('[WEB27] is the user by id alone, and somebody else by a name that can be seen, else by the id', () => {
    const of = speakersOf([member('app:you', 'Of the session'), member('key:q', ' ')], me);
    expect(of(by('app:me', 'Somebody'))).toEqual({ who: 'you' });
    expect(of(by(undefined))).toEqual({ who: 'unknown' });
    const named = (id: string, name?: string) => of(by(id, name));
    expect(named('app:you', 'You')).toEqual({ who: 'other', name: 'You', id: 'app:you' });
    expect(named('app:you')).toMatchObject({ name: 'Of the session' });
    expect(named('app:you', '\u200b')).toMatchObject({ name: 'Of the session' });
    expect(named('key:q')).toMatchObject({ name: 'key q' });
  });

  it('[WEB27] is never the user where the id is another, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.string(), (id, name) => {
        fc.pre(id !== me.id && participantIdSchema.safeParse(id).success);
        const speaker = speakersOf([member(id)], me)(by(id, name));
        expect(speaker).toMatchObject({ who: 'other', id });
        expect(speaker.who === 'other' ? speaker.name.length : 0).toBeGreaterThan(0);
      }),
    );
  });

  it('[WEB27] has an id that can be read', () => {
    expect(readableId('key:Q2abcdefghij')).toBe('key Q2abcd…');
    expect(readableId('jwt:https://id.example:8443/:ada@example.com')).toBe('ada@example.com');
    expect(readableId('app:ada')).toBe('ada');
    expect(readableId('local')).toBe('local');
    expect(readableId('agent:coder')).toBe('agent:coder');
  });
});

describe('what the user may do in a session', () => {
  const principal = (...held: (typeof scopes)[number][]) => ({
    ...me,
    name: null,
    scopes: held,
    narrowed: false,
  });
  const as = (role: (typeof participantRoles)[number]) => [{ id: me.id, role }];

  it('[WEB28] is what its role allows; who does not take part made the session', () => {
    const chat = principal('chat');
    expect(permissionsIn([], chat)).toEqual({ write: true, own: true });
    expect(permissionsIn([{ id: idOf('app:you'), role: 'observer' }], chat)).toEqual({
      write: true,
      own: true,
    });
    expect(permissionsIn(as('observer'), chat)).toEqual({ write: false, own: false });
    expect(permissionsIn(as('agent'), chat)).toEqual({ write: true, own: false });
    expect(permissionsIn(as('owner'), chat)).toEqual({ write: true, own: true });
    expect(permissionsIn(as('observer'), principal('chat', 'sessions:all'))).toEqual({
      write: true,
      own: true,
    });
    expect(permissionsIn(as('owner'), principal('read'))).toEqual({ write: false, own: false });
    expect(permissionsIn(as('observer'), undefined)).toEqual({ write: true, own: true });
  });
});
