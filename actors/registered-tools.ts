/** The port for tools that operators register while the server runs: whoever calls them, and knows their secrets. */
import type { RegisteredTool } from '../schema/registered-tool.ts';

export type RegisteredTools = {
  /**
   * Offers models the active ones among these, and no others: they are what is committed. A call that runs keeps what
   * it began with.
   */
  readonly offer: (tools: readonly RegisteredTool[]) => void;
  /** What else has the name, in words such as `a built-in tool`; `null`: nothing. */
  readonly holderOf: (name: string) => string | null;
  /** Why the tool cannot be called at this address, as far as that is known without asking for it; `null`: it can. */
  readonly addressProblem: (url: string) => string | null;
  /** What the tool verifies its calls with; always the same for the same name and version. */
  readonly secretOf: (tool: Pick<RegisteredTool, 'name' | 'secretVersion'>) => string;
};
