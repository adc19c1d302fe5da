/** What Callboard must know of one MCP server to use its tools. */
import type { Milliseconds } from '../../../schema/timestamp.ts';

export type McpEndpoint =
  /** A program that is started and spoken to over its standard input and output. */
  | {
      readonly kind: 'stdio';
      readonly command: string;
      readonly args: readonly string[];
      /** Added to the few variables that are safe to inherit (`PATH`, `HOME`, …). */
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string | undefined;
    }
  /** A server that runs somewhere, spoken to over streamable HTTP. */
  | { readonly kind: 'http'; readonly url: string; readonly headers: Readonly<Record<string, string>> };

export type McpServerOptions = {
  /** Prefix of the names of its tools. */
  readonly name: string;
  readonly endpoint: McpEndpoint;
  /** Which of its tools need a person: all, those that do not only read, or none. */
  readonly approval: 'always' | 'unlessReadOnly' | 'never';
  /** Whether its word is taken for which of its tools only read; else all count as if they wrote. */
  readonly trusted: boolean;
  /** Time for one tool call, ms. */
  readonly timeoutMs: Milliseconds;
};
