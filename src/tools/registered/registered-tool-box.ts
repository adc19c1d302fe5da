/** The tools that operators registered, as a tool box, and as the port through which they come and go. */
import { isIP } from 'node:net';
import type { Clock } from '../../../actors/ports.ts';
import type { RegisteredTools } from '../../../actors/registered-tools.ts';
import type { Tool, ToolBox } from '../../../actors/tool-ports.ts';
import { isSecretOverlapping, type RegisteredTool } from '../../../schema/registered-tool.ts';
import { millisecondsOf } from '../../../schema/timestamp.ts';
import type { RemoteCalls } from './remote-call.ts';
import { toolSecret } from './webhook-signature.ts';

export type RegisteredToolBoxOptions = {
  readonly calls: RemoteCalls;
  /** Of which the secrets are made. */
  readonly key: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
  /** See {@link RegisteredTools}. */
  readonly holderOf: (name: string) => string | null;
};

export function registeredToolBox(options: RegisteredToolBoxOptions): ToolBox & RegisteredTools {
  const { calls, key, clock, holderOf } = options;
  let offered = new Map<string, { readonly definition: RegisteredTool; readonly tool: Tool }>();

  function toolOf(definition: RegisteredTool): Tool {
    const { name, description, inputSchema, requiresApproval, repeatable, timeoutMs } = definition;
    return {
      ...{ name, description, inputSchema, requiresApproval, repeatable, timeoutMs },
      run: (input, run) => calls.call(definition, secretsOf(definition), input, run),
    };
  }

  /** The newest first. The one before it is used for a while, so that a tool can change over without losing a call. */
  function secretsOf({ name, secretVersion, secretSince }: RegisteredTool): readonly string[] {
    const secret = toolSecret(key, { name, secretVersion });
    const isAlone = secretVersion === 1 || !isSecretOverlapping(millisecondsOf(secretSince), clock.now());
    return isAlone ? [secret] : [secret, toolSecret(key, { name, secretVersion: secretVersion - 1 })];
  }

  return {
    list: () => [...offered.values()].map(({ tool }) => tool),
    find: (name) => offered.get(name)?.tool,
    offer: (tools) => {
      const next = tools
        .filter(({ active }) => active)
        .map((definition) => {
          const known = offered.get(definition.name);
          // What has not changed stays the same object, so that it is counted and compiled once.
          return known?.definition === definition ? known : { definition, tool: toolOf(definition) };
        });
      offered = new Map(next.map((entry) => [entry.definition.name, entry]));
    },
    holderOf,
    addressProblem: (address) => addressProblem(address, calls.policy),
    secretOf: (tool) => toolSecret(key, tool),
  };
}

function addressProblem(address: string, policy: RemoteCalls['policy']): string | null {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'it is no http or https URL';
  // They would be shown to everybody who may read the tool.
  if (url.username !== '' || url.password !== '') return 'it must not have a user or a password';
  if (url.hash !== '') return 'it must not have a fragment';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : policy.problemOf(host);
}
