/** What the giver of a command chooses, judged as the command enters ([CHO1]–[CHO5]). */

import type { MessageRole } from '../../schema/chat-message.ts';
import {
  type ClientChoices,
  everyOption,
  optionsRefusal,
  permittedOptions,
  roleRefusal,
} from '../../schema/client-choices.ts';
import type { ImportedConversation } from '../../schema/imported-conversation.ts';
import {
  type ModelOptions,
  patchedModelOptions,
  type UpdateModelOptions,
} from '../../schema/model-options.ts';
import { type Principal, type Scope, scopes } from '../../schema/principal.ts';
import type { Refusal } from '../../schema/refusal.ts';
import type { Engine } from '../ports.ts';

/** Where nothing is configured. */
export const everyChoice: ClientChoices = { models: null, options: everyOption, roles: 'scope' };

export type ClientChoicePorts = {
  /** Those in force. */
  readonly choices: () => ClientChoices;
  /** The engine that is in force. */
  readonly engine: () => Pick<Engine, 'refusal'>;
};

export class ClientChoice {
  readonly #ports: ClientChoicePorts;

  constructor(ports: ClientChoicePorts) {
    this.#ports = ports;
  }

  /** Why the options may not be given, or `null`. */
  refusalOf(by: Principal, options: ModelOptions | undefined): Refusal | null {
    if (options === undefined) return null;
    const { choices, engine } = this.#ports;
    return optionsRefusal(choices(), by, options) ?? engine().refusal?.(options) ?? null;
  }

  /** To clear an option is to leave it to the server, which anybody may. */
  patchRefusal(by: Principal, patch: UpdateModelOptions | null | undefined): Refusal | null {
    return this.refusalOf(by, patchedModelOptions(undefined, patch ?? null));
  }

  roleRefusal(by: Principal, role: MessageRole): Refusal | null {
    return roleRefusal(this.#ports.choices(), by, role);
  }

  /** An import stores messages of every role in it. Which models gave its answers is history, and nobody's choice. */
  importRefusal(by: Principal, { messages }: ImportedConversation, options: ModelOptions | undefined) {
    for (const { role } of messages) {
      const reason = this.roleRefusal(by, role);
      if (reason !== null) return reason;
    }
    return this.refusalOf(by, options);
  }

  /** The options of a session that somebody else may have chosen, as they are for whoever copies it. */
  copied(by: Principal, options: ModelOptions | undefined): { readonly options?: ModelOptions } {
    const permitted = permittedOptions(this.#ports.choices(), by, options ?? {});
    return Object.keys(permitted).length === 0 ? {} : { options: permitted };
  }
}

/** What is kept of the giver of a command for the tools of its turn; `undefined`: everything is allowed. */
export function senderScopes({ scopes: held }: Principal): readonly Scope[] | undefined {
  return held.size === scopes.length ? undefined : scopes.filter((scope) => held.has(scope));
}
