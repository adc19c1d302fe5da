/** Transcripts: whatever is told is read back, and whatever does not fit together is refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copiedConversation } from '../../../actors/door/copied-conversation.ts';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { SessionId } from '../../../schema/ids.ts';
import type { ImportedConversation } from '../../../schema/imported-conversation.ts';
import { limits } from '../../../schema/limits.ts';
import {
  type Participant,
  participant,
  participantIdSchema,
  participantRoles,
} from '../../../schema/participant.ts';
import type { TranscriptBranch } from '../../../schema/transcript.ts';
import { jsonTranscript } from '../../../src/transcripts/json-transcript.ts';
import { readTranscript } from '../../../src/transcripts/read-transcript.ts';
import { anyConversation } from '../../arbitraries/conversations.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';
import { copiedTranscripts } from '../../fakes/copied-transcript.ts';

const sessionId = idOf<SessionId>(idKinds.session, 0);
const session: ChatSession = {
  id: sessionId,
  title: 'Told "again"',
  description: 'What it is',
  status: 'archived',
  options: { temperature: 0.5 },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
};

const anyParticipants: fc.Arbitrary<readonly Participant[]> = fc
  .uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), { maxLength: 5 })
  .map((ids) =>
    ids.flatMap((text, index) => {
      const id = participantIdSchema.safeParse(text);
      const role = participantRoles[index % participantRoles.length] ?? 'owner';
      const times = { createdAt: session.createdAt, updatedAt: session.updatedAt };
      if (!id.success) return [];
      return [
        participant({ sessionId, id: id.data, name: index % 2 === 0 ? 'N' : undefined, role, ...times }),
      ];
    }),
  );

async function told(
  conversation: ImportedConversation,
  branch: TranscriptBranch = 'all',
  participants: readonly Participant[] = [],
): Promise<string> {
  const reads = copiedTranscripts(() => ({ session, conversation, participants }));
  const outline = await reads.outline(sessionId, branch);
  if (outline === undefined || outline === 'too long') throw new Error('there is no outline');
  let text = '';
  for await (const piece of jsonTranscript(outline, reads)) text += piece;
  return text;
}

async function* piecesOf(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const read = (text: string, size = 1000) => readTranscript(piecesOf(text, size));

/** Ids by the order in which they come, as the door would give them. */
function renamed(conversation: ImportedConversation): ImportedConversation {
  let count = 0;
  const next = <Id extends string>() => idOf<Id>(99, count++);
  return copiedConversation(conversation, sessionId, { next });
}

describe('transcripts', () => {
  it('[TRN9] read back what was told, whatever the tree and wherever the text is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(anyConversation, fc.integer({ min: 1, max: 500 }), async (conversation, size) => {
        const text = await told(conversation);
        const back = await read(text, size);
        if (!back.ok) throw new Error(JSON.stringify(back));
        const { title, description, options } = session;
        expect(back.value.session).toEqual({ title, description, options });
        expect(renamed(back.value.conversation)).toStrictEqual(renamed(conversation));
        expect(JSON.parse(await told(back.value.conversation))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('[TRN9] keep what a provider wants back with its call, whatever the new ids', async () => {
    await fc.assert(
      fc.asyncProperty(anyConversation, async (conversation) => {
        const { turns, calls } = renamed(conversation);
        const ids = new Set<string>(calls.map(({ id }) => id));
        const signed = turns.flatMap(({ steps }) =>
          steps.flatMap(({ continuation }) => Object.keys(continuation?.calls ?? {})),
        );
        expect(signed.filter((id) => !ids.has(id))).toEqual([]);
      }),
    );
  });

  it('[PTC7] read back who takes part: the first of those who are told twice, an unknown role as observer', async () => {
    await fc.assert(
      fc.asyncProperty(anyConversation, anyParticipants, async (conversation, participants) => {
        const back = await read(await told(conversation, 'all', participants), 7);
        if (!back.ok) throw new Error(JSON.stringify(back));
        const expected = participants.map(({ id, name, role }) => [id, name, role]);
        expect((back.value.participants ?? []).map(({ id, name, role }) => [id, name, role])).toEqual(
          expected,
        );
      }),
    );
    const empty = { leafId: null, messages: [], turns: [], calls: [] };
    const given = JSON.parse(await told(empty));
    const twice = [
      { id: 'key:ada', role: 'owner' },
      { id: 'key:ada', role: 'observer' },
      { id: 'agent:coder', role: 'wizard', extra: 1 },
    ];
    expect(await read(JSON.stringify({ ...given, participants: twice }))).toMatchObject({
      value: {
        participants: [
          { id: 'key:ada', role: 'owner' },
          { id: 'agent:coder', role: 'observer' },
        ],
      },
    });
    for (const participants of [
      [{ id: '', role: 'owner' }],
      'everybody',
      [7],
      Array.from({ length: limits.participantsMax + 1 }, (_, who) => ({ id: `key:${who}`, role: 'owner' })),
    ]) {
      const refused = await read(JSON.stringify({ ...given, participants }));
      expect(refused).toMatchObject({ refusal: { code: 'validation_failed' } });
      expect(JSON.stringify(refused)).toContain('"participants');
    }
  });

  it('[TRN9] of one branch read back as that branch', async () => {
    await fc.assert(
      fc.asyncProperty(anyConversation, async (conversation) => {
        const back = await read(await told(conversation, 'current'));
        if (!back.ok) throw new Error(JSON.stringify(back));
        const { messages, leafId } = back.value.conversation;
        expect(messages.at(-1)?.id ?? null).toBe(leafId);
        for (const [index, { parentId }] of messages.entries()) {
          expect(parentId).toBe(messages[index - 1]?.id ?? null);
        }
      }),
    );
  });

  it('[TRN10] are refused wherever they are cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyConversation,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (one, share) => {
          const text = (await told(one)).trimEnd();
          const cut = await read(text.slice(0, Math.floor(text.length * share)));
          expect(cut).toMatchObject({ ok: false, refusal: { code: 'bad_json' } });
        },
      ),
    );
  });
});
