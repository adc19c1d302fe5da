/**
 * The parts of the scenario that change trees: versions and branches, the queue, copies, files. Each command is legal
 * whatever the server's deaths have interrupted before it, or says that it may come too late.
 */
import type { TorturedClient } from './tortured-client.ts';
import { idOf, TorturedSession, textOf } from './tortured-session.ts';

/** Versions while they are answered, cut off and interrupted; branches; deletion of both. */
export async function branching(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'branching');
  const first = idOf(await session.say('[[tokens=40 delay=1]] asked twice, then changed'));
  await session.command('POST', `/messages/${first}/regenerate`, 'again while it is answered', {});
  const cut = idOf(await session.say('[[tokens=10 delay=1 think=2 finish=length]] cut off'));
  await session.ended(cut);
  const answer = await session.answerTo(cut);
  if (answer !== undefined && answer.content !== '' && answer.status !== 'failed') {
    await session.command('POST', `/messages/${answer.id}/regenerate`, 'go on', { continue: true });
  }
  const edited = await session.command('PATCH', `/messages/${first}`, 'change the first', {
    content: '[[tokens=30 delay=1]] the first, changed',
  });
  await session.command('PUT', '/branch', 'back to the first', { leafId: cut });
  const again = await session.command('PATCH', `/messages/${idOf(edited)}`, 'change it again', {
    content: '[[tokens=5 delay=1]] the first, changed again',
  });
  const thrown = idOf(await session.say('[[tokens=2000 delay=2]] deleted while it is answered'));
  await session.command('DELETE', `/messages/${thrown}`, 'delete what is answered');
  await session.command('DELETE', `/messages/${idOf(edited)}`, 'delete a version');
  const older = await session.answerTo(first);
  if (older !== undefined) await session.command('DELETE', `/messages/${older.id}`, 'delete an answer');
  await session.command('PUT', '/branch', 'to the first', { leafId: first });
  const last = idOf(await session.say('[[tokens=3 delay=0]] goes on from there'));
  await session.ended(last);
  // Nothing follows that tells of the leaf once more.
  await session.command('PUT', '/branch', 'to the newest version', { leafId: idOf(again) });
}

/** Messages that wait are changed, sent now, taken out, replaced. */
export async function queueing(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'queueing');
  await session.say('[[tokens=4000 delay=2]] runs until another is sent now');
  const waits = async (text: string) => idOf(await session.say(`[[tokens=3 delay=1]] ${text}`));
  const changed = await waits('changed while it waits');
  await session.say({ role: 'assistant', content: 'Said by nobody, while others wait' });
  const hurried = await waits('sent now');
  const dropped = await waits('taken out');
  await session.command('PATCH', `/messages/${changed}`, 'change what waits', {
    content: '[[tokens=3 delay=1]] waits, changed',
  });
  await session.command('POST', `/messages/${hurried}/send-now`, 'send now', undefined, {
    mayConflict: true,
  });
  await session.command('DELETE', `/messages/${dropped}`, 'take out');
  await session.say('[[tokens=4000 delay=2]] replaced');
  await session.say({ content: '[[tokens=150 delay=1]] replaces what runs and waits', queue: 'replace' });
  const late = { content: '[[tokens=3 delay=0]] refused while anything runs', queue: 'reject' };
  await session.say(late, { mayConflict: true });
  await session.say({ content: '[[tokens=3 delay=0]] queued', queue: 'queue' });
}

/** A message is given to a turn before its next model call. */
export async function steering(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'steering');
  await session.say('[[think=60 delay=5 tool=probe args={"run":"e"} tokens=500]] is steered');
  await session.say('[[tokens=3 delay=0]] waits longer');
  const heard = idOf(await session.say('[[tokens=3 delay=0]] is heard next'));
  await session.command('POST', `/messages/${heard}/steer`, 'steer', undefined, { mayConflict: true });
}

/** Copies of a conversation, by fork and by transcript, outlive what they were made of. */
export async function forking(client: TorturedClient): Promise<void> {
  const session = await TorturedSession.create(client, 'forking');
  const copied = idOf(
    await session.say('[[tool=probe args={"run":"f"} think=2 tokens=8 delay=0]] is copied'),
  );
  await session.ended(copied);
  await session.command('POST', `/messages/${copied}/regenerate`, 'again', {});
  await session.ended(copied);
  const last = (await session.answerTo(copied))?.id ?? copied;
  const fork = await session.command('POST', '/fork', 'fork', { messageId: last, title: 'forked' });
  const forked = new TorturedSession(client, 'forked', idOf(fork));
  const again = await forked.command('POST', '/fork', 'fork', {
    messageId: textOf(fork, 'leafId'),
    title: 'forked again',
  });
  const transcript = await client.read(`${session.path}/transcript?branch=all`);
  const imported = new TorturedSession(
    client,
    'imported',
    idOf(await client.command('POST', '/chat-sessions/import', 'forking import', transcript)),
  );
  await forked.say('[[tokens=5 delay=1]] in the copy');
  await imported.say('[[tokens=5 delay=1]] in what was imported');
  await session.command('DELETE', '', 'delete the original');
  await new TorturedSession(client, 'twice forked', idOf(again)).say(
    '[[tokens=5 delay=0]] in the second copy',
  );
}

/** A file is stored, sent, sent again, and copied with its message. */
export async function filing(client: TorturedClient): Promise<void> {
  const bytes = new TextEncoder().encode('name,colour\nAda,green\n'.repeat(3000));
  const stored = await client.command('POST', '/files', 'filing upload', bytes);
  const session = await TorturedSession.create(client, 'filing');
  const parts = (text: string) => [
    { type: 'text', text },
    { type: 'file', fileId: idOf(stored) },
  ];
  const sent = idOf(await session.say({ parts: parts('[[tokens=5 delay=0]] with a file') }));
  await session.command('PATCH', `/messages/${sent}`, 'change', {
    parts: parts('[[tokens=5 delay=1]] with the same file'),
  });
  const fork = await session.command('POST', '/fork', 'fork', { messageId: sent });
  await session.command('DELETE', '', 'delete');
  await new TorturedSession(client, 'filed', idOf(fork)).say('[[tokens=3 delay=0]] beside a copied file');
}
