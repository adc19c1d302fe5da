/** The tools of one turn: those that the sender of its question may use ([CHO4]). */
import { hasScope, type Scope } from '../../schema/principal.ts';
import type { Tool, ToolBox } from '../tool-ports.ts';

/** `scopes`: those of the sender; absent: every tool is permitted. */
export function permittedTools(tools: ToolBox, scopes: readonly Scope[] | undefined): ToolBox {
  if (scopes === undefined) return tools;
  const sender = { scopes: new Set(scopes) };
  const isPermitted = ({ scope }: Tool): boolean => scope === undefined || hasScope(sender, scope);
  return {
    list: () => tools.list().filter(isPermitted),
    find: (name) => {
      const found = tools.find(name);
      return found !== undefined && isPermitted(found) ? found : undefined;
    },
  };
}
