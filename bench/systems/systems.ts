/** The systems under test: the program of each, and how a client listens to it. */
import { nodeOptions } from '../../src/node-options.ts';

export const systemNames = [
  'callboard-v1',
  'callboard-v1-compact',
  'callboard-baseline',
  'baseline-shape',
  'ws-loop',
  'socket-io',
  'ceiling',
] as const;

/** Those whose tokens come from a provider over HTTP; Callboard v1 is among them, too. */
export const providedNames = [
  'nest-stream-text',
  'ws-openai',
  'use-chat',
  'bare-loop',
  'bare-reader',
] as const;
export const allSystemNames = [...systemNames, ...providedNames] as const;
export type SystemName = (typeof allSystemNames)[number];

/**
 * The framing of a system's messages; see `frame-text.ts`. `ui-stream`: an answer is the body of the response to its
 * question, Server-Sent Events of the AI SDK.
 */
export type Dialect = 'json' | 'socket-io' | 'ui-stream';

export type SystemUnderTest = {
  readonly name: SystemName;
  readonly title: string;
  readonly program: URL;
  /** What Node is started with. */
  readonly nodeOptions?: readonly string[];
  readonly dialect: Dialect;
  readonly subprotocol?: string;
  /** Paths of the sockets of one subscriber; the text comes on the first. */
  readonly paths: (sessionId: string) => readonly string[];
  /** True when every client gets every session, and each token carries the whole content: the baseline's protocol. */
  readonly broadcasts: boolean;
  /** True when it replays what Callboard v1 sent. */
  readonly replays?: true;
  /** True when it is Callboard v1 with another form of its deltas: it takes part where their bytes count. */
  readonly isForm?: true;
};

const program = (file: string) => new URL(file, import.meta.url);
const live = (id: string) => [`/live?namespaces=chat-sessions,chat-messages,traces,tools&sessionId=${id}`];

export const systems: Readonly<Record<SystemName, SystemUnderTest>> = {
  'callboard-v1': {
    name: 'callboard-v1',
    title: 'Callboard v1',
    program: program('./callboard.ts'),
    nodeOptions,
    dialect: 'json',
    subprotocol: 'callboard.v1',
    paths: live,
    broadcasts: false,
  },
  'callboard-v1-compact': {
    name: 'callboard-v1-compact',
    title: 'Callboard v1, compact',
    program: program('./callboard.ts'),
    nodeOptions,
    dialect: 'json',
    subprotocol: 'callboard.v1.compact',
    paths: live,
    broadcasts: false,
    isForm: true,
  },
  'callboard-baseline': {
    name: 'callboard-baseline',
    title: 'Callboard, baseline mode',
    program: program('./callboard.ts'),
    nodeOptions,
    dialect: 'json',
    // The sockets on which a client written for the baseline gets an exchange.
    paths: () => ['/chat-messages', '/chat-sessions', '/traces'],
    broadcasts: true,
  },
  'baseline-shape': {
    name: 'baseline-shape',
    title: 'NestJS gateway (baseline shape)',
    program: program('./nest-gateway.ts'),
    dialect: 'json',
    paths: () => ['/chat-messages'],
    broadcasts: true,
  },
  'ws-loop': {
    name: 'ws-loop',
    title: '`ws` loop',
    program: program('./ws-loop.ts'),
    dialect: 'json',
    paths: (id) => [`/?sessionId=${id}`],
    broadcasts: false,
  },
  'socket-io': {
    name: 'socket-io',
    title: 'Socket.IO',
    program: program('./socket-io.ts'),
    dialect: 'socket-io',
    paths: (id) => [`/socket.io/?EIO=4&transport=websocket&sessionId=${id}`],
    broadcasts: false,
  },
  ceiling: {
    name: 'ceiling',
    title: 'Ceiling (bare uWebSockets.js)',
    program: program('./ceiling.ts'),
    dialect: 'json',
    subprotocol: 'callboard.v1',
    paths: live,
    broadcasts: false,
    replays: true,
  },
  'nest-stream-text': {
    name: 'nest-stream-text',
    title: 'NestJS gateway, `streamText`',
    program: program('./provided/nest-stream-text.ts'),
    dialect: 'json',
    paths: () => ['/chat-messages'],
    broadcasts: true,
  },
  'ws-openai': {
    name: 'ws-openai',
    title: '`ws` loop, `openai` package',
    program: program('./provided/ws-openai.ts'),
    dialect: 'json',
    paths: (id) => [`/?sessionId=${id}`],
    broadcasts: false,
  },
  'use-chat': {
    name: 'use-chat',
    title: '`useChat` route, `streamText`',
    program: program('./provided/use-chat.ts'),
    dialect: 'ui-stream',
    paths: () => ['/api/chat'],
    broadcasts: false,
  },
  'bare-loop': {
    name: 'bare-loop',
    title: 'Bare loop (undici to uWebSockets.js)',
    program: program('./provided/bare-loop.ts'),
    dialect: 'json',
    paths: live,
    broadcasts: false,
  },
  'bare-reader': {
    name: 'bare-reader',
    title: 'Bare reader (undici, nothing else)',
    program: program('./provided/bare-reader.ts'),
    dialect: 'json',
    paths: live,
    broadcasts: false,
  },
};

/** Those that differ in more than the form of their deltas. */
export const comparedSystems: readonly SystemName[] = systemNames.filter((name) => !systems[name].isForm);
