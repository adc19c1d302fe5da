/** Transcripts in Markdown. What messages say stays as it is; everything else cannot become markup by accident. */
import type { ImportedCall } from '../../schema/imported-conversation.ts';
import type { FilePart } from '../../schema/message-part.ts';
import { codeLine, fenced, link, plainLine } from './markdown-text.ts';
import { isElsewhere, participantWords, type TranscriptStyle, whoWords } from './readable-transcript.ts';

export const markdownStyle: TranscriptStyle = {
  beginning: ({ title, description = '', createdAt }, participants) =>
    [
      `# ${plainLine(title)}`,
      plainLine(description),
      participantWords(participants, plainLine),
      `_Begun ${createdAt}._`,
    ]
      .filter((block) => block !== '')
      .join('\n\n'),
  heading: (message, place) => {
    const number = place === undefined ? '' : `${place.number}. `;
    const heading = `## ${number}${whoWords(message, plainLine)}, ${message.createdAt}`;
    if (place === undefined || !isElsewhere(place)) return heading;
    return `${heading}\n\n${place.after === null ? '_Begins anew._' : `_Follows message ${place.after}._`}`;
  },
  // In a fence, since a model may write the tag that would end the fold.
  reasoning: ({ text, cut }) =>
    folded(`Reasoning${cut === true ? ' (its end is missing)' : ''}`, fenced(text, 'text')),
  call: ({ name }, call) =>
    call === undefined
      ? `**Tool call** ${codeLine(name)}`
      : [
          `**Tool call** ${codeLine(call.name)} (${callWords(call)})`,
          fenced(call.argumentsJson, 'json'),
          `**Result** of ${codeLine(call.name)}`,
          fenced(call.result, 'text'),
          ...(call.files ?? []).map(fileLink),
        ].join('\n\n'),
  file: fileLink,
  source: ({ url, title }) => `Source: ${link(title ?? url, url)}`,
  data: ({ name, data }) => `**Data** ${codeLine(name)}\n\n${fenced(JSON.stringify(data, null, 2), 'json')}`,
  ending: (words) => `_${words}_`,
};

function fileLink({ fileId, name, mediaType, bytes }: FilePart): string {
  return `${link(name, `/files/${fileId}`)} (${plainLine(mediaType)}, ${bytes} bytes)`;
}

/** The blank lines let what is between them be Markdown. */
function folded(summary: string, block: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${block}\n\n</details>`;
}

export function callWords({ status, approval }: ImportedCall): string {
  const decision = approval === undefined ? '' : `, ${approval.decision} by a person`;
  return `${status}${decision}`;
}
