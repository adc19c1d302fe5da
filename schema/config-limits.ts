/** Bounds on the config file, its editor, and commands to what belongs to the server. They are part of `limits` (`limits.ts`). */

export const configLimits = {
  /** The config file, bytes. More: it is not read, and not saved. */
  configFileBytesMax: 64 * 1024,
  /** Tokens of a YAML file: marks, spaces and line ends counted. More: it is not read. */
  configFileTokensMax: 20_000,
  /** Levels of nesting of the config file. More: it is not read. */
  configFileDepthMax: 32,
  /** Parts of the config file, each repetition by an alias counted. More: it is not read. */
  configFileNodesMax: 50_000,
  /** A request of the config editor, bytes: the whole file, every character escaped. More: 413. */
  configEditorBodyBytesMax: 6 * 64 * 1024 + 4096,
  /** Requests of the config editor, and signals, that wait for the one before. More: 503, retryable. */
  configEditsWaitingMax: 16,
  /** Commands to the config and the registered tools that wait to be sent in their order. More: 503, retryable. */
  serverCommandsWaitingMax: 1000,
  /** Models in one list of `clientModels`. More: the config is refused. */
  clientModelsMax: 200,
  /** Mistakes in a config that an answer tells. More: the first ones, and how many more there are. */
  configMistakesMax: 50,
  /** A URL in the runtime config, characters. More: 400. */
  urlCharactersMax: 2048,
} as const;
