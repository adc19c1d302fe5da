/**
 * How fast the chat page shows conversations, and how smooth it is while answers stream.
 *
 * Method: a server of its own has a session of 300 messages and one of 10,000, 5,000 other sessions, and three sessions
 * that are being answered with `PACE` (100) pieces of text a second each. Chromium opens each, with an empty cache and from
 * the list. The page tells its longest task; the times between animation frames are measured over `SECONDS` (10) while it
 * shows one of the three, after 20 earlier messages. Server and browser run on the same machine.
 *
 * node bench/pages/conversations.ts
 */
import { z } from 'zod';
import { callRest, inParallel } from '../client/rest.ts';
import { framesInWords, framesOf } from '../inspect/frame-times.ts';
import { longestOf, openWatchedPage, say, startPages } from './watched-page.ts';

const seconds = Number(process.env['SECONDS'] ?? 10);
const pace = Number(process.env['PACE'] ?? 100);
const messagesMany = Number(process.env['MESSAGES'] ?? 10_000);
const sessionsMany = Number(process.env['SESSIONS'] ?? 5000);

const answer =
  'An answer with **strong** words, `code` and a [link](https://example.org).\n\n- one\n- two\n\n' +
  '```ts\nconst answer: number = 42;\n```\n\nA last paragraph of some words.';

const { server, browser, end } = await startPages();
try {
  const many = await sessionOf(300);
  const most = await sessionOf(messagesMany);
  await opened('300 messages', many, 300);
  await opened(`${messagesMany} messages`, most, 300);
  await streamed();
  const title = 'TitleWithoutSpaces'.repeat(6);
  await inParallel(sessionsMany, 16, () => callRest(server.port, '/chat-sessions', { title }));
  const page = await openWatchedPage(browser, server.port, '?');
  await page.locator('.session-row').nth(100).waitFor();
  say(`${sessionsMany} sessions: longest task ${(await longestOf(page)).task.toFixed(0)} ms`);
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.keyboard.press('x');
  const { task, event } = await longestOf(page);
  say(
    `  more of them, and a key: longest task ${task.toFixed(0)} ms, from an event to the picture ${event} ms`,
  );
  await opened(`300 messages beside ${sessionsMany} sessions`, many, 300);
} finally {
  await end();
}

async function sessionOf(messages: number): Promise<string> {
  const id = await server.createSession();
  const { id: sessionId } = z.object({ id: z.string() }).parse({ id });
  for (let index = 0; index < messages; index++) {
    const content = `${index}. ${answer}`;
    await callRest(server.port, `/chat-sessions/${sessionId}/messages`, { role: 'assistant', content });
  }
  return sessionId;
}

async function opened(name: string, id: string, whole: number): Promise<void> {
  const fromList = await openWatchedPage(browser, server.port);
  const row = fromList.locator(`a[href="?session=${id}"]`);
  if ((await row.count()) > 0) {
    const marks: readonly number[] = await fromList.evaluate(
      `new Promise((resolve) => {
         const marks = [];
         const begun = performance.now();
         const look = () => {
           const shown = document.querySelectorAll('.message.assistant').length;
           if (marks.length === 0 && shown > 0) marks.push(performance.now() - begun);
           if (shown < ${whole}) return requestAnimationFrame(look);
           resolve([...marks, performance.now() - begun]);
         };
         document.querySelector('a[href="?session=${id}"]').click();
         look();
       })`,
    );
    const [first = 0, all = 0] = marks;
    const { task } = await longestOf(fromList);
    say(
      `${name}: newest after ${first.toFixed(0)} ms, ${whole} after ${all.toFixed(0)} ms, longest task ${task} ms`,
    );
  }
  await fromList.context().close();
  const page = await openWatchedPage(browser, server.port, `?session=${id}`);
  await page.locator('.message.assistant').first().waitFor({ state: 'attached' });
  const { task } = await longestOf(page);
  say(`  with the page itself: longest task ${task} ms`);
  await page.context().close();
}

async function streamed(): Promise<void> {
  const ids: string[] = [];
  for (let index = 0; index < 3; index++) {
    const id = await sessionOf(20);
    ids.push(id);
    const content = `Tell me [[tokens=${pace * (seconds + 10)} delay=${Math.round(1000 / pace)}]]`;
    await callRest(server.port, `/chat-sessions/${id}/messages`, { content });
  }
  const page = await openWatchedPage(browser, server.port, `?session=${ids[0]}`);
  await page.locator('.message.streaming').waitFor();
  await longestOf(page);
  const frames = await framesOf(page, seconds);
  const { task } = await longestOf(page);
  say(`three answers at ${pace} pieces a second: frames ${framesInWords(frames)}; longest task ${task} ms`);
  await page.context().close();
}
