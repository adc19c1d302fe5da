/**
 * Registered tools (SPEC RTL). A call of one begins with the newest definition that clients may know, and only while it
 * is active; definitions are told in the order in which they were made; no secret is in an event or a frame.
 */
import type { DomainEvent } from '../../../schema/event-catalogue.ts';
import type { RegisteredTool } from '../../../schema/registered-tool.ts';
import { type Holds, holdsOf, type Invariant } from '../invariant.ts';

const holds: Holds = holdsOf('tools');

type Tools = ReadonlyMap<string, RegisteredTool>;

export const registeredTools: Invariant = {
  name: 'tools',
  says: 'A registered tool is called as it was when the call began, and its secret is told to nobody.',
  watch: () => {
    let committed: Tools = new Map();
    let published: Tools = new Map();
    return {
      hear: (fact) => {
        switch (fact.kind) {
          case 'started':
            published = committed;
            return;
          case 'committed':
            committed = after(committed, fact.event);
            return;
          case 'published':
            published = withToolOf(published, fact.event);
            return;
          case 'received':
            holds(!fact.text.includes('whsec_'), () => `${fact.reader.name} was told a secret`);
            return;
          case 'remoteRan': {
            const newest = published.get(fact.definition.name);
            holds(
              JSON.stringify(newest) === JSON.stringify(fact.definition) && fact.definition.active,
              () => `a call begins with ${JSON.stringify(fact.definition)}, not ${JSON.stringify(newest)}`,
            );
            return;
          }
          default:
            return;
        }
      },
    };
  },
};

function withToolOf(tools: Tools, event: DomainEvent): Tools {
  switch (event.type) {
    case 'tool.registered':
    case 'tool.updated':
    case 'tool.deactivated':
      return new Map([...tools, [event.data.name, event.data]]);
    default:
      return tools;
  }
}

function after(tools: Tools, event: DomainEvent): Tools {
  const next = withToolOf(tools, event);
  if (next === tools) return tools;
  holds(!JSON.stringify(event).includes('whsec_'), () => `${event.type} has a secret`);
  const [tool] = [...next.values()].filter((one) => !tools.has(one.name) || tools.get(one.name) !== one);
  if (tool === undefined) return next;
  const { name, active, updatedAt, secretVersion } = tool;
  const before = tools.get(name);
  holds((before === undefined) === (event.type === 'tool.registered'), () => `${name}: ${event.type}`);
  if (before === undefined) return next;
  holds(before.updatedAt <= updatedAt, () => `${name} was changed before it was changed`);
  holds(secretVersion - before.secretVersion <= 1, () => `${name} skipped a secret`);
  holds(secretVersion >= before.secretVersion, () => `${name} has an old secret`);
  holds(
    event.type === 'tool.deactivated' ? before.active && !active : true,
    () => `${name} was deactivated, and it was ${before.active ? 'not' : 'before'}`,
  );
  return next;
}
