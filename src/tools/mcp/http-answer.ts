/** What a tool server behind HTTP answered, made fit for the SDK's parser. */
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { limits } from '../../../schema/limits.ts';
import type { ExactMarks } from './exact-marks.ts';
import { errorAnswer, readMessages } from './json-rpc-messages.ts';

/** The whole body; `null` when it is longer than `toolServerMessageBytesMax`, and the rest is not read. */
export async function wholeBody(body: ReadableStream<Uint8Array>): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels what is left.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limits.toolServerMessageBytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}

/** The id of the request that is posted; `undefined` for a notification. */
export function askedId(body: unknown): number | undefined {
  if (typeof body !== 'string') return undefined;
  const posted: unknown = JSON.parse(body);
  if (typeof posted !== 'object' || posted === null || !('id' in posted) || !('method' in posted))
    return undefined;
  return typeof posted.id === 'number' ? posted.id : undefined;
}

/** The messages of a body in JSON, whatever type it has; `null` when it is none, or does not answer. */
export function fitAnswer(text: string, asked: number, marks: ExactMarks): string | null {
  const messages = readMessages(text, asked).messages.map((message) => answering(message, asked));
  return messages.some(isAnswer) ? `[${messages.map(marks.marked).join(',')}]` : null;
}

/** Whatever id an answer has, what comes in answer to a request answers it. */
function answering(message: JSONRPCMessage, asked: number): JSONRPCMessage {
  return isAnswer(message) ? { ...message, id: asked } : message;
}

function isAnswer(message: JSONRPCMessage): message is Exclude<JSONRPCMessage, { method: string }> {
  return !('method' in message);
}

/**
 * The events of a stream, made fit. A stream that ends, or breaks, before it has answered `asked` and cannot be
 * resumed is ended with an answer that says so: otherwise the call would wait for its time limit.
 */
export async function* fitEvents(
  body: ReadableStream<Uint8Array>,
  marks: ExactMarks,
  asked?: number,
): AsyncGenerator<Uint8Array> {
  let isOpen = asked !== undefined;
  let broken: unknown;
  let retry = '';
  const parser = new EventSourceParserStream({
    maxBufferSize: limits.toolServerMessageBytesMax,
    onRetry: (delay) => {
      retry = `retry: ${delay}\n\n`;
    },
  });
  try {
    const text = body.pipeThrough(new TextDecoderStream()).pipeThrough(lastLineEnded());
    for await (const { id, event, data } of text.pipeThrough(parser)) {
      if (retry !== '') yield encoder.encode(retry);
      retry = '';
      // The SDK resumes a stream whose events have ids.
      if (id !== undefined) isOpen = false;
      const read = data === '' ? [] : readMessages(data, asked).messages;
      const messages = asked === undefined ? read : read.map((message) => answering(message, asked));
      if (messages.some(isAnswer)) isOpen = false;
      if (messages.length === 0) yield eventBytes({ id, event, data: '' });
      for (const message of messages) yield eventBytes({ id, event, data: marks.marked(message) });
    }
  } catch (cause) {
    broken = cause;
  }
  if (retry !== '') yield encoder.encode(retry);
  if (isOpen && asked !== undefined) {
    const reason = broken instanceof Error ? `broke (${broken.message})` : 'ended';
    yield eventBytes({ data: JSON.stringify(errorAnswer(asked, `The stream ${reason} without an answer`)) });
  } else if (broken !== undefined) {
    throw broken;
  }
}

/** A server may end its stream right behind the last event, without the empty line that ends it. */
function lastLineEnded(): TransformStream<string, string> {
  return new TransformStream({ flush: (controller) => controller.enqueue('\n\n') });
}

const encoder = new TextEncoder();

function eventBytes(event: {
  readonly id?: string | undefined;
  readonly event?: string | undefined;
  readonly data: string;
}): Uint8Array {
  const lines = [
    ...(event.id === undefined ? [] : [`id: ${event.id}`]),
    ...(event.event === undefined ? [] : [`event: ${event.event}`]),
    `data: ${event.data}`,
  ];
  return encoder.encode(`${lines.join('\n')}\n\n`);
}
