/** Bounds on tools, their schemas and their servers. They are part of `limits` (`limits.ts`). */

export const toolLimits = {
  /** Steps that the check of one call's arguments may take. More: the tool alone checks them, and the log says so. */
  validationWorkMax: 100_000,
  /** A tool's JSON Schema, UTF-16 units of JSON. More: the tool alone checks its arguments, and the log says so. */
  toolSchemaUnitsMax: 128 * 1024,
  /** Levels of a tool's JSON Schema. More: as above. */
  toolSchemaDepthMax: 64,
  /** Schemas within a tool's JSON Schema. More: as above. */
  toolSchemaPartsMax: 1000,
  /** A pattern in a tool's JSON Schema, UTF-16 units. More: it is not checked, and the log says so. */
  schemaPatternUnitsMax: 4096,
  /** Instructions of the patterns of one JSON Schema together. More: later patterns are not checked. */
  schemaPatternsSizeMax: 20_000,
  /** Patterns of JSON Schemas that are kept ready for the next schema. More: the oldest is compiled anew. */
  schemaPatternsKeptMax: 256,
  /** Findings about a call's arguments that a model is told. More: the first ones. */
  argumentFindingsMax: 50,
  /** What a foreign server says of a failure, UTF-16 units before the `…`. More: cut. */
  failureWordsUnitsMax: 500,
  /** Time that the built-in tool `clock` may take, ms. More: the call fails. */
  clockToolTimeoutMs: 1000,
  /** How long a call of a tool server's tool may take unless configured, ms. More: the call fails. */
  toolTimeoutMs: 60_000,
  /** Greatest legal `timeoutMs` of a tool, ms. */
  toolTimeoutMsMax: 60 * 60_000,
  /** How long a tool server may take to connect, or to list its tools, ms. Longer: it counts as lost. */
  toolServerAnswerMs: 15_000,
  /** How long a start waits for tool servers, ms. Longer: the server starts, and their tools are added later. */
  toolServerStartMs: 5000,
  /** How often a tool server is pinged, ms. No answer: it counts as lost. */
  toolServerPingMs: 30_000,
  /** How long to wait before a lost tool server is connected again, ms; doubles with each failure … */
  toolServerRetryMs: 1000,
  /** … up to this. */
  toolServerRetryMsMax: 60_000,
  /** How long the tools of a server that was lost answer "try again", ms. Longer: they are unknown. */
  toolServerRememberedMs: 2 * 60_000,
  /** How often the tools of a server are read, at most, when it says that they have changed, ms. */
  toolServerListMs: 1000,
  /** Pages of one list of tools. More: the rest is left out, and the log says so. */
  toolServerPagesMax: 64,
  /** How deep a message of a tool server may be nested. More: its request fails. */
  toolServerDepthMax: 200,
  /** How long a program of a tool server has to end by itself, and again after each signal, ms. */
  toolServerEndMs: 2000,
  /** Odd things about one tool server that the log is told of. More: it is told no more of them. */
  toolServerNotesMax: 300,
  /** Tools of one server. More: those later in the list are left out, and the log says so. */
  toolServerToolsMax: 256,
  /** A tool's description, UTF-16 units before the `…`. More: cut. */
  toolDescriptionUnitsMax: 4000,
  /** One message of a tool server, bytes. More: its request fails. */
  toolServerMessageBytesMax: 4 * 1024 * 1024,
  /** A tool's name as sent to models, UTF-16 units; the providers' own bound. Longer: the tool is left out. */
  toolNameUnitsMax: 64,
  /** Tools that operators register while the server runs, deactivated ones included. More: 409. */
  registeredToolsMax: 256,
  /** Levels of a registered tool's JSON Schema, as JSON. More: 400. */
  registeredToolSchemaLevelsMax: 128,
  /** How long a call of a registered tool may take unless it says so, ms. More: the call fails. */
  registeredToolTimeoutMs: 30_000,
  /** Greatest legal `timeoutMs` of a registered tool, ms. */
  registeredToolTimeoutMsMax: 10 * 60_000,
  /** Times that one call of a repeatable registered tool is tried. More: it fails. */
  registeredToolAttemptsMax: 3,
  /** Wait before it is tried again, ms; doubles with each failure. */
  registeredToolRetryMs: 500,
  /** The longest wait that a registered tool may ask for, ms. More: so long. */
  registeredToolRetryAfterMsMax: 10_000,
  /** Redirections of one call of a registered tool, within its origin. More: the call fails. */
  registeredToolRedirectsMax: 3,
  /** The answer of a registered tool, bytes. More: the call fails, and the rest is not read. */
  registeredToolAnswerBytesMax: 4 * 1024 * 1024,
  /** How deep such an answer may be nested. More: the call fails. */
  registeredToolAnswerDepthMax: 200,
  /** How much of an answer that is none is read to tell what it was, bytes. */
  registeredToolErrorBytesMax: 64 * 1024,
  /** How long a connection to a registered tool may take, ms. More: the call fails, or is tried again. */
  registeredToolConnectMs: 10_000,
  /** Connections to one origin of registered tools. More: calls wait. */
  registeredToolConnectionsMax: 32,
  /** How long calls are signed with the secret before the newest as well, ms. */
  toolSecretOverlapMs: 24 * 60 * 60_000,
  /** Address ranges in `toolPrivateNetworks`. More: the server does not start. */
  toolPrivateNetworksMax: 64,
  /** Tools in one page of their list. More: 400. */
  toolPageMax: 100,
  /** Tool calls in an execution tree. More: the oldest are left out. */
  executionTreeCallsMax: 100,
  /** The longest arguments and results that an execution tree has as values, UTF-16 units of their JSON. More: cut. */
  executionTreeValueUnitsMax: 2000,
  /** All of these values together, the newest first. More: cut. */
  executionTreeUnitsMax: 40_000,
  /** Arguments and results in an execution tree that are cut, UTF-16 units before the `…`. */
  executionTreePreviewUnitsMax: 200,
} as const;
