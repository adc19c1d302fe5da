/**
 * The AsyncAPI 3.0 document: all frames on sockets and SSE streams, derived from the event catalogue and from the
 * schemas that validate frames (SPEC [DOC1]).
 */
import { z } from 'zod';
import { callboardV1Subprotocol, compactSubprotocol } from '../../../schema/wire/callboard-v1-frame.ts';
import type { WireMessage } from '../../../schema/wire/wire-message.ts';
import { wireMessages } from '../../../schema/wire/wire-messages.ts';
import { baselineNamespaces, type WireNamespace } from '../../../schema/wire-event-table.ts';
import { streamQuerySchema } from '../stream/stream-query.ts';
import { type JsonSchema, SchemaComponents } from './json-schema.ts';

type Reference = { readonly $ref: string };

export type AsyncApiMessage = {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: 'application/json';
  readonly payload: JsonSchema;
  readonly examples: readonly { readonly payload: unknown }[];
};

export type AsyncApiChannel = {
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly servers: readonly Reference[];
  readonly messages: Readonly<Record<string, Reference>>;
  readonly bindings?: { readonly ws: JsonSchema };
};

export type AsyncApiOperation = {
  readonly action: 'send' | 'receive';
  readonly summary: string;
  readonly channel: Reference;
  readonly messages: readonly Reference[];
  readonly reply?: { readonly channel: Reference; readonly messages: readonly Reference[] };
  readonly bindings?: { readonly http: JsonSchema };
};

export type AsyncApiDocument = {
  readonly asyncapi: '3.0.0';
  readonly id: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly defaultContentType: 'application/json';
  readonly servers: Readonly<Record<string, JsonSchema>>;
  readonly channels: Readonly<Record<string, AsyncApiChannel>>;
  readonly operations: Readonly<Record<string, AsyncApiOperation>>;
  readonly components: {
    readonly messages: Readonly<Record<string, AsyncApiMessage>>;
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
};

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer' },
  'x-api-key': { type: 'httpApiKey', in: 'header', name: 'x-api-key' },
  'api-key': { type: 'httpApiKey', in: 'header', name: 'api-key' },
  apiKey: { type: 'httpApiKey', in: 'query', name: 'apiKey' },
  api_key: { type: 'httpApiKey', in: 'query', name: 'api_key' },
} as const;

type ChannelPlan = {
  readonly key: string;
  readonly address: string;
  readonly title: string;
  readonly description: string;
  readonly protocol: 'ws' | 'http';
  readonly query: z.ZodType;
  readonly messages: readonly WireMessage[];
};

export function asyncApiDocument(): AsyncApiDocument {
  const components = new SchemaComponents('draft-7');
  const plans = channelPlans();
  const channels = Object.fromEntries(plans.map((plan) => [plan.key, channelOf(plan, components)]));
  const messages = Object.fromEntries(
    wireMessages.map((message) => [message.key, messageOf(message, components)]),
  );
  return {
    asyncapi: '3.0.0',
    id: 'urn:callboard',
    info: {
      title: 'Callboard',
      version: '1',
      description:
        'What happens in a chat server, as it happens. A WebSocket that offers no subprotocol speaks the baseline: ' +
        `the namespace that it was opened on, whole. One that offers ${callboardV1Subprotocol} gets cursors, deltas, ` +
        'snapshots and acknowledgements, on /live for any number of subscriptions. /events is the same stream over ' +
        'plain HTTP.',
    },
    defaultContentType: 'application/json',
    servers: { sockets: serverOf('ws'), http: serverOf('http') },
    channels,
    operations: Object.fromEntries(plans.flatMap((plan) => operationsOf(plan, components))),
    components: { messages, schemas: components.schemas(), securitySchemes },
  };
}

function serverOf(protocol: 'ws' | 'http'): JsonSchema {
  return {
    host: '{host}',
    protocol,
    description: 'This server. Keys are asked for only where it was given some.',
    variables: { host: { default: 'localhost:3000', description: 'Where the server listens.' } },
    security: Object.keys(securitySchemes).map((name) => ({ $ref: `#/components/securitySchemes/${name}` })),
  };
}

