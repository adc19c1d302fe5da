/**
 * Goal: the list of recordings shows every session that passes, each once, of the filter that was chosen last. Method: a
 * server in memory that answers when the test lets it.
 */
import { expect, it } from 'vitest';
import { recordingPageSchema } from '../../../../../schema/recording.ts';
import {
  anyRecording,
  Recordings,
  recordingsQueryOf,
} from '../../../../../src/web/inspect/time/recordings.ts';

const id = (count: number) => `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
const at = '2026-11-23T04:40:00.000Z';
const ids = (from: number, count: number) => Array.from({ length: count }, (_, index) => id(from + index));
const recording = (sessionId: string, tools: readonly string[] = []) => ({
  ...{ id: sessionId, title: 'A title', status: 'active', createdAt: at, updatedAt: at },
  standing: { outcome: null, reason: null, since: null, durationMs: null, tools, models: [] },
});

function server(pages: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  const recordings = new Recordings(
    () => ({
      recordings: async (query) => {
        asked.push(String(query));
        const page = query.has('before') ? Number.parseInt(query.get('before')?.slice(-4) ?? '', 16) : 0;
        const next = page + 1 < pages.length ? id(page + 1) : null;
        if (query.get('q') === 'bad') throw new Error('The server is gone');
        const found = (pages[page] ?? []).map((one) => recording(one, [`tool ${page}`]));
        return recordingPageSchema.parse({ recordings: found, next });
      },
    }),
    (error) => failures.push(error),
  );
  const shown = () => recordings.found.value.map((one) => one.id);
  const settled = () => expect.poll(() => recordings.isReading.value).toBe(false);
  return { recordings, asked, failures, shown, settled };
}

it('[VIS10] reads on until enough are shown, past pages on which nothing passes', async () => {
  const { recordings, shown, settled } = server([[], ids(1, 150), [], ids(200, 150), ids(400, 3)]);
  recordings.show(anyRecording);
  await settled();
  expect(shown()).toEqual([...ids(1, 150), ...ids(200, 150)]);
  expect(recordings.next.value).toBe(id(4));
  recordings.more();
  await settled();
  expect(shown()).toEqual([...ids(1, 150), ...ids(200, 150), ...ids(400, 3)]);
  expect(recordings.next.value).toBeNull();
  expect([...recordings.tools.value]).toEqual(['tool 1', 'tool 3', 'tool 4']);
});

it('[VIS10] shows nothing of a filter that was changed meanwhile, and keeps what can be chosen', async () => {
  const { recordings, shown, settled, asked } = server([ids(1, 2)]);
  recordings.show(anyRecording);
  recordings.show({ ...anyRecording, outcome: 'failed' });
  await settled();
  expect(shown()).toEqual(ids(1, 2));
  expect(asked).toEqual(['', 'outcome=failed']);
  recordings.show({ ...anyRecording, q: 'bad' });
  await settled();
  expect(shown()).toEqual([]);
  expect([...recordings.tools.value]).toEqual(['tool 0']);
});

it('[VIS10] says that the server did not answer', async () => {
  const { recordings, failures, settled } = server([]);
  recordings.show({ ...anyRecording, q: 'bad' });
  await settled();
  expect(failures).toEqual([new Error('The server is gone')]);
});

it('[VIS10] asks for whole days of the browser, both included', () => {
  const day = new Date(2026, 10, 23).getTime();
  const query = recordingsQueryOf(
    { ...anyRecording, tool: 'clock', from: '2026-11-23', to: '2026-11-23' },
    id(3),
  );
  expect(Object.fromEntries(query)).toEqual({
    tool: 'clock',
    updatedAfter: new Date(day - 1).toISOString(),
    updatedBefore: new Date(2026, 10, 24).toISOString(),
    before: id(3),
  });
});
