/**
 * What it costs to be sent the bytes at all: undici reads the provider's stream, and nothing is done with them. When the
 * answer is over, its subscribers are sent its text, which was known before, so that the client can tell the end.
 */

import type { TemplatedApp } from 'uWebSockets.js';
import { randomUUID } from 'node:crypto';
import { promptOf } from '../../engine/prompt.ts';
import { answerTokens } from '../../text/answer-text.ts';
import { serveProvided } from '../serve.ts';
import { uwsApplication } from '../uws-application.ts';
import { readProvider } from './provider-stream.ts';

function answer(app: TemplatedApp, sessionId: string, content: string): void {
  const text = answerTokens(promptOf(content)).join('');
  const data = { sessionId, messageId: randomUUID(), offset: 0, text };
  const frame = JSON.stringify({ event: 'message.delta', data });
  void readProvider(
    content,
    () => {},
    () => void app.publish(sessionId, frame, false),
  );
}

await serveProvided(uwsApplication(answer).listening);
