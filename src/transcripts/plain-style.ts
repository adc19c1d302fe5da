/** Transcripts as plain text. */
import type { FilePart } from '../../schema/message-part.ts';
import { callWords } from './markdown-style.ts';
import { oneLine } from './markdown-text.ts';
import { isElsewhere, participantWords, type TranscriptStyle, whoWords } from './readable-transcript.ts';

export const plainStyle: TranscriptStyle = {
  beginning: ({ title, description = '', createdAt }, participants) => {
    const line = oneLine(title);
    const who = participantWords(participants, oneLine);
    return [line, '='.repeat(Math.max(3, [...line].length)), oneLine(description), who, `Begun ${createdAt}`]
      .filter((text) => text !== '')
      .join('\n');
  },
  heading: (message, place) => {
    const number = place === undefined ? '' : `${place.number}. `;
    const heading = `--- ${number}${whoWords(message, oneLine)}, ${message.createdAt}`;
    if (place === undefined || !isElsewhere(place)) return heading;
    return `${heading}, ${place.after === null ? 'begins anew' : `follows message ${place.after}`}`;
  },
  reasoning: ({ text, cut }) =>
    `[Reasoning${cut === true ? ', its end is missing' : ''}]\n${text}\n[End of reasoning]`,
  call: ({ name }, call) =>
    call === undefined
      ? `[Tool call ${oneLine(name)}]`
      : [
          `[Tool call ${oneLine(call.name)}, ${callWords(call)}]`,
          call.argumentsJson,
          '[Result]',
          call.result,
          ...(call.files ?? []).map(fileLine),
          '[End of result]',
        ].join('\n'),
  file: fileLine,
  source: ({ url, title }) =>
    title === undefined ? `[Source ${oneLine(url)}]` : `[Source ${oneLine(title)}: ${oneLine(url)}]`,
  data: ({ name, data }) => `[Data ${oneLine(name)}: ${JSON.stringify(data)}]`,
  ending: (words) => `[${words}]`,
};

function fileLine({ fileId, name, mediaType, bytes }: FilePart): string {
  return `[File ${oneLine(name)}, ${oneLine(mediaType)}, ${bytes} bytes: /files/${fileId}]`;
}
