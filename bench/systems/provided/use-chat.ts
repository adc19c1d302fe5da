/**
 * The route that a chat made with the AI SDK has: `useChat` posts its messages, and the response is the UI message
 * stream of `streamText`.
 */
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  convertToModelMessages,
  pipeUIMessageStreamToResponse,
  streamText,
  toUIMessageStream,
  type UIMessage,
} from 'ai';
import { newSession } from '../exchange.ts';
import { listening } from '../rest-routes.ts';
import { serveProvided } from '../serve.ts';
import { sdkModel } from './sdk-model.ts';

const model = sdkModel();

/** What such a route takes for granted. */
function messagesOf(body: unknown): UIMessage[] {
  return Object(body).messages;
}

const server = createServer((request, response) => {
  void json(request).then(async (body) => {
    if (request.url !== '/api/chat') {
      response
        .writeHead(201, { 'content-type': 'application/json' })
        .end(JSON.stringify(newSession('bench')));
      return;
    }
    const { stream } = streamText({ model, messages: await convertToModelMessages(messagesOf(body)) });
    pipeUIMessageStreamToResponse({ response, stream: toUIMessageStream({ stream }) });
  });
});
// A client may think longer than five seconds before its next question.
server.keepAliveTimeout = 120_000;
await serveProvided(listening(server));