function channelPlans(): ChannelPlan[] {
  const callboardV1 = wireMessages.filter((message) => message.format === 'v1');
  const keyOnly = z.object({ apiKey: z.string().optional() });
  const inAny = (namespace: WireNamespace) => (message: WireMessage) =>
    message.namespace === null || message.namespace === namespace;
  return [
    {
      key: 'live',
      address: '/live',
      title: 'Everything, on one socket',
      description: `Subprotocol ${callboardV1Subprotocol}, or ${compactSubprotocol} for short deltas. Starts without subscriptions, or with the one that the query describes.`,
      protocol: 'ws',
      query: streamQuerySchema,
      messages: callboardV1,
    },
    ...baselineNamespaces.flatMap((namespace): ChannelPlan[] => [
      {
        key: `${namespace}.v1`,
        address: `/${namespace}`,
        title: `${namespace}, with cursors`,
        description: `Subprotocol ${callboardV1Subprotocol} or ${compactSubprotocol}. Starts subscribed to its namespace.`,
        protocol: 'ws',
        query: streamQuerySchema.omit({ namespaces: true }),
        // A client may add subscriptions to other namespaces.
        messages: callboardV1,
      },
      {
        key: `${namespace}.baseline`,
        address: `/${namespace}`,
        title: `${namespace}, as the baseline speaks`,
        description: 'No subprotocol. Nothing is sent on connect; every event of the namespace follows.',
        protocol: 'ws',
        query: keyOnly,
        messages: wireMessages.filter((message) => message.format === 'baseline').filter(inAny(namespace)),
      },
    ]),
    {
      key: 'events',
      address: '/events',
      title: 'Server-Sent Events',
      description:
        'Each event is one frame as its data. Those of durable events have an id, which is a cursor: Last-Event-ID ' +
        'resumes, and so does since. Comments are heartbeats.',
      protocol: 'http',
      query: streamQuerySchema,
      messages: callboardV1.filter(
        ({ sender, event }) =>
          sender === 'server' &&
          !['ack', 'exception', 'heartbeat', 'compact-delta'].includes(event) &&
          !event.startsWith('inspect.'),
      ),
    },
  ];
}

function channelOf(plan: ChannelPlan, components: SchemaComponents): AsyncApiChannel {
  return {
    address: plan.address,
    title: plan.title,
    description: plan.description,
    servers: [{ $ref: `#/servers/${plan.protocol === 'ws' ? 'sockets' : 'http'}` }],
    messages: Object.fromEntries(
      plan.messages.map(({ key }) => [key, { $ref: `#/components/messages/${key}` }]),
    ),
    ...(plan.protocol === 'ws'
      ? { bindings: { ws: { method: 'GET', query: queryOf(plan, components), bindingVersion: '0.1.0' } } }
      : {}),
  };
}

function queryOf(plan: ChannelPlan, components: SchemaComponents): JsonSchema {
  return components.describe(plan.query, 'input');
}

function operationsOf(plan: ChannelPlan, components: SchemaComponents): [string, AsyncApiOperation][] {
  const channel = { $ref: `#/channels/${plan.key}` };
  const refer = ({ key }: WireMessage): Reference => ({ $ref: `${channel.$ref}/messages/${key}` });
  const fromServer = plan.messages.filter(({ sender }) => sender === 'server');
  const fromClient = plan.messages.filter(({ sender }) => sender === 'client');
  const answers = fromServer.filter(({ event }) => event === 'ack' || event === 'exception');
  const sends: AsyncApiOperation = {
    action: 'send',
    summary: 'What the server says.',
    channel,
    messages: fromServer.map(refer),
    ...(plan.protocol === 'http'
      ? { bindings: { http: { method: 'GET', query: queryOf(plan, components), bindingVersion: '0.3.0' } } }
      : {}),
  };
  const receives: AsyncApiOperation = {
    action: 'receive',
    summary: 'What a client may ask, in frames of at most the bytes that `hello` names.',
    channel,
    messages: fromClient.map(refer),
    reply: { channel, messages: answers.map(refer) },
  };
  const operations: [string, AsyncApiOperation][] = [[`${plan.key}.send`, sends]];
  if (fromClient.length > 0) operations.push([`${plan.key}.receive`, receives]);
  return operations;
}

function messageOf(message: WireMessage, components: SchemaComponents): AsyncApiMessage {
  return {
    name: message.event,
    title: message.key,
    summary: message.summary,
    contentType: 'application/json',
    payload: components.describe(message.frame, message.sender === 'client' ? 'input' : 'output'),
    examples: [{ payload: message.example }],
  };
}
