/**
 * Every setting, declared once: its key in the config file, environment variable, command-line flag, legal values
 * and default. Parsing, `--help`, error messages and the table in `docs/configuration.md` derive from it
 * (`settings-list.ts`).
 */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { logLevels } from '../../schema/log-entry.ts';
import { sqliteSynchronousModes } from '../storage/sqlite-synchronous.ts';
import { accessSettings } from './access-settings.ts';
import { clientSettings } from './client-settings.ts';
import type { EngineSettings } from './engine-settings.ts';
import { keySettings } from './key-settings.ts';
import { limitSettings } from './limit-settings.ts';
import { networkRange } from './network-range.ts';
import { settingWords, urlOf, wholeNumberFrom } from './setting-words.ts';

export const configSchema = z.strictObject({
  host: z
    .string()
    .regex(/^[^\s/]{1,255}$/)
    .default('127.0.0.1')
    .register(settingWords, {
      variable: 'HOST',
      flag: '--host <address>',
      kind: 'text',
      reload: 'restart',
      allowed: 'a host name or an IP address',
      description: 'Address to listen on; `0.0.0.0` for every interface.',
    }),
  port: wholeNumberFrom(0, 65_535).default(3000).register(settingWords, {
    variable: 'PORT',
    flag: '--port <number>',
    kind: 'number',
    reload: 'restart',
    allowed: 'a whole number from 0 to 65535',
    description: 'Port to listen on; 0 lets the system choose one.',
  }),
  dataFolder: z
    .string()
    .regex(/^[^\0]{1,4096}$/)
    .default('.callboard')
    .register(settingWords, {
      variable: 'CALLBOARD_DATA',
      flag: '--data <folder>',
      kind: 'text',
      reload: 'restart',
      allowed: 'the path of a folder',
      description:
        'Folder of the embedded database, and of files also with `databaseUrl`; made when missing.',
    }),
  databaseUrl: urlOf('postgres:', 'postgresql:').optional().register(settingWords, {
    variable: 'DATABASE_URL',
    kind: 'text',
    reload: 'restart',
    allowed: 'a URL such as postgres://user:password@host:5432/database',
    description: 'PostgreSQL to store in, instead of the embedded database.',
    secret: true,
  }),
  sqliteSynchronous: z
    .enum(sqliteSynchronousModes)
    .default('normal')
    .register(settingWords, {
      variable: 'CALLBOARD_SQLITE_SYNCHRONOUS',
      kind: 'text',
      reload: 'restart',
      allowed: `one of ${sqliteSynchronousModes.join(', ')}`,
      description:
        'What a commit of the embedded database survives: `normal`: the death of the process; `full`: a power cut, too.',
    }),
  ...keySettings,
  ...accessSettings,
  ...limitSettings,
  ...clientSettings,
  logLevel: z
    .enum([...logLevels, 'silent'])
    .default('info')
    .register(settingWords, {
      variable: 'CALLBOARD_LOG_LEVEL',
      kind: 'text',
      reload: 'live',
      page: true,
      allowed: `one of ${logLevels.join(', ')}, silent`,
      description: 'Least level of the lines that are logged.',
    }),
  apiUrl: urlOf('http:', 'https:').optional().register(settingWords, {
    variable: 'CALLBOARD_API_URL',
    kind: 'text',
    reload: 'restart',
    allowed: 'an http:// or https:// URL',
    description: '`apiUrl` of the runtime config, until a client patches it.',
  }),
  websocketUrl: urlOf('ws:', 'wss:', 'http:', 'https:').optional().register(settingWords, {
    variable: 'CALLBOARD_WEBSOCKET_URL',
    kind: 'text',
    reload: 'restart',
    allowed: 'a ws://, wss://, http:// or https:// URL',
    description: '`websocketUrl` of the runtime config, until a client patches it.',
  }),
  rehearsal: z.enum(['off', 'on']).default('off').register(settingWords, {
    variable: 'CALLBOARD_REHEARSAL',
    kind: 'text',
    reload: 'live',
    page: true,
    allowed: 'one of off, on',
    description:
      'Whether clients may choose the model `rehearsal` although another is the `defaultModel`; as the default it is on.',
  }),
  rehearsalTokens: wholeNumberFrom(0, limits.rehearsalTokensMax)
    .default(limits.rehearsalTokens)
    .register(settingWords, {
      variable: 'CALLBOARD_REHEARSAL_TOKENS',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 0 to ${limits.rehearsalTokensMax}`,
      description: 'Pieces in an answer of the rehearsal engine.',
    }),
  rehearsalDelayMs: wholeNumberFrom(0, limits.rehearsalDelayMsMax)
    .default(limits.rehearsalDelayMs)
    .register(settingWords, {
      variable: 'CALLBOARD_REHEARSAL_DELAY_MS',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 0 to ${limits.rehearsalDelayMsMax}`,
      description: 'Milliseconds between the pieces of an answer of the rehearsal engine.',
    }),
  defaultModel: z
    .string()
    .min(1)
    .max(limits.modelNameCharactersMax)
    .default('rehearsal')
    .register(settingWords, {
      variable: 'CALLBOARD_DEFAULT_MODEL',
      flag: '--model <provider/model>',
      kind: 'text',
      reload: 'live',
      page: true,
      allowed: 'a name such as openai/gpt-5-mini, beginning with a provider of the config file, or rehearsal',
      description: 'Model that answers unless a session or a message names another.',
    }),
  titleModel: z.string().min(1).max(limits.modelNameCharactersMax).optional().register(settingWords, {
    variable: 'CALLBOARD_TITLE_MODEL',
    kind: 'text',
    reload: 'live',
    page: true,
    allowed: 'a name such as openai/gpt-5-mini, beginning with a provider of the config file, or rehearsal',
    description:
      'Model that names sessions made with `autoTitle: true`, after their first answer; without it the model that gave the answer.',
  }),
  previewUnitsMax: wholeNumberFrom(limits.previewUnitsLeast, limits.previewUnitsLegalMax)
    .default(limits.previewUnitsMax)
    .register(settingWords, {
      variable: 'CALLBOARD_PREVIEW_UNITS_MAX',
      kind: 'number',
      reload: 'restart',
      page: true,
      allowed: `a whole number from ${limits.previewUnitsLeast} to ${limits.previewUnitsLegalMax}`,
      description: "Length of a tool call's arguments and result in events, UTF-16 units; more is cut.",
    }),
  contentCharactersMax: wholeNumberFrom(1, limits.messageCharactersLegalMax)
    .default(limits.contentCharactersMax)
    .register(settingWords, {
      variable: 'CALLBOARD_CONTENT_CHARACTERS_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.messageCharactersLegalMax}`,
      description: 'Characters of a message that a client sends as plain `content`; more is refused.',
    }),
  messageCharactersMax: wholeNumberFrom(1, limits.messageCharactersLegalMax)
    .default(limits.messageCharactersMax)
    .register(settingWords, {
      variable: 'CALLBOARD_MESSAGE_CHARACTERS_MAX',
      kind: 'number',
      reload: 'restart',
      page: true,
      allowed: `a whole number from 1 to ${limits.messageCharactersLegalMax}`,
      description:
        'Characters of a message that a client sends as `parts`, all of them together; more is refused.',
    }),
  turnStepsMax: wholeNumberFrom(1, limits.turnStepsLegalMax)
    .default(limits.turnStepsMax)
    .register(settingWords, {
      variable: 'CALLBOARD_TURN_STEPS_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.turnStepsLegalMax}`,
      description: 'Model calls in one turn; one that wants more fails.',
    }),
  turnTokensMax: wholeNumberFrom(1, limits.turnTokensLegalMax)
    .default(limits.turnTokensMax)
    .register(settingWords, {
      variable: 'CALLBOARD_TURN_TOKENS_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.turnTokensLegalMax}`,
      description:
        'Tokens of all model calls of one turn, as the provider counts them; one that wants more fails.',
    }),
  turnMsMax: wholeNumberFrom(1, limits.turnMsLegalMax)
    .default(limits.turnMsMax)
    .register(settingWords, {
      variable: 'CALLBOARD_TURN_MS_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.turnMsLegalMax}`,
      description:
        'Milliseconds that models and tools of one turn may take, waiting for people not counted; one that wants more fails.',
    }),
  modelSilenceMsMax: wholeNumberFrom(1, limits.turnMsLegalMax)
    .default(limits.modelSilenceMsMax)
    .register(settingWords, {
      variable: 'CALLBOARD_MODEL_SILENCE_MS_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.turnMsLegalMax}`,
      description: 'Milliseconds in which nothing at all arrives, after which a model call counts as dead.',
    }),
  modelMsMax: wholeNumberFrom(1, limits.turnMsLegalMax)
    .default(limits.modelMsMax)
    .register(settingWords, {
      variable: 'CALLBOARD_MODEL_MS_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.turnMsLegalMax}`,
      description: 'Milliseconds that one model call may take as a whole.',
    }),
  fileBytesMax: wholeNumberFrom(1, limits.fileBytesLegalMax)
    .default(limits.fileBytesMax)
    .register(settingWords, {
      variable: 'CALLBOARD_FILE_BYTES_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.fileBytesLegalMax}`,
      description: 'Bytes of one file that clients may store.',
    }),
  importBytesMax: wholeNumberFrom(1, limits.importBytesLegalMax)
    .default(limits.importBytesMax)
    .register(settingWords, {
      variable: 'CALLBOARD_IMPORT_BYTES_MAX',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 1 to ${limits.importBytesLegalMax}`,
      description:
        'Bytes of one transcript that clients may import. Storing one stops the server for about 0.05 s per MiB.',
    }),
  fileGraceMs: wholeNumberFrom(limits.fileGraceMsLeast, limits.fileGraceMsLegalMax)
    .default(limits.fileGraceMs)
    .register(settingWords, {
      variable: 'CALLBOARD_FILE_GRACE_MS',
      kind: 'number',
      reload: 'restart',
      allowed: `a whole number from ${limits.fileGraceMsLeast} to ${limits.fileGraceMsLegalMax}`,
      description: 'Milliseconds that a file is kept to which no message refers.',
    }),
  // uWebSockets.js aborts the whole process for 1–7 and for more than 960.
  idleTimeoutSeconds: z
    .union([z.literal(0), wholeNumberFrom(8, 960)])
    .default(120)
    .register(settingWords, {
      variable: 'CALLBOARD_IDLE_TIMEOUT_SECONDS',
      kind: 'number',
      reload: 'restart',
      page: true,
      allowed: '0, or a whole number from 8 to 960',
      description: 'Seconds of silence after which a WebSocket is closed; 0: never.',
    }),
  retentionDays: wholeNumberFrom(0, limits.retentionDaysMax)
    .default(30)
    .register(settingWords, {
      variable: 'CALLBOARD_RETENTION_DAYS',
      kind: 'number',
      reload: 'restart',
      allowed: `a whole number from 0 to ${limits.retentionDaysMax}`,
      description:
        'Days that events are kept for clients that resume; 0: for ever. Sessions and messages stay.',
    }),
  toolPrivateNetworks: z
    .array(
      z
        .string()
        .max(64)
        .refine((text) => networkRange(text) !== null),
    )
    .max(limits.toolPrivateNetworksMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_TOOL_PRIVATE_NETWORKS',
      reload: 'restart',
      kind: 'list',
      allowed: `a list of at most ${limits.toolPrivateNetworksMax} IP addresses or ranges such as 10.1.0.0/16`,
      description: 'Addresses that registered tools may be called at although they are not public.',
    }),
  traceRetentionDays: wholeNumberFrom(0, limits.traceRetentionDaysMax)
    .default(0)
    .register(settingWords, {
      variable: 'CALLBOARD_TRACE_RETENTION_DAYS',
      reload: 'restart',
      kind: 'number',
      allowed: `a whole number from 0 to ${limits.traceRetentionDaysMax}`,
      description:
        'Days that traces are kept after their end, with their spans; 0: for ever. One that runs is kept.',
    }),
  streamFlushMs: wholeNumberFrom(0, limits.streamFlushMsMax)
    .default(30)
    .register(settingWords, {
      variable: 'CALLBOARD_STREAM_FLUSH_MS',
      kind: 'number',
      reload: 'restart',
      page: true,
      allowed: `a whole number from 0 to ${limits.streamFlushMsMax}`,
      description:
        'The longest that pieces of answers wait to leave together when the process is busy, ms; with time to spare they leave with their tick.',
    }),
  compression: z.enum(['off', 'on']).default('off').register(settingWords, {
    variable: 'CALLBOARD_COMPRESSION',
    kind: 'text',
    reload: 'restart',
    page: true,
    allowed: 'one of off, on',
    description: 'Compress WebSocket frames (permessage-deflate) for clients that offer it.',
  }),
  web: z.enum(['on', 'off']).default('on').register(settingWords, {
    variable: 'CALLBOARD_WEB',
    kind: 'text',
    reload: 'restart',
    allowed: 'one of on, off',
    description: 'Show the chat page at `/` and the inspector at `/inspect`.',
  }),
  shutdownGraceMs: wholeNumberFrom(0, limits.shutdownGraceMsMax)
    .default(10_000)
    .register(settingWords, {
      variable: 'CALLBOARD_SHUTDOWN_GRACE_MS',
      kind: 'number',
      reload: 'live',
      page: true,
      allowed: `a whole number from 0 to ${limits.shutdownGraceMsMax}`,
      description: 'Milliseconds that a stopping server gives running answers.',
    }),
  agentLeaseMs: wholeNumberFrom(limits.leaseMsMin, limits.leaseMsMax)
    .default(limits.leaseMsDefault)
    .register(settingWords, {
      variable: 'CALLBOARD_AGENT_LEASE_MS',
      reload: 'restart',
      page: true,
      kind: 'number',
      allowed: `a whole number from ${limits.leaseMsMin} to ${limits.leaseMsMax}`,
      description:
        'Milliseconds that an agent which pushes its answer from outside may be silent, unless it says otherwise.',
    }),
  claimMsMax: wholeNumberFrom(1, limits.claimMsLegalMax)
    .default(limits.claimMsMax)
    .register(settingWords, {
      variable: 'CALLBOARD_CLAIM_MS_MAX',
      reload: 'live',
      page: true,
      kind: 'number',
      allowed: `a whole number from 1 to ${limits.claimMsLegalMax}`,
      description:
        'Milliseconds that a question waits for an outside agent to claim it, in sessions with the engine `external`; then its answer fails.',
    }),
});

/** After loading, `dataFolder` is absolute. */
export type Config = z.output<typeof configSchema> & EngineSettings;
