/** The event catalogue, which the API documents, the store and the type checker read. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventCatalogue } from '../../schema/event-catalogue.ts';
import { isEventName, isWireNamespace } from '../../schema/event-table.ts';

const entries = Object.entries(eventCatalogue);

describe('the event catalogue', () => {
  it.each(entries)('[CAT1] describes the data of %s as JSON Schema', (_name, entry) => {
    const schema = z.toJSONSchema(entry.data);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
    // A named schema is a reference to its definition.
    expect(['object', 'array', undefined]).toContain(schema.type);
    if (schema.type === undefined) expect(schema.$ref).toMatch(/^#\/\$defs\/[A-Z]/);
  });

  it.each(entries)(
    '[CAT2] tells clients of %s only if it has a namespace that they can open',
    (_name, entry) => {
      const isForClients = entry.delivery !== 'journal' && entry.delivery !== 'checkpoint';
      expect(isWireNamespace(entry.namespace)).toBe(isForClients);
      expect(entry.summary).toMatch(/^[A-Z].*\.$/);
    },
  );

  it('[CAT2] has every event of docs/protocol.md A3 in its namespace', () => {
    const names = (namespace: string) =>
      entries.filter(([, entry]) => entry.namespace === namespace).map(([name]) => name);
    // Later additions may be present as well.
    const baseline = {
      'chat-sessions': [
        'session.created',
        'session.updated',
        'session.deleted',
        'message.created',
        'message.updated',
        'agent.activity',
        // Protocol A5.
        'execution-tree.updated',
      ],
      'chat-messages': ['message.partial', 'message.reasoning.partial', 'message.reasoning.completed'],
      traces: ['trace.created', 'trace.updated'],
      config: ['config.updated'],
      tools: ['tool.call', 'tool.result'],
      logs: ['logs.created'],
    };
    for (const [namespace, events] of Object.entries(baseline)) {
      expect(isWireNamespace(namespace)).toBe(true);
      expect(names(namespace)).toEqual(expect.arrayContaining(events));
    }
  });

  it('[CAT2] knows its own names and no inherited ones', () => {
    for (const [name] of entries) expect(isEventName(name)).toBe(true);
    for (const name of ['', 'constructor', '__proto__', 'toString', 'message.delta']) {
      expect(isEventName(name)).toBe(false);
      expect(isWireNamespace(name)).toBe(false);
    }
  });

  it('[CAT3] has nothing but durable events among what is journaled of the namespaces of the wire', () => {
    for (const [name, { namespace, delivery }] of entries) {
      const journaled = delivery !== 'volatile' && delivery !== 'stream';
      expect(isWireNamespace(namespace) && journaled, name).toBe(delivery === 'durable');
    }
  });
});
