/** A transcript as one JSON object (schema/transcript.ts), piece by piece: a line for each message, turn and call. */
import type { TranscriptOutline, TranscriptReads } from '../../actors/transcript-reads.ts';
import { transcriptHead, transcriptMessage, transcriptTurn } from '../../schema/transcript.ts';
import { pagesOf, pagesOfCalls } from './transcript-pages.ts';

export async function* jsonTranscript(
  { session, participants, leafId, messages, turns }: TranscriptOutline,
  reads: TranscriptReads,
): AsyncGenerator<string> {
  yield `${JSON.stringify(transcriptHead(session, leafId, participants)).slice(0, -1)},\n"messages":[`;
  let separator = '\n';
  const line = (value: unknown) => {
    const text = `${separator}${JSON.stringify(value)}`;
    separator = ',\n';
    return text;
  };
  for (const page of pagesOf(messages, ({ bytes }) => bytes)) {
    for (const message of await reads.messages(session.id, page)) yield line(transcriptMessage(message));
  }
  yield '\n],\n"turns":[';
  separator = '\n';
  for (const page of pagesOf(turns, ({ bytes }) => bytes)) {
    for (const turn of await reads.turns(page)) yield line(transcriptTurn(turn));
  }
  yield '\n],\n"calls":[';
  separator = '\n';
  for await (const calls of pagesOfCalls(reads, turns)) {
    for (const call of calls) yield line(call);
  }
  yield '\n]}\n';
}
