/**
 * How long the chat page keeps a person waiting when what it shows is bad.
 *
 * Method: each text of `bad-texts.ts` is stored as an answer and as a question of a session of its own. Chromium opens
 * the session from the list; then somebody types a letter, scrolls to the beginning, the end and into the middle, pastes
 * the same text into the field, and types another letter. The longest task of each step is how long nothing else could
 * happen (the browser tells only those of 50 ms and more). `key`: from the first letter to the picture that shows it.
 *
 * node bench/pages/bad-input.ts [part of a name]
 */
import { setTimeout as pause } from 'node:timers/promises';
import { callRest } from '../client/rest.ts';
import { badTexts } from './bad-texts.ts';
import { longestOf, openWatchedPage, say, startPages } from './watched-page.ts';

const wanted = process.argv[2] ?? '';
const { server, browser, end } = await startPages();
const steps = ['shown', 'open', 'key', 'type', 'scroll', 'paste', 'type'];

try {
  say(
    'ms: from the click until the text is there, the longest task of each step, and from a key to the picture',
  );
  say(`${'text'.padEnd(44)} ${steps.map((step) => step.padStart(8)).join('')}`);
  for (const [name, text] of badTexts) if (name.includes(wanted)) await measure(name, text);
} finally {
  await end();
}

async function measure(name: string, text: string): Promise<void> {
  const id = await server.createSession();
  // The question is answered with a word, and long texts are sent as parts.
  for (const [role, end] of [
    ['assistant', ''],
    ['user', ' [[tokens=1]]'],
  ] as const) {
    const parts = [{ type: 'text', text: text.slice(0, text.length - end.length) + end }];
    await callRest(server.port, `/chat-sessions/${id}/messages`, { role, parts });
  }
  const page = await openWatchedPage(browser, server.port);
  const begun = performance.now();
  await page.locator(`a[href="?session=${id}"]`).click();
  await page.locator('.message.assistant').nth(1).waitFor({ state: 'attached' });
  const shown = performance.now() - begun;
  const opened = await longestOf(page);
  await page.keyboard.press('x');
  const typed = await longestOf(page);
  for (const top of [0, 1e9, 2e4]) {
    await page.evaluate(`document.querySelector('.scroller').scrollTop = ${top}`);
    await pause(100);
  }
  const scrolled = await longestOf(page);
  await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
  await page.keyboard.press('Control+V');
  const pasted = await longestOf(page);
  await page.keyboard.press('x');
  const typedThen = await longestOf(page);
  const found = [shown, opened.task, typed.event, typed.task, scrolled.task, pasted.task, typedThen.task];
  say(`${name.padEnd(44)} ${found.map((ms) => ms.toFixed(0).padStart(8)).join('')}`);
  await page.context().close();
  await callRest(server.port, `/chat-sessions/${id}`, undefined, { method: 'DELETE' });
}
