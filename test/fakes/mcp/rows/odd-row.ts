/** A row of the table of odd tool servers: what a server does, who saw it, and what people and the model are told. */
import type { Script } from '../scripted-server.ts';

export type Wire = 'stdio' | 'json' | 'events';

export type OddRow = {
  readonly name: string;
  /** Where it was seen, or where it stands that servers may do so. */
  readonly source: string;
  readonly server: Script;
  /** Default: all three. */
  readonly over?: readonly Wire[];
  /** Tools that the model is offered, without the server's prefix; default `look` and `seen`. */
  readonly offered?: readonly string[];
  /** The tool that the model calls; default `look`. */
  readonly calls?: string;
  /** Its arguments, as the model writes them; default `{}`. */
  readonly argumentsJson?: string;
  /** The whole result that people, the model and the journal get; default `fine`. */
  readonly told?: string | RegExp;
  /** The call fails, with that text as the reason. */
  readonly fails?: boolean;
  /** Each matches one line of the log, and no more than one. */
  readonly logs?: readonly RegExp[];
  /** The server cannot be used; the log says why. */
  readonly lost?: RegExp;
  /** The server is lost by the call, and connected again. */
  readonly reconnects?: boolean;
  /** Methods that the server was asked for, with how often; a row without one does not care. */
  readonly asked?: Readonly<Record<string, number>>;
  /** The same, how often at most. */
  readonly askedMost?: Readonly<Record<string, number>>;
};
