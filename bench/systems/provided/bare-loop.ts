/**
 * The least that streams a provider's tokens to people: undici, a parser of events, `JSON.parse`, and a publish of
 * uWebSockets.js for each token. Nothing is checked, stored or kept.
 */

import type { TemplatedApp } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import { createParser } from 'eventsource-parser';
import { serveProvided } from '../serve.ts';
import { uwsApplication } from '../uws-application.ts';
import { readProvider } from './provider-stream.ts';

function answer(app: TemplatedApp, sessionId: string, content: string): void {
  const messageId = randomUUID();
  const decoder = new TextDecoder();
  let offset = 0;
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data === '[DONE]') return;
      const event = JSON.parse(data);
      const text = event.choices?.[0]?.delta.content ?? event.delta?.text;
      if (!text) return;
      const frame = JSON.stringify({ event: 'message.delta', data: { sessionId, messageId, offset, text } });
      offset += text.length;
      app.publish(sessionId, frame, false);
    },
  });
  void readProvider(
    content,
    (bytes) => parser.feed(decoder.decode(bytes, { stream: true })),
    () => {},
  );
}

await serveProvided(uwsApplication(answer).listening);
