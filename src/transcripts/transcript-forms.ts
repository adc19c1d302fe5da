/** The forms of transcripts: their media types, and the names under which browsers save them. */
import type { TranscriptOutline, TranscriptReads } from '../../actors/transcript-reads.ts';
import { titledFileName } from '../../schema/file.ts';
import type { TranscriptBranch, TranscriptForm } from '../../schema/transcript.ts';
import { jsonTranscript } from './json-transcript.ts';
import { markdownStyle } from './markdown-style.ts';
import { plainStyle } from './plain-style.ts';
import { readableTranscript } from './readable-transcript.ts';

type Form = {
  readonly type: string;
  readonly extension: string;
  /** The pieces of its text; rejects as `reads` do. */
  readonly pieces: (
    outline: TranscriptOutline,
    reads: TranscriptReads,
    branch: TranscriptBranch,
  ) => AsyncGenerator<string>;
};

export const transcriptForms: Readonly<Record<TranscriptForm, Form>> = {
  json: { type: 'application/json', extension: '.json', pieces: jsonTranscript },
  markdown: {
    type: 'text/markdown; charset=utf-8',
    extension: '.md',
    pieces: (outline, reads, branch) => readableTranscript(outline, reads, markdownStyle, branch === 'all'),
  },
  text: {
    type: 'text/plain; charset=utf-8',
    extension: '.txt',
    pieces: (outline, reads, branch) => readableTranscript(outline, reads, plainStyle, branch === 'all'),
  },
};

export function transcriptFileName(title: string, form: TranscriptForm): string {
  return `${titledFileName(title, 'transcript')}${transcriptForms[form].extension}`;
}
