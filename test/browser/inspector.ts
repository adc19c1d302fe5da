/** What the tests of the inspector share: sessions to look at, and the page itself. */
import { request, textAt } from '../processes/baseline-client.ts';
import type { WatchedPage, WatchOptions } from './chat-page.ts';
import type { Site } from './site.ts';

/** No single step may take longer. */
const stepMs = 10_000;

type Inspector = {
  /** Makes a session and asks something in it. Returns its id. */
  readonly asked: (title: string, content: string) => Promise<string>;
  /** `query` is empty or begins with a question mark. */
  readonly open: (query?: string, options?: WatchOptions) => Promise<WatchedPage>;
};

export function inspector(pages: Site): Inspector {
  return {
    asked: async (title, content) => {
      const created = await request(pages.url, 'POST', '/chat-sessions', { title });
      const id = textAt(created.body, 'id');
      await request(pages.url, 'POST', `/chat-sessions/${id}/messages`, { content });
      return id;
    },
    open: async (query = '', options = {}) => {
      const opened = await pages.open(`/inspect${query}`, options);
      opened.page.setDefaultTimeout(stepMs);
      return opened;
    },
  };
}
