/** Colours code with the page's worker. It is loaded with the first code. */
import { startPageWorker } from '../page-worker.ts';
import { type HighlightAnswer, Highlighter } from './highlighter.ts';

export const pageHighlighter = new Highlighter(({ answered, failed }) => {
  const worker = startPageWorker();
  worker?.addEventListener('message', ({ data }: MessageEvent<HighlightAnswer>) => answered(data));
  worker?.addEventListener('error', failed);
  return worker && { post: (request) => worker.postMessage(request), end: () => worker.terminate() };
});
