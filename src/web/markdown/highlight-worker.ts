/** Colours code, away from the page: the page ends this worker when a text takes too long. */
import { common, createLowlight } from 'lowlight';
import { codePieces } from './highlight-pieces.ts';
import type { HighlightAnswer, HighlightRequest } from './highlighter.ts';

const lowlight = createLowlight(common);

const tell = (answer: HighlightAnswer) => globalThis.postMessage(answer);

globalThis.addEventListener('message', ({ data }: MessageEvent<HighlightRequest>) => {
  const { id, code, language } = data;
  // A language that is not known stays plain: guessing would try every one of them.
  if (!lowlight.registered(language)) tell({ id, pieces: undefined });
  else tell({ id, pieces: codePieces(lowlight.highlight(language, code)) });
});

tell({ id: 'ready' });
