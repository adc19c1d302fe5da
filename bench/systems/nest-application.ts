/**
 * The application of the baseline's shape: NestJS with `@nestjs/platform-ws`, one controller and one gateway. Each event is
 * JSON, made once, and sent in a loop over all clients; each token carries the whole content so far
 * (docs/protocol.md A3).
 *
 * Node only runs TypeScript whose types can be erased, and decorators cannot be erased. A decorator is a function, so
 * this file calls each one, in the order in which a compiler would, with the metadata that the compiler would emit.
 */
import 'reflect-metadata';
import {
  Body,
  Controller,
  HttpCode,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway, WebSocketServer } from '@nestjs/websockets';
import { WebSocket, type WebSocketServer as WsServer } from 'ws';
import { type Emit, newSession } from './exchange.ts';

/** Answers a message; `emit` sends to every client. */
export type AnswerMessage = (session: string, content: string, emit: Emit) => void;

/** A controller is made by the framework, so what it calls is set before. */
let answerMessage: AnswerMessage = () => {};

class ChatGateway {
  server: WsServer | undefined;

  emit(event: string, data: object): void {
    const frame = JSON.stringify({ event, data });
    for (const client of this.server?.clients ?? []) {
      if (client.readyState === WebSocket.OPEN) client.send(frame);
    }
  }
}
decorate(ChatGateway, Injectable());
WebSocketServer()(ChatGateway.prototype, 'server');

class ChatController {
  readonly #gateway: ChatGateway;

  constructor(gateway: ChatGateway) {
    this.#gateway = gateway;
  }

  create() {
    return newSession('bench');
  }

  add(session: string, body: { readonly content: string }) {
    answerMessage(session, body.content, (event, data) => this.#gateway.emit(event, data));
    return {};
  }
}
decorate(ChatController, Controller('chat-sessions'));
Inject(ChatGateway)(ChatController, undefined, 0);
decorateMethod(ChatController, 'create', Post());
decorateMethod(ChatController, 'add', Post(':id/messages'), HttpCode(201));
Param('id')(ChatController.prototype, 'add', 0);
Body()(ChatController.prototype, 'add', 1);

class ChatModule {}
decorate(ChatModule, Module({ controllers: [ChatController], providers: [ChatGateway] }));

function decorate(target: new (...given: never[]) => object, ...decorators: readonly ClassDecorator[]): void {
  for (const decorator of decorators.toReversed()) decorator(target);
}

function decorateMethod(
  target: { readonly prototype: object },
  name: string,
  ...decorators: readonly MethodDecorator[]
): void {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name);
  if (descriptor === undefined) throw new Error(`no method ${name}`);
  for (const decorator of decorators.toReversed()) decorator(target.prototype, name, descriptor);
}

/** `compress`: frames, for clients that offer permessage-deflate, with the settings that `ws` has by default. */
export async function startNestApplication(
  answer: AnswerMessage,
  { compress = false }: { readonly compress?: boolean } = {},
): Promise<{ readonly port: number }> {
  answerMessage = answer;
  decorate(ChatGateway, WebSocketGateway({ path: '/chat-messages', perMessageDeflate: compress }));
  const app: INestApplication = await NestFactory.create(ChatModule, { logger: ['error'] });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.listen(0, '127.0.0.1');
  return { port: Number(new URL(await app.getUrl()).port) };
}
