/** All tools that this server knows, whether models are offered them or not. */
import type { Tool, ToolBox } from '../../actors/tool-ports.ts';
import type { CatalogTool, RegisteredTool, ToolSource } from '../../schema/registered-tool.ts';

export type ToolCatalogOptions = {
  readonly builtIn: ToolBox;
  readonly mcp: ToolBox;
  /** Deactivated ones included. */
  readonly registered: () => readonly RegisteredTool[];
  /** What models are offered: of two tools with one name the built-in one, then that of a tool server. */
  readonly offered: ToolBox;
};

/** In the order of their names; of one name first what is offered. */
export function toolCatalog({
  builtIn,
  mcp,
  registered,
  offered,
}: ToolCatalogOptions): readonly CatalogTool[] {
  const taken = new Set<string>();
  const listed = (
    source: ToolSource,
    tool: Omit<Tool, 'run'>,
    more: Pick<CatalogTool, 'active' | 'registered'>,
  ): CatalogTool => {
    const isFirst = !taken.has(tool.name);
    taken.add(tool.name);
    const inForce = isFirst && more.active ? offered.find(tool.name) : undefined;
    const { name, description, inputSchema } = tool;
    const { timeoutMs, repeatable, requiresApproval } = inForce ?? tool;
    return {
      ...{ name, source, description, inputSchema, timeoutMs, repeatable, requiresApproval },
      ...more,
      offered: inForce !== undefined,
    };
  };
  return [
    ...builtIn.list().map((tool) => listed('built-in', tool, { active: true })),
    ...mcp.list().map((tool) => listed('mcp', tool, { active: true })),
    ...registered().map((tool) => listed('registered', tool, registeredPart(tool))),
  ].sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

function registeredPart({ active, url, secretVersion, secretSince, createdAt, updatedAt }: RegisteredTool) {
  return { active, registered: { url, secretVersion, secretSince, createdAt, updatedAt } };
}
