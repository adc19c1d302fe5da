/**
 * A tool server that says what its script says, message by message, and is sound where the script is silent. Over
 * standard input and output `scripted-program.ts` runs it, over HTTP `scripted-http.ts`.
 */

export type Asked = {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The request as it came. */
  readonly text: string;
};

/** The messages that answer a request, as they go over the wire. `count`: how often this method was asked for. */
export type Answers = (asked: Asked, count: number) => readonly string[];

export type HttpReply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What happens behind the body, unless it ends. */
  readonly after?: 'breaks' | 'stays open';
};

export type Script = {
  /** By method. A call of one of the two sound tools is always answered soundly. */
  readonly answers?: Readonly<Record<string, Answers>>;
  /** Only of a program: what it writes before anything else, and with which code it ends. */
  readonly program?: { readonly stdout?: string; readonly stderr?: string; readonly exitCode?: number };
  /** Only over HTTP: an answer of its own; `null`: as usual. `count`: which request this is. */
  readonly http?: (method: string, asked: Asked | null, count: number, body: string) => HttpReply | null;
};

/** The tools of every scripted server: `look` is the script's, `seen` tells which methods were asked for. */
export const soundTools: readonly unknown[] = [
  { name: 'look', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  { name: 'seen', description: 'Tells what was asked', inputSchema: { type: 'object' } },
];

export const result =
  (value: unknown): Answers =>
  ({ id }) => [JSON.stringify({ jsonrpc: '2.0', id, result: value })];

export const failure =
  (error: unknown): Answers =>
  ({ id }) => [JSON.stringify({ jsonrpc: '2.0', id, error })];

/** As it stands, `$id` replaced by the id of the request. */
export const raw =
  (...texts: readonly string[]): Answers =>
  ({ id }) =>
    texts.map((text) => text.replaceAll('$id', String(id)));

export const said = (text: string): Answers => result({ content: [{ type: 'text', text }] });

/** These tools, and the sound ones that they do not replace. */
export function listing(...tools: readonly unknown[]): Answers {
  const names = new Set(tools.map(nameOf));
  return result({ tools: [...tools, ...soundTools.filter((tool) => !names.has(nameOf(tool)))] });
}

function nameOf(tool: unknown): unknown {
  return typeof tool === 'object' && tool !== null && 'name' in tool ? tool.name : undefined;
}

/** Reads messages, one text each, and answers each with the messages of the script. */
export function conversation(script: Script): (text: string) => {
  readonly asked: Asked | null;
  readonly messages: readonly string[];
} {
  const methods: string[] = [];
  const sound: Readonly<Record<string, Answers>> = {
    initialize: ({ id, params }) =>
      result({
        protocolVersion: params['protocolVersion'],
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'scripted', version: '1' },
      })({ id, method: '', params, text: '' }, 1),
    ping: result({}),
    'tools/list': listing(),
    'tools/call': said('fine'),
  };
  return (text) => {
    const message: { id?: number; method: string; params?: Record<string, unknown> } = JSON.parse(text);
    methods.push(message.method);
    const { id, method, params = {} } = message;
    if (id === undefined) return { asked: null, messages: [] };
    const asked: Asked = { id, method, params, text };
    if (method === 'tools/call' && params['name'] === 'seen') {
      return { asked, messages: said(JSON.stringify(methods))(asked, 1) };
    }
    const count = methods.filter((each) => each === method).length;
    const answers =
      script.answers?.[method] ?? sound[method] ?? failure({ code: -32601, message: 'unknown' });
    return { asked, messages: answers(asked, count) };
  };
}
