/**
 * Recordings in a file. Goal: what the file holds shows what the server's own replay shows, whatever was said in it, and
 * it is bounded. Method: sessions of the real actors, written to a file, whose data is read again as its page reads it.
 */
import { describe, expect, it } from 'vitest';
import { HistoryPages } from '../../../actors/replay/history-pages.ts';
import { machinesVersion } from '../../../machines/machines-version.ts';
import type { SessionId } from '../../../schema/ids.ts';
import { limits } from '../../../schema/limits.ts';
import { recordingHeadSchema, recordingParts } from '../../../schema/session-recording.ts';
import { version } from '../../../src/config/version.ts';
import { replayedSession } from '../../../src/inspect/replayed-sessions.ts';
import { sessionRecording } from '../../../src/inspect/session-recording.ts';
import { readRecordedJournal } from '../../../src/web/inspect/recording/recorded-journal.ts';
import { causedEvents } from '../../../src/web/inspect/time/caused-events.ts';
import { acceptedValue, actorWorld, countingIds, tickingClock } from '../../fakes/actor-world.ts';

const template = { before: '<!doctype html>\n', after: '</html>\n' };
const hostile = '</script><script>alert(1)</script><!-- \u2028 \uD800';

/** The script elements of a file, as a browser's parser finds them: each ends at the first `</script`. */
function elementsOf(file: string) {
  const found = [...file.matchAll(/<script type="application\/json" ([^>]*)>(.*?)<\/script/gs)];
  const textsOf = (attribute: string) =>
    found.flatMap(([, attributes, text = '']) => (attributes === attribute ? [text] : []));
  return {
    head: textsOf(`id="${recordingParts.head}"`),
    events: textsOf(`data-part="${recordingParts.events}"`),
    end: textsOf(`id="${recordingParts.end}"`),
    count: found.length,
  };
}

async function textOf(pieces: AsyncIterable<string> | undefined): Promise<string> {
  let text = '';
  for await (const piece of pieces ?? []) text += piece;
  return text;
}

async function lived(titles: number) {
  const world = await actorWorld();
  const id = await world.createSession();
  for (let count = 0; count < titles; count++)
    acceptedValue(await world.system.door.updateSession(id, { title: `${count} ${hostile}` }));
  await world.system.stop();
  return { storage: world.storage, id };
}

describe('a recording in a file', () => {
  it('[INS14] shows what the server shows, and names its versions', async () => {
    const { storage, id } = await lived(limits.recordingChunkEvents + 40);
    const ports = { ...storage, clock: tickingClock() };
    const recording = await sessionRecording(ports, id, template);
    const file = await textOf(recording?.pieces);
    expect(recording?.name).toMatch(/^callboard-\d+ .*\.html$/);
    expect(recording?.name).not.toMatch(/[<>/\\]/);
    expect(file.startsWith(template.before)).toBe(true);
    expect(file.endsWith(template.after)).toBe(true);
    const { head, events, end, count } = elementsOf(file);
    expect(count).toBe(1 + events.length + 1);
    expect(events.length).toBeGreaterThan(1);
    expect(recordingHeadSchema.parse(JSON.parse(head[0] ?? ''))).toMatchObject({
      format: 1,
      server: version,
      machines: machinesVersion(),
      sessionId: id,
      title: `${limits.recordingChunkEvents + 39} ${hostile}`,
    });
    const journal = await readRecordedJournal(events, end[0] ?? null, () => undefined);
    expect(journal.remarks).toEqual([]);
    const pages = new HistoryPages(
      { sessionId: id, events: causedEvents(journal.events), isCapped: false },
      () => undefined,
    );
    for (const query of [{ after: 0 }, { around: 60 }, { from: 100 }, { from: 150 }]) {
      const there = await pages.page({ ...query, limit: 50 });
      expect(there).toEqual(await replayedSession(ports, id, { ...query, limit: 50 }));
      expect(there.steps).toHaveLength(50);
    }
  });

  it('[INS14] ends before it is too large, and says so', async () => {
    const { storage, id } = await lived(4);
    const ofSession: typeof storage.eventLog.ofSession = async (query) =>
      (await storage.eventLog.ofSession(query)).map((event) => ({
        ...event,
        cause: 'x'.repeat(limits.recordingUnitsMax * 0.4),
      }));
    const ports = { ...storage, eventLog: { ...storage.eventLog, ofSession }, clock: tickingClock() };
    let [lines, rest] = [0, ''];
    for await (const piece of (await sessionRecording(ports, id, template))?.pieces ?? []) {
      if (piece.startsWith('{')) lines++;
      else rest += piece;
    }
    expect(lines).toBe(2);
    const { end } = elementsOf(rest);
    expect(end).toEqual(['{"events":2,"capped":true}']);
    const { remarks } = await readRecordedJournal([], end[0] ?? null, () => undefined);
    expect(remarks.join()).toContain('more events than a file holds');
  });

  it('[INS14] there is none of a session that is not there; one of a deleted session is named by its id', async () => {
    const { storage, id } = await lived(1);
    const ports = { ...storage, clock: tickingClock() };
    expect(await sessionRecording(ports, countingIds(900).next<SessionId>(), template)).toBeUndefined();
    const deleted = { ...ports, readModel: { session: async () => undefined } };
    expect((await sessionRecording(deleted, id, template))?.name).toBe(`callboard-${id}.html`);
  });
});
