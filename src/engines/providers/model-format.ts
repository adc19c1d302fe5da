/** What the caller must know of a provider's format: how a request is written, and how its stream is read. */
import type { EnginePart, EngineRequest } from '../../../actors/ports.ts';
import type { LeanType } from '../../config/engine-settings.ts';
import type { ReadFiles } from './told/told-files.ts';

/** Who is asked. */
export type ModelTarget = {
  readonly type: LeanType;
  /** The provider's name for the model. */
  readonly model: string;
  /** `<provider>/<model>`: tags what is wanted back. */
  readonly origin: string;
};

export type FormatRequest = {
  /** Behind the provider's address. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly reader: StreamReader;
};

/** Reads the events of one stream, in order. Pure, and never throws. */
export type StreamReader = {
  /** `data` of one event. After an `error` nothing else counts. */
  readonly read: (data: string) => readonly EnginePart[];
  /**
   * `open`: more must come. `settled`: it said why it ended, and only counts may follow; nothing can make it a failure
   * any more. `over`: nothing follows.
   */
  readonly phase: () => 'open' | 'settled' | 'over';
  /** What is left once nothing comes any more: calls, then `finish` or `error`. */
  readonly end: () => readonly EnginePart[];
  /** Events that could not be read, in words, for the log. */
  readonly oddities: () => readonly string[];
};

export type ModelFormat = {
  /** Where the provider is unless configured. */
  readonly address: string;
  readonly request: (
    request: EngineRequest,
    target: ModelTarget,
    apiKey: string | undefined,
    /** Those of the conversation's files that are there. */
    files?: ReadFiles,
  ) => FormatRequest;
};
