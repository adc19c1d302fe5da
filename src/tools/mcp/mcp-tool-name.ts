/** What a model calls the tool of a server: `server__tool`, in the letters that every provider accepts. */
import { limits } from '../../../schema/limits.ts';

/** `undefined` when the name is longer than providers accept: cut names could meet. */
export function mcpToolName(server: string, tool: string): string | undefined {
  const name = `${server}__${tool}`.replace(/[^A-Za-z0-9_-]/g, '_');
  return name.length <= limits.toolNameUnitsMax ? name : undefined;
}
