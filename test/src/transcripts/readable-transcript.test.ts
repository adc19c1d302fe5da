/** Transcripts for people: everything that was said is there as it was said, and the rest cannot pass for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatSession } from '../../../schema/chat-session.ts';
import type { MessageId, SessionId } from '../../../schema/ids.ts';
import type { ImportedConversation } from '../../../schema/imported-conversation.ts';
import { partsOf } from '../../../schema/message-part.ts';
import { participantIdSchema } from '../../../schema/participant.ts';
import type { TranscriptBranch, TranscriptForm } from '../../../schema/transcript.ts';
import { fenced, link, plainLine } from '../../../src/transcripts/markdown-text.ts';
import { transcriptFileName, transcriptForms } from '../../../src/transcripts/transcript-forms.ts';
import { anyConversation } from '../../arbitraries/conversations.ts';
import { idKinds, idOf } from '../../arbitraries/ids.ts';
import { anyText } from '../../arbitraries/texts.ts';
import { copiedTranscripts } from '../../fakes/copied-transcript.ts';

const at = '2026-01-01T00:00:00.000Z';
const sessionId = idOf<SessionId>(idKinds.session, 0);
const session: ChatSession = {
  id: sessionId,
  title: 'A *starred* title',
  description: 'About\n# nothing',
  status: 'active',
  createdAt: at,
  updatedAt: at,
};

async function told(
  conversation: ImportedConversation,
  form: TranscriptForm,
  branch: TranscriptBranch = 'current',
): Promise<string> {
  const reads = copiedTranscripts(() => ({ session, conversation }));
  const outline = await reads.outline(sessionId, branch);
  if (outline === undefined || outline === 'too long') throw new Error('there is no outline');
  let text = '';
  for await (const piece of transcriptForms[form].pieces(outline, reads, branch)) text += piece;
  return text;
}

const id = (count: number) => idOf<MessageId>(idKinds.prompt, count);
const [callId, turnId, fileId] = [idOf(idKinds.call, 1), idOf(idKinds.turn, 1), idOf(idKinds.file, 1)];
const example = {
  leafId: id(2),
  messages: [
    { id: id(1), sessionId, role: 'user', content: 'What **time** is it?', createdAt: at, parentId: null },
    {
      id: id(2),
      sessionId,
      role: 'assistant',
      content: 'Let me look. It is late',
      createdAt: at,
      parentId: id(1),
      promptId: id(1),
      status: 'cut-off',
      finishReason: 'length',
      marks: [
        { offset: 0, part: { type: 'reasoning', text: 'They ask. </details>' } },
        { offset: 12, part: { type: 'tool-call', callId, name: 'clock' } },
        { offset: 12, part: { type: 'step', step: 2 } },
        { offset: 23, part: { type: 'source', url: 'https://example.com/a b', title: 'Time [zones]' } },
      ],
    },
    { id: id(3), sessionId, role: 'user', content: 'What day?', createdAt: at, parentId: null },
  ],
  turns: [
    {
      turnId,
      promptId: id(1),
      answerId: id(2),
      traceId: idOf(idKinds.trace, 1),
      outcome: 'completed',
      queuedAt: at,
      endedAt: at,
      steps: [],
    },
  ],
  calls: [
    {
      id: callId,
      turnId,
      step: 1,
      modelCallId: 'c',
      name: 'clock',
      status: 'completed',
      agentId: null,
      argumentsJson: '{"zone":"UTC"}',
      result: 'a fence: ```',
      files: [{ type: 'file', fileId, name: 'clock [1].png', mediaType: 'image/png', bytes: 9 }],
      startedAt: at,
      endedAt: at,
    },
  ],
} as const;
const conversation = structuredClone(example) as unknown as ImportedConversation;

describe('transcripts for people', () => {
  it('[TRN6] [WHO5] say in each heading who wrote it, on one line and without markup', async () => {
    const names: readonly (string | undefined)[] = ['Ada\n# Bob', undefined];
    const [first] = example.messages;
    const messages = names.map((name, index) => ({
      ...first,
      id: id(index + 1),
      parentId: index === 0 ? null : id(index),
      author: { id: participantIdSchema.parse('key:*ada*'), ...(name === undefined ? {} : { name }) },
    }));
    const nobody = { ...first, id: id(3), parentId: id(2) };
    const conversation = { leafId: id(3), messages: [...messages, nobody], turns: [], calls: [] };
    const headings = (text: string, mark: string) => text.split('\n').filter((line) => line.startsWith(mark));
    expect(headings(await told(conversation, 'markdown'), '## ')).toEqual([
      `## User (${plainLine('Ada # Bob')}), ${at}`,
      `## User (${plainLine('key:*ada*')}), ${at}`,
      `## User, ${at}`,
    ]);
    expect(headings(await told(conversation, 'text'), '--- ')).toEqual([
      `--- User (Ada # Bob), ${at}`,
      `--- User (key:*ada*), ${at}`,
      `--- User, ${at}`,
    ]);
  });

  it('[TRN6] in Markdown have headings, folded reasoning, calls in fences, links and words for how it ended', async () => {
    expect(await told(conversation, 'markdown')).toBe(
      [
        '# A \\*starred\\* title',
        'About \\# nothing',
        `_Begun ${at}._`,
        `## User, ${at}`,
        'What **time** is it?',
        `## Assistant, ${at}`,
        '<details>\n<summary>Reasoning</summary>',
        '```text\nThey ask. </details>\n```',
        '</details>',
        'Let me look.',
        '**Tool call** `clock` (completed)',
        '```json\n{"zone":"UTC"}\n```',
        '**Result** of `clock`',
        '````text\na fence: ```\n````',
        `[clock \\[1\\].png](</files/${fileId}>) (image/png, 9 bytes)`,
        ' It is late',
        'Source: [Time \\[zones\\]](<https://example.com/a%20b>)',
        '_The answer was cut off at its output limit._\n',
      ].join('\n\n'),
    );
  });

  it('[TRN6] of all branches number their messages, and say which one each follows', async () => {
    const text = await told(conversation, 'markdown', 'all');
    expect(text.match(/^(?:## |_Begins|_Follows).*$/gm)).toEqual([
      `## 1. User, ${at}`,
      `## 2. Assistant, ${at}`,
      `## 3. User, ${at}`,
      '_Begins anew._',
    ]);
    expect(await told(conversation, 'text', 'all')).toContain(`--- 3. User, ${at}, begins anew`);
  });

  it('[TRN7] as text are plain', async () => {
    expect(await told(conversation, 'text')).toBe(
      [
        `A *starred* title\n=================\nAbout # nothing\nBegun ${at}`,
        `--- User, ${at}`,
        'What **time** is it?',
        `--- Assistant, ${at}`,
        '[Reasoning]\nThey ask. </details>\n[End of reasoning]',
        'Let me look.',
        '[Tool call clock, completed]\n{"zone":"UTC"}\n[Result]\na fence: ```\n' +
          `[File clock [1].png, image/png, 9 bytes: /files/${fileId}]\n[End of result]`,
        ' It is late',
        '[Source Time [zones]: https://example.com/a b]',
        '[The answer was cut off at its output limit.]\n',
      ].join('\n\n'),
    );
  });

  it('[TRN6] [TRN7] have every text of every message, as it was said, in order', async () => {
    const form = fc.constantFrom('markdown' as const, 'text' as const);
    await fc.assert(
      fc.asyncProperty(anyConversation, form, async (any, chosen) => {
        const text = await told(any, chosen, 'all');
        let from = 0;
        for (const { content, marks = [] } of any.messages) {
          for (const part of partsOf(content, marks)) {
            if (part.type !== 'text') continue;
            const found = text.indexOf(`\n\n${part.text}`, from);
            expect(found).toBeGreaterThanOrEqual(from);
            from = found;
          }
        }
      }),
    );
  });

  it('[TRN6] fence whatever a call says', () => {
    const ticked = fc
      .array(fc.constantFrom('`', '``', '```', '~', 'a', '\n'), { maxLength: 12 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(ticked, (content) => {
        const lines = fenced(content, 'text').split('\n');
        const fence = lines.at(-1) ?? '';
        expect(lines[0]).toBe(`${fence}text`);
        expect(lines.slice(1, -1).filter((line) => line.trimStart().startsWith(fence))).toEqual([]);
        expect(`${lines.slice(1, -1).join('\n')}\n`.trimEnd()).toBe(content.trimEnd());
      }),
    );
  });

  it('[TRN6] link only what is a page or a path of this server, and let no name be markup', () => {
    expect(link('x', 'javascript:alert(1)')).toBe('x (`javascript:alert(1)`)');
    expect(link('x', '//elsewhere/')).toBe('x (`//elsewhere/`)');
    expect(link('x', 'https://a/>)<b"')).toBe('[x](<https://a/%3E)%3Cb%22>)');
    expect(link('x', 'https://a/\ud800')).toBe('[x](<https://a/%EF%BF%BD>)');
    expect(plainLine('a\n# b](c)')).toBe('a \\# b\\]\\(c\\)');
  });

  it('[TRN3] are saved under a harmless name made of the title', () => {
    expect(transcriptFileName('Plans: 2026/27', 'markdown')).toBe('Plans_ 2026-27.md');
    expect(transcriptFileName('../../etc/passwd', 'json')).toBe('-..-etc-passwd.json');
    expect(transcriptFileName(' . ', 'text')).toBe('transcript.txt');
    fc.assert(
      fc.property(anyText, (title) => {
        expect(transcriptFileName(title, 'json')).toMatch(
          /^[^\s./\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}][^/\\<>:"|?*\p{Cc}\p{Zl}\p{Zp}]*\.json$/u,
        );
      }),
    );
  });
});
