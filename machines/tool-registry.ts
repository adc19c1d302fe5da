/**
 * Tool registry: the tools that operators register while the server runs, as a store. Every command that is not
 * refused becomes the new definition of one tool, which is told whole; one that changes nothing tells nothing.
 *
 * Secrets do not come by here: a tool only has the number of its secret.
 */
import { fromStore } from '@xstate/store';
import { z } from 'zod';
import type { CommandReply, Idempotency } from '../schema/commands.ts';
import type { DomainEventOf } from '../schema/event-catalogue.ts';
import type { CommandId } from '../schema/ids.ts';
import { limits } from '../schema/limits.ts';
import { accepted, type Outcome, refusal, refused, toolNotFound } from '../schema/refusal.ts';
import type { RegisteredTool, ToolRegistryCommand, UpdateTool } from '../schema/registered-tool.ts';
import { isoTimestamp, type Milliseconds, millisecondsOf } from '../schema/timestamp.ts';
import { unreachable } from '../schema/unreachable.ts';

/** In the order of their names. */
export type Registry = { readonly tools: readonly RegisteredTool[] };

/** What the door adds to a command. */
type Stamp = {
  readonly commandId: CommandId;
  readonly idempotency?: Idempotency | undefined;
  readonly at: Milliseconds;
};

type Told = 'tool.registered' | 'tool.updated' | 'tool.deactivated';

/** The tool as it is from now on; `told`: the event that says so, `null` when nothing has changed. */
export type RegistryDecision = { readonly tool: RegisteredTool; readonly told: Told | null };

/** Decides about a command. `at` never makes a tool younger than its last change. */
export function registryDecision(
  tools: readonly RegisteredTool[],
  command: ToolRegistryCommand,
  at: Milliseconds,
): Outcome<RegistryDecision> {
  if (command.type === 'tool.register') return registration(tools, command, at);
  const known = tools.find(({ name }) => name === command.name);
  if (known === undefined) return refused(toolNotFound(command.name));
  const updatedAt = isoTimestamp(Math.max(at, millisecondsOf(known.updatedAt)));
  switch (command.type) {
    case 'tool.update':
      return accepted({ tool: { ...patchedTool(known, command.patch), updatedAt }, told: 'tool.updated' });
    case 'tool.activate':
      return accepted(
        known.active
          ? { tool: known, told: null }
          : { tool: { ...known, active: true, updatedAt }, told: 'tool.updated' },
      );
    case 'tool.deactivate':
      return accepted(
        known.active
          ? { tool: { ...known, active: false, updatedAt }, told: 'tool.deactivated' }
          : { tool: known, told: null },
      );
    case 'tool.rotate-secret':
      return accepted({
        tool: { ...known, secretVersion: known.secretVersion + 1, secretSince: updatedAt, updatedAt },
        told: 'tool.updated',
      });
    default:
      return unreachable(command);
  }
}

function patchedTool(tool: RegisteredTool, patch: UpdateTool): RegisteredTool {
  return {
    ...tool,
    description: patch.description ?? tool.description,
    inputSchema: patch.inputSchema ?? tool.inputSchema,
    url: patch.url ?? tool.url,
    timeoutMs: patch.timeoutMs ?? tool.timeoutMs,
    repeatable: patch.repeatable ?? tool.repeatable,
    requiresApproval: patch.requiresApproval ?? tool.requiresApproval,
  };
}

function registration(
  tools: readonly RegisteredTool[],
  { definition, heldBy }: Extract<ToolRegistryCommand, { type: 'tool.register' }>,
  at: Milliseconds,
): Outcome<RegistryDecision> {
  const { name } = definition;
  if (heldBy !== null) return refused(refusal('conflict', `${name} is the name of ${heldBy}`));
  const known = tools.find((tool) => tool.name === name);
  if (known !== undefined) {
    const state = known.active ? '' : ', and deactivated';
    return refused(refusal('conflict', `A tool named ${name} is registered${state}; change it instead`));
  }
  if (tools.length >= limits.registeredToolsMax) {
    const message = `${limits.registeredToolsMax} tools are registered, which is the most; change one of them`;
    return refused(refusal('conflict', message));
  }
  const now = isoTimestamp(at);
  const made = { active: true, secretVersion: 1, secretSince: now, createdAt: now, updatedAt: now };
  return accepted({ tool: { ...definition, ...made }, told: 'tool.registered' });
}

/** With the tool in its place. */
export function withTool(tools: readonly RegisteredTool[], tool: RegisteredTool): readonly RegisteredTool[] {
  const others = tools.filter(({ name }) => name !== tool.name);
  const index = others.findIndex(({ name }) => name > tool.name);
  return others.toSpliced(index < 0 ? others.length : index, 0, tool);
}

type Payload<Emitted> = Omit<Emitted, 'type'>;
type Reply<Type extends CommandReply['type']> = Payload<Extract<CommandReply, { type: Type }>>;

export const toolRegistryLogic = fromStore({
  context: (input: Registry) => input,
  schemas: {
    emitted: {
      'tool.registered': z.custom<Payload<DomainEventOf<'tool.registered'>>>(),
      'tool.updated': z.custom<Payload<DomainEventOf<'tool.updated'>>>(),
      'tool.deactivated': z.custom<Payload<DomainEventOf<'tool.deactivated'>>>(),
      'command.completed': z.custom<Payload<DomainEventOf<'command.completed'>>>(),
      'command.accepted': z.custom<Reply<'command.accepted'>>(),
      'command.refused': z.custom<Reply<'command.refused'>>(),
    },
  },
  on: {
    /** Restores `tools`, because later changes could not be stored. */
    'tools.reset': (_context: Registry, event: Registry) => ({ tools: event.tools }),
    'tools.command': (
      context: Registry,
      { command, commandId, idempotency, at }: Stamp & { readonly command: ToolRegistryCommand },
      enqueue,
    ) => {
      const decision = registryDecision(context.tools, command, at);
      if (!decision.ok) {
        enqueue.emit['command.refused']({ sessionId: null, commandId, refusal: decision.refusal });
        return context;
      }
      const { tool, told } = decision.value;
      if (told !== null) enqueue.emit[told]({ sessionId: null, at, commandId, data: tool });
      if (idempotency !== undefined) {
        const data = { ...idempotency, result: tool };
        enqueue.emit['command.completed']({ sessionId: null, at, commandId, data });
      }
      enqueue.emit['command.accepted']({ sessionId: null, commandId, result: tool });
      return told === null ? context : { tools: withTool(context.tools, tool) };
    },
  },
});
