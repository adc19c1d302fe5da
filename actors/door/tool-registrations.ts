/**
 * Registered tools at the door: what a pure store cannot know about a command is checked here, and the secret is added
 * to the answers that show one. It is made anew for each answer, so that no actor, event, log line or kept answer has it.
 */
import { type Actor, createActor } from 'xstate';
import { toolRegistryLogic, withTool } from '../../machines/tool-registry.ts';
import type { JournaledEvent } from '../../schema/event-catalogue.ts';
import type { JsonSchemaObject } from '../../schema/json-value.ts';
import { accepted, type Outcome, refusal, refused } from '../../schema/refusal.ts';
import type {
  RegisteredTool,
  RegisterTool,
  ToolRegistryCommand,
  ToolWithSecret,
  UpdateTool,
} from '../../schema/registered-tool.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { RegisteredTools } from '../registered-tools.ts';
import { publishing } from '../sessions/publishing.ts';
import { schemaProblem } from '../tool-calls/argument-validation.ts';
import type { CommandDoor, Named } from './command-door.ts';
import type { Stamp } from './server-commands.ts';

export type ToolRegistrationsOptions = {
  readonly outbox: Pick<Outbox, 'accept'>;
  /** What is stored, in the order of names. */
  readonly initial: readonly RegisteredTool[];
  /** Absent: this server takes no registered tools. */
  readonly host: RegisteredTools | undefined;
  /** Lets `send` give the command to its actor, unless its client gave it before; resolves with its answer. */
  readonly run: (named: Named, send: (stamp: Stamp) => void) => Promise<Outcome<unknown>>;
};

export class ToolRegistrations
  implements
    Pick<
      CommandDoor,
      | 'registerTool'
      | 'updateTool'
      | 'activateTool'
      | 'deactivateTool'
      | 'rotateToolSecret'
      | 'registeredTools'
    >
{
  readonly #options: ToolRegistrationsOptions;
  readonly actor: Actor<typeof toolRegistryLogic>;
  #committed: readonly RegisteredTool[];

  constructor(options: ToolRegistrationsOptions) {
    this.#options = options;
    this.#committed = options.initial;
    options.host?.offer(options.initial);
    this.actor = createActor(publishing(toolRegistryLogic, options.outbox.accept), {
      id: 'toolRegistry',
      input: { tools: options.initial },
    });
    this.actor.start();
  }

  readonly registeredTools = (): readonly RegisteredTool[] => this.#committed;

  readonly registerTool = async (body: RegisterTool, named?: Named): Promise<Outcome<ToolWithSecret>> =>
    this.#withSecret(
      await this.#run(named, body, (host) => ({
        type: 'tool.register',
        definition: body,
        heldBy: host.holderOf(body.name),
      })),
    );

  readonly updateTool = (name: string, patch: UpdateTool, named?: Named): Promise<Outcome<RegisteredTool>> =>
    this.#run(named, patch, () => ({ type: 'tool.update', name, patch }));

  readonly activateTool = (name: string, named?: Named): Promise<Outcome<RegisteredTool>> =>
    this.#run(named, {}, () => ({ type: 'tool.activate', name }));

  readonly deactivateTool = (name: string, named?: Named): Promise<Outcome<RegisteredTool>> =>
    this.#run(named, {}, () => ({ type: 'tool.deactivate', name }));

  readonly rotateToolSecret = async (name: string, named?: Named): Promise<Outcome<ToolWithSecret>> =>
    this.#withSecret(await this.#run(named, {}, () => ({ type: 'tool.rotate-secret', name })));

  /** Call it with each event after its commit, before anybody is told of it. */
  committed(event: JournaledEvent): void {
    switch (event.type) {
      case 'tool.registered':
      case 'tool.updated':
      case 'tool.deactivated':
        this.#committed = withTool(this.#committed, event.data);
        this.#options.host?.offer(this.#committed);
        return;
      default:
        return;
    }
  }

  /** Goes back to what is committed, because the journal refused the newest change for good. */
  reset(): void {
    this.actor.send({ type: 'tools.reset', tools: this.#committed });
  }

  async #run(
    named: Named,
    given: { readonly url?: string | undefined; readonly inputSchema?: JsonSchemaObject | undefined },
    commandOf: (host: RegisteredTools) => ToolRegistryCommand,
  ): Promise<Outcome<RegisteredTool>> {
    const { host, run } = this.#options;
    if (host === undefined) return refused(refusal('bad_request', 'This server takes no registered tools'));
    const problem = problemOf(given, host);
    if (problem !== null) return refused(refusal('validation_failed', problem));
    const outcome = await run(named, (stamp) =>
      this.actor.send({ type: 'tools.command', command: commandOf(host), ...stamp }),
    );
    return outcome.ok ? accepted(outcome.value as RegisteredTool) : outcome;
  }

  #withSecret(outcome: Outcome<RegisteredTool>): Outcome<ToolWithSecret> {
    if (!outcome.ok) return outcome;
    const secret = this.#options.host?.secretOf(outcome.value) ?? '';
    return accepted({ ...outcome.value, secret });
  }
}

function problemOf(
  {
    url,
    inputSchema,
  }: { readonly url?: string | undefined; readonly inputSchema?: JsonSchemaObject | undefined },
  host: RegisteredTools,
): string | null {
  const address = url === undefined ? null : host.addressProblem(url);
  if (address !== null) return `url cannot be called: ${address}`;
  const schema = inputSchema === undefined ? null : schemaProblem(inputSchema);
  return schema === null ? null : `inputSchema cannot be used: ${schema}`;
}
