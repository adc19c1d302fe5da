/** Applies the configuration to a tool box: leaves out tools, changes approvals and time limits (docs/tools.md). */
import type { Tool, ToolBox } from '../../actors/tool-ports.ts';
import { matchesName } from '../../schema/name-pattern.ts';
import type { ToolSettings } from '../config/engine-settings.ts';

export type ToolRules = Readonly<Record<string, ToolSettings>>;

/**
 * Tools of an earlier box come first; of two tools with one name, the first is used. For each tool, rules merge key
 * by key: a rule for its own name overrides one for a prefix with `*`, and a longer prefix overrides a shorter one.
 */
export function configuredToolBox(boxes: readonly ToolBox[], rules: ToolRules): ToolBox {
  const list = (): readonly Tool[] => {
    const byName = new Map<string, Tool>();
    for (const tool of boxes.flatMap((box) => box.list())) {
      if (byName.has(tool.name)) continue;
      const settings = settingsOf(tool.name, rules);
      if (settings.enabled !== false) byName.set(tool.name, ruled(tool, settings));
    }
    return [...byName.values()];
  };
  return {
    list,
    find: (name) => {
      for (const box of boxes) {
        const tool = box.find(name);
        if (tool === undefined) continue;
        const settings = settingsOf(name, rules);
        return settings.enabled === false ? undefined : ruled(tool, settings);
      }
      return undefined;
    },
  };
}

function settingsOf(name: string, rules: ToolRules): ToolSettings {
  const matching = Object.keys(rules)
    .filter((key) => matchesName(key, name))
    // The most specific rule comes last; a whole name is more specific than any prefix.
    .sort((one, other) => nearness(one) - nearness(other));
  return Object.assign({}, ...matching.map((key) => rules[key]));
}

function nearness(key: string): number {
  return key.endsWith('*') ? key.length : Number.POSITIVE_INFINITY;
}

function ruled(tool: Tool, { approval, approvalTimeoutMs, scope, timeoutMs }: ToolSettings): Tool {
  return {
    ...tool,
    ...(approval === undefined ? {} : { requiresApproval: approval === 'always' }),
    ...(approvalTimeoutMs === undefined ? {} : { approvalTimeoutMs }),
    ...(scope === undefined ? {} : { scope }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  };
}
