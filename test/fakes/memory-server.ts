/** What belongs to no session, in memory: the runtime config with its history, layouts, and registered tools. */
import type { JournalEntry } from '../../actors/ports.ts';
import type { CommandId, KeyId } from '../../schema/ids.ts';
import type { StoredLayout } from '../../schema/preferences.ts';
import type { RegisteredTool } from '../../schema/registered-tool.ts';
import type { ConfigChange, RuntimeConfig } from '../../schema/runtime-config.ts';
import type { HeldKey } from '../../schema/stored-key.ts';
import { isoTimestamp } from '../../schema/timestamp.ts';
import { unreachable } from '../../schema/unreachable.ts';

/** Each store is as old as this. */
const storeCreatedAt = Date.UTC(2026, 0, 1);

type ServerEntry = Extract<
  JournalEntry,
  {
    type:
      | 'preferences.updated'
      | `config.${'updated' | 'changed'}`
      | `tool.${'registered' | 'updated' | 'deactivated'}`
      | `key.${'created' | 'rotated' | 'revoked'}`;
  }
>;

export class MemoryServer {
  #runtimeConfig: RuntimeConfig | undefined;
  readonly #configChanges = new Map<CommandId, ConfigChange>();
  readonly #layouts = new Map<string, StoredLayout>();
  readonly #registeredTools = new Map<string, RegisteredTool>();

  readonly #keys = new Map<KeyId, HeldKey>();

  apply(entry: ServerEntry): void {
    switch (entry.type) {
      case 'preferences.updated':
        this.#layouts.set(entry.data.owner, { layout: entry.data.layout, updatedAt: entry.at });
        return;
      case 'config.updated':
        this.#runtimeConfig = entry.data;
        return;
      case 'config.changed':
        if (this.#configChanges.has(entry.data.id)) return;
        this.#configChanges.set(entry.data.id, { ...entry.data, at: isoTimestamp(entry.at) });
        return;
      case 'tool.registered':
      case 'tool.updated':
      case 'tool.deactivated':
        this.#registeredTools.set(entry.data.name, entry.data);
        return;
      case 'key.created':
      case 'key.rotated':
      case 'key.revoked': {
        const { by: _, ...fact } = entry.data;
        const { replaces, ...secrets } = entry.record;
        if (replaces !== undefined) this.#keys.delete(replaces);
        this.#keys.set(fact.id, { fact, secrets, lastUsedAt: null });
        return;
      }
      default:
        unreachable(entry);
    }
  }

  /** In the order of their names. */
  get registeredTools(): readonly RegisteredTool[] {
    return [...this.#registeredTools.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** In the order in which they were made. */
  get storedKeys(): readonly HeldKey[] {
    return [...this.#keys.values()].sort((a, b) => {
      const [one, other] = [a, b].map(({ fact }) => `${fact.createdAt} ${fact.id}`);
      return (one ?? '') < (other ?? '') ? -1 : 1;
    });
  }

  get runtimeConfig(): RuntimeConfig | undefined {
    return this.#runtimeConfig;
  }

  /** Newest first. */
  configHistory(): ConfigChange[] {
    return [...this.#configChanges.values()].reverse();
  }

  layout(owner: string): StoredLayout {
    return this.#layouts.get(owner) ?? { layout: {}, updatedAt: storeCreatedAt };
  }
}
