/** The registry of tools that a model may call, found by name. */
import type { Clock } from '../../actors/ports.ts';
import type { Tool, ToolBox } from '../../actors/tool-ports.ts';
import { assert } from '../../schema/unreachable.ts';
import { createClockTool } from './clock-tool.ts';

/** Lists tools in the given order. Throws when two tools have one name: that is a bug. */
export function createToolBox(tools: readonly Tool[]): ToolBox {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    assert(!byName.has(tool.name), `one tool is named ${tool.name}`);
    byName.set(tool.name, tool);
  }
  const all = [...byName.values()];
  return { find: (name) => byName.get(name), list: () => all };
}

/** The built-in tools. */
export function createBuiltInToolBox(needs: { readonly clock: Clock }): ToolBox {
  return createToolBox([createClockTool(needs.clock)]);
}
