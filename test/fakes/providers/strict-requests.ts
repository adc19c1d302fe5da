/**
 * What real providers refuse, from their public references and from what people report of them: each function answers
 * why it would not take a request, or `undefined`.
 */
import { z } from 'zod';

const toolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
  extra_content: z.unknown().optional(),
});
const openAiMessage = z.looseObject({
  role: z.enum(['system', 'user', 'assistant', 'tool', 'developer']),
  content: z.string().nullable(),
  tool_calls: z.array(toolCall).min(1).optional(),
  tool_call_id: z.string().optional(),
  name: z.string().optional(),
});
export type OpenAiMessage = z.output<typeof openAiMessage>;
const openAiRequest = z.looseObject({
  model: z.string(),
  messages: z.array(openAiMessage).min(1),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
});

type Rule = (messages: readonly OpenAiMessage[]) => string | undefined;

function refused(body: unknown, rules: readonly Rule[]): string | undefined {
  const parsed = openAiRequest.safeParse(body);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { messages, tools = [] } = parsed.data;
  const names = [
    ...tools.map((tool) => tool.function.name),
    ...messages.flatMap((message) => (message.tool_calls ?? []).map((call) => call.function.name)),
  ];
  const odd = names.find((name) => !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name));
  if (odd !== undefined) return `the name ${odd} of a tool`;
  for (const rule of rules) {
    const problem = rule(messages);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

const callsAreAnswered: Rule = (messages) => {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      if (open.shift() !== message.tool_call_id)
        return `a result for ${message.tool_call_id} without its call`;
      continue;
    }
    if (open.length > 0) return `no result for ${open.join(', ')}`;
    open = (message.tool_calls ?? []).map(({ id }) => id);
  }
  return open.length > 0 ? `no result for ${open.join(', ')}` : undefined;
};

const idsAreUnique: Rule = (messages) => {
  const ids = messages.flatMap(({ tool_calls: calls = [] }) => calls.map(({ id }) => id));
  return new Set(ids).size < ids.length ? 'the same id twice' : undefined;
};

const idsMatch =
  (pattern: RegExp): Rule =>
  (messages) => {
    const ids = messages.flatMap(({ tool_calls: calls = [] }) => calls.map(({ id }) => id));
    const odd = ids.find((id) => !pattern.test(id));
    return odd === undefined ? undefined : `the id ${odd}`;
  };

const argumentsAreObjects: Rule = (messages) => {
  for (const { tool_calls: calls = [] } of messages) {
    for (const call of calls) {
      const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(call.function.arguments));
      if (!parsed.success) return `the arguments ${call.function.arguments}`;
    }
  }
  return undefined;
};

const nothingIsBlank: Rule = (messages) => {
  const blank = messages.find(
    ({ content, tool_calls: calls }) => (content ?? '').trim() === '' && calls === undefined,
  );
  return blank === undefined ? undefined : `a blank message of the ${blank.role}`;
};

const onlyKeys =
  (...keys: readonly string[]): Rule =>
  (messages) => {
    const odd = messages.flatMap((message) => Object.keys(message)).find((key) => !keys.includes(key));
    return odd === undefined ? undefined : `the field ${odd} in a message`;
  };

const noExtraContent: Rule = (messages) => {
  const odd = messages.some(({ tool_calls: calls = [] }) => calls.some((call) => 'extra_content' in call));
  return odd ? 'extra_content in a call' : undefined;
};

/** https://docs.mistral.ai: the roles that may follow each other, as its own validation has it. */
const rolesInOrder: Rule = (messages) => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    first: ['system', 'user'],
    system: ['user', 'assistant', 'system'],
    user: ['assistant', 'system', 'user'],
    assistant: ['assistant', 'user', 'tool'],
    tool: ['assistant', 'tool'],
  };
  for (const [index, { role }] of messages.entries()) {
    const before = messages[index - 1]?.role ?? 'first';
    if (!(allowed[before] ?? []).includes(role)) return `Unexpected role '${role}' after role '${before}'`;
  }
  const last = messages.at(-1)?.role;
  return last === 'user' || last === 'tool' ? undefined : `Expected last role User or Tool, got ${last}`;
};

const common = [callsAreAnswered, idsAreUnique, argumentsAreObjects, nothingIsBlank];

export function openAiRefusal(body: unknown): string | undefined {
  return refused(body, [
    ...common,
    idsMatch(/^.{1,40}$/),
    onlyKeys('role', 'content', 'tool_calls', 'tool_call_id'),
    noExtraContent,
  ]);
}

