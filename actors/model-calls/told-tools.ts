/** Told tools: what models are told of tools, and how many tokens that is. */
import type { TokenEstimate, ToolDefinition } from '../ports.ts';
import type { Tool } from '../tool-ports.ts';

export type ToldTool = { readonly definition: ToolDefinition; readonly tokens: number };

/** Made and counted once for each tool: tools outlive many calls, and their schemas may be long. */
export class ToldTools {
  readonly #estimate: TokenEstimate;
  readonly #told = new WeakMap<Tool, ToldTool>();

  constructor(estimate: TokenEstimate) {
    this.#estimate = estimate;
  }

  of(tool: Tool): ToldTool {
    const known = this.#told.get(tool);
    if (known !== undefined) return known;
    const { name, description, inputSchema } = tool;
    const definition = { name, description, inputSchema };
    const told = { definition, tokens: this.#estimate(JSON.stringify(definition)) };
    this.#told.set(tool, told);
    return told;
  }
}
