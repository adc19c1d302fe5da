/**
 * The contract of stored keys (SPEC KEY), for every backend; what is kept of them beside the journal, for those that keep
 * it.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../actors/ports.ts';
import type { KeyId } from '../../schema/ids.ts';
import type { HeldKey } from '../../schema/stored-key.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import type { KeyNotes } from '../../src/storage/sql/key-statements.ts';
import { cases } from '../effort.ts';
import { exampleKey } from '../fakes/example-key.ts';
import type { JournalBackend, OpenJournal } from './journal-backend.ts';
import { entry, newId, start } from './sample-entries.ts';

const odd = fc.constantFrom("Ada's", '日本', '', 'cb_', '%');
const version = fc.record({
  name: odd,
  tenant: fc.option(odd),
  expiresAt: fc.option(fc.constant(isoTimestamp(start + 5))),
  revokedAt: fc.option(fc.constant(isoTimestamp(start + 7))),
  digest: fc.string(),
  previous: fc.option(odd.map((digest) => ({ digest, until: start + 9 }))),
});
/** Keys of one batch each, and how each of them changes. */
const lives = fc.array(fc.array(version, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

export function keyContract(backend: JournalBackend): void {
  describe(`stored keys: ${backend.name}`, () => {
    let store: OpenJournal & { readonly keyNotes?: KeyNotes };
    beforeAll(async () => {
      store = await backend.open();
    });
    afterAll(() => store.close());

    it('[JRN3] [KEY1] [KEY4] [AUD3] keeps the last of each key, and the digests in the journal', async () => {
      await fc.assert(
        fc.asyncProperty(lives, fc.boolean(), async (keys, inOne) => {
          const before = await store.readModel.storedKeys();
          const made: HeldKey[] = [];
          const batches = keys.map((versions, index) => {
            const id = newId<KeyId>();
            const createdAt = isoTimestamp(start + made.length);
            // The first key of the store makes room for the second, and so on.
            const replaced = index === 0 ? before[0] : undefined;
            return versions.map(({ digest, previous, ...given }, count): JournalEntry => {
              const fact = { ...exampleKey, ...given, id, createdAt };
              const secrets = { version: count + 1, digest, previous };
              if (count === versions.length - 1) made.push({ fact, secrets, lastUsedAt: null });
              const replaces = replaced === undefined || count > 0 ? {} : { replaces: replaced.fact.id };
              return entry.key(count === 0 ? 'key.created' : 'key.rotated', fact, {
                ...secrets,
                ...replaces,
              });
            });
          });
          const after = (await store.eventLog.range()).newest;
          for (const batch of inOne ? [batches.flat()] : batches) await store.journal.append(batch);
          const now = await store.readModel.storedKeys();
          const order = ({ fact }: HeldKey) => `${fact.createdAt} ${fact.id}`;
          const expected = [...before.slice(1), ...made].sort((a, b) => (order(a) < order(b) ? -1 : 1));
          expect(now).toStrictEqual(expected);
          const log = await store.eventLog.read({ after, limit: 100, namespaces: ['audit'] });
          expect(log.map(({ event }) => event)).toStrictEqual(batches.flat());
          const newest = await store.readModel.audit({ limit: 2 });
          const older = await store.readModel.audit({ limit: 100, before: newest.at(-1)?.seq });
          expect([...newest, ...older].slice(0, log.length)).toStrictEqual(log.toReversed());
        }),
        { numRuns: cases({ quick: 15, full: 100 }) },
      );
    });

    it('[KEY6] [KEY9] notes last uses, and the first authentication for ever', async () => {
      const { keyNotes } = store;
      if (keyNotes === undefined) return;
      const fresh: OpenJournal & { readonly keyNotes?: KeyNotes } = await backend.open();
      const { keyNotes: notes = keyNotes, readModel, journal } = fresh;
      expect(await notes.authenticatedSince()).toBeNull();
      const ids = Array.from({ length: 3 }, () => newId<KeyId>());
      await journal.append(
        ids.map((id, index) =>
          entry.key(
            'key.created',
            { ...exampleKey, id, createdAt: isoTimestamp(start + index) },
            { version: 1, digest: `digest ${index}`, previous: null },
          ),
        ),
      );
      expect(await notes.authenticatedSince()).toBe(start);
      await notes.noteAuthentication(start + 1);
      expect(await notes.authenticatedSince()).toBe(start);
      const [first, second, third] = ids;
      if (first === undefined || second === undefined || third === undefined) throw new Error('three keys');
      const uses = new Map([...ids.slice(0, 2), newId<KeyId>()].map((id, index) => [id, start + index]));
      await notes.noteUses(uses);
      await notes.noteUses(new Map());
      const used = async () => (await readModel.storedKeys()).map(({ lastUsedAt }) => lastUsedAt);
      expect(await used()).toEqual([start, start + 1, null]);
      // What is journaled leaves it as it is.
      const changed = {
        ...exampleKey,
        id: first,
        createdAt: isoTimestamp(start),
        revokedAt: isoTimestamp(start),
      };
      await journal.append([entry.key('key.revoked', changed, { version: 1, digest: 'd', previous: null })]);
      expect(await used()).toEqual([start, start + 1, null]);
      await fresh.close();
    });
  });
}
