/**
 * Names of tools as providers are told them: `[A-Za-z_][A-Za-z0-9_-]{0,63}`, whatever a tool is named, and whatever a
 * model called.
 */
import { limits } from '../../../../schema/limits.ts';

export class ToolNames {
  readonly #told = new Map<string, string>();
  readonly #own = new Map<string, string>();

  constructor(tools: readonly { readonly name: string }[]) {
    for (const { name } of tools) {
      if (this.#told.has(name)) continue;
      const told = this.#free(reducedName(name));
      this.#told.set(name, told);
      this.#own.set(told, name);
    }
  }

  /** How the tool `name` is called in a request. Of a tool that is not offered: its name, reduced. */
  told(name: string): string {
    return this.#told.get(name) ?? reducedName(name);
  }

  /** The tool that a model means by `told`. One that is not offered keeps the name that the model gave it. */
  own(told: string): string {
    return this.#own.get(told) ?? told;
  }

  #free(name: string): string {
    let free = name;
    for (let number = 2; this.#own.has(free); number++) {
      const ending = `_${number}`;
      free = name.slice(0, limits.toolNameUnitsMax - ending.length) + ending;
    }
    return free;
  }
}

export function reducedName(name: string): string {
  const legal = name.replace(/[^A-Za-z0-9_-]/g, '_');
  return (/^[A-Za-z_]/.test(legal) ? legal : `_${legal}`).slice(0, limits.toolNameUnitsMax);
}
