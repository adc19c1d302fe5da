/** The parts of the scenario that change sessions themselves: whether they take messages, and who takes part. */
import type { TorturedClient } from './tortured-client.ts';
import { TorturedSession } from './tortured-session.ts';

/** Closed while it answers and while a message waits; nothing comes in before it is open again. */
export async function closing(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'closing');
  // Long enough for a busy machine to close the session before the end.
  await session.say('[[tokens=200 delay=10]] is answered while the session is closed');
  await session.say('[[tokens=3 delay=0]] waits, and is answered after that');
  await session.command('POST', '/close', 'close');
  const late = await session.say('[[tokens=3 delay=0]] comes too late', { mayConflict: true });
  if (late.status !== 409) throw new Error(`a closed session answered ${JSON.stringify(late)}`);
  await session.command('POST', '/close', 'close again');
  await session.command('PATCH', '/archive', 'archive');
  await session.command('POST', '/reopen', 'reopen');
  await session.say('[[tokens=3 delay=0]] goes on, archived');
  await session.command('PATCH', '/unarchive', 'unarchive');
  await session.command('POST', '/close', 'close for good');
}

/** People and an agent come, change and go. */
export async function participating(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'participating');
  const add = (name: string, body: object) => session.command('POST', '/participants', name, body);
  const coder = `/participants/${encodeURIComponent('agent:coder/1')}`;
  await add('add Ada', { id: 'key:ada', name: 'Ada', role: 'owner' });
  await add('add the agent', { id: 'agent:coder/1', role: 'agent' });
  await add('add Ada again', { id: 'key:ada', name: 'Ada', role: 'owner' });
  await session.command('PATCH', coder, 'name the agent', { name: 'Coder', role: 'observer' });
  await session.command('DELETE', '/participants/key:ada', 'remove the owner', undefined, {
    mayConflict: true,
  });
  await session.command('DELETE', coder, 'remove the agent');
  await add('add Eve', { id: 'key:eve', role: 'owner' });
  await session.command('DELETE', '/participants/key:ada', 'remove one of two owners');
  await add('add the agent again', { id: 'agent:coder/1', role: 'agent' });
}