export function mistralRefusal(body: unknown): string | undefined {
  return refused(body, [
    ...common,
    idsMatch(/^[a-zA-Z0-9]{9}$/),
    onlyKeys('role', 'content', 'tool_calls', 'tool_call_id', 'name'),
    noExtraContent,
    rolesInOrder,
  ]);
}

/**
 * `issued`: the signatures that this provider gave. Calls of the turn that goes on must have theirs, and nobody may
 * make one up: https://ai.google.dev/gemini-api/docs/thought-signatures.
 */
export function googleRefusal(body: unknown, issued: ReadonlySet<string>): string | undefined {
  const signatureOf = (call: z.output<typeof toolCall>) =>
    z.object({ google: z.object({ thought_signature: z.string() }) }).safeParse(call.extra_content).data
      ?.google.thought_signature;
  const signed: Rule = (messages) => {
    const current = messages.findLastIndex(({ role }) => role === 'user');
    for (const [index, { tool_calls: calls = [] }] of messages.entries()) {
      const [first] = calls;
      if (index > current && first !== undefined && signatureOf(first) === undefined) {
        return 'Function call is missing a thought_signature';
      }
      for (const call of calls) {
        const signature = signatureOf(call);
        if (signature !== undefined && !issued.has(signature))
          return `the signature ${signature} is not ours`;
      }
    }
    return undefined;
  };
  return refused(body, [
    ...common,
    onlyKeys('role', 'content', 'tool_calls', 'tool_call_id', 'name', 'extra_content'),
    signed,
  ]);
}

const anthropicBlock = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('thinking'), thinking: z.string(), signature: z.string() }),
  z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() }),
  z.strictObject({
    type: z.literal('tool_use'),
    id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/),
    input: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({
    type: z.literal('tool_result'),
    tool_use_id: z.string(),
    content: z.union([
      z.string().min(1),
      z.array(z.strictObject({ type: z.literal('text'), text: z.string().min(1) })),
    ]),
    is_error: z.boolean().optional(),
  }),
]);
const anthropicRequest = z.looseObject({
  model: z.string(),
  max_tokens: z.int().positive(),
  system: z.unknown().optional(),
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.array(anthropicBlock).min(1) }))
    .min(1),
  tools: z.array(z.looseObject({ name: z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/) })).optional(),
});
type AnthropicMessages = z.output<typeof anthropicRequest>['messages'];

/** `issued`: the signatures and encrypted thoughts that this provider gave. */
export function anthropicRefusal(body: unknown, issued: ReadonlySet<string> = new Set()): string | undefined {
  const parsed = anthropicRequest.safeParse(body);
  if (!parsed.success) return z.prettifyError(parsed.error);
  const { messages, tools } = parsed.data;
  if (messages[0]?.role !== 'user' || messages.at(-1)?.role !== 'user') return 'a user begins and ends';
  const blocks = messages.flatMap(({ content }) => content);
  if (blocks.some((one) => one.type === 'text' && one.text.trim() === ''))
    return 'text content blocks must contain non-whitespace text';
  const calls = blocks.filter((one) => one.type === 'tool_use');
  if (calls.length > 0 && tools === undefined) return 'tool_use without tools';
  const ids = calls.map(({ id }) => id);
  if (new Set(ids).size < ids.length) return '`tool_use` ids must be unique';
  for (const one of blocks) {
    if (one.type === 'thinking' && !issued.has(one.signature))
      return 'Invalid `signature` in `thinking` block';
    if (one.type === 'redacted_thinking' && !issued.has(one.data))
      return 'Invalid `data` in `redacted_thinking` block';
  }
  return unansweredCall(messages);
}

function unansweredCall(messages: AnthropicMessages): string | undefined {
  let open: string[] = [];
  for (const { role, content } of messages) {
    const results = content.flatMap((one) => (one.type === 'tool_result' ? [one.tool_use_id] : []));
    if (results.join() !== open.join()) {
      return `each tool_use must have its tool_result in the next message: ${open.join()} / ${results.join()}`;
    }
    const behind = content.slice(0, results.length).some(({ type }) => type !== 'tool_result');
    if (behind) return 'tool_result blocks must come first';
    open = role === 'assistant' ? content.flatMap((one) => (one.type === 'tool_use' ? [one.id] : [])) : [];
  }
  return open.length > 0 ? `no tool_result for ${open.join()}` : undefined;
}
