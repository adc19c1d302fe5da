/** The whole server: storage, actors, engine, tools, logs and gateway wired together. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FairAdmission } from '../actors/fair-admission.ts';
import type { FileStore, ReturnedFile } from '../actors/file-store.ts';
import { StoredFiles } from '../actors/files/stored-files.ts';
import { type LiveSystem, startLiveSystem } from '../actors/live-system.ts';
import type { Engine } from '../actors/ports.ts';
import type { ToolBox } from '../actors/tool-ports.ts';
import type { SessionOwner } from '../schema/authorization.ts';
import { harmlessFileName } from '../schema/file.ts';
import type { SessionId } from '../schema/ids.ts';
import type { LimitKind } from '../schema/limit-kind.ts';
import { limits } from '../schema/limits.ts';
import { refusal, refused } from '../schema/refusal.ts';
import { defaultRuntimeConfig, patchedRuntimeConfig } from '../schema/runtime-config.ts';
import { type AdminSocket, openAdminSocket } from './admin/admin-socket.ts';
import { answeringOf } from './answering.ts';
import { auditedRefusals, auditedTokens } from './audited.ts';
import { configuredAuthentication, startAuthentication } from './authentication.ts';
import { authenticationMode } from './authentication-mode.ts';
import { measuringClock, systemClock } from './clock.ts';
import { configSchemaDocument } from './config/editor/config-schema.ts';
import { type ServerConfigOptions, serverConfig } from './config/editor/server-config.ts';
import type { Config } from './config/settings.ts';
import { connectionBounds } from './descriptor-limit.ts';
import { eventLoopLoad } from './event-loop-load.ts';
import { createContentProbe } from './files/content-probe.ts';
import { startFileRounds } from './files/file-rounds.ts';
import { openFiles } from './files/open-files.ts';
import { authorizeBy } from './gateway/access/authorize.ts';
import { SessionAccesses } from './gateway/access/session-accesses.ts';
import type { AuthenticateHook } from './gateway/authentication/program-hook.ts';
import type { StoredKeys } from './gateway/authentication/stored-keys.ts';
import { createGateway, type Gateway } from './gateway/gateway.ts';
import { LimitRefusals, loggedRefusals } from './gateway/limits/limit-refusals.ts';
import { systemIds } from './ids.ts';
import { createInspection, type Inspection } from './inspect/inspection.ts';
import { leasesOf } from './leases.ts';
import type { Logging } from './logs/logging.ts';
import { isReachedByOthers } from './origins/insecure-listen-error.ts';
import { createWebPages, packageCacheFolder } from './pages/web-pages.ts';
import { openStorage } from './storage/open-storage.ts';
import { startRetentionRounds } from './storage/retention-rounds.ts';
import { startSearchBackfill } from './storage/search-backfill-rounds.ts';
import type { Storage } from './storage/storage.ts';
import { startTracePurgeRounds } from './storage/trace-purge-rounds.ts';
import { type McpToolBox, startMcpToolBox } from './tools/mcp/mcp-tool-box.ts';
import { registeredToolBox } from './tools/registered/registered-tool-box.ts';
import { type RemoteCalls, remoteCalls } from './tools/registered/remote-call.ts';
import { createBuiltInToolBox } from './tools/tool-box.ts';
import { toolCatalog } from './tools/tool-catalog.ts';

const dayMs = 24 * 60 * 60 * 1000;

export type Callboard = {
  /** The port on which it listens; differs from the configured port when that was 0. */
  readonly port: number;
  readonly storage: Storage['kind'];
  /**
   * Stops in order: `/health/ready` fails, no turn begins, running turns get `shutdownGraceMs` and then end as
   * interrupted, the journal is flushed, sockets are closed with a code that says reconnect, the store is closed.
   * Resolves with false when the journal could not be flushed.
   */
  readonly stop: () => Promise<boolean>;
  /** Reads the config file again, as on SIGHUP, and logs what came of it. Never rejects. */
  readonly reloadConfig: () => Promise<void>;
};

/** Parts that an embedding program can replace; test harnesses use them to make parts fail, or to measure them. */
export type CallboardParts = {
  readonly engine?: Engine;
  readonly wrapStorage?: (storage: Storage) => Storage;
  readonly tools?: ToolBox;
  readonly wrapFiles?: (store: FileStore) => FileStore;
  /** Another process has taken over the store: leave at once, nothing more can be written. */
  readonly onTakenOver?: () => void;
  /** Where the config came from; absent: there is no file to edit, or to read again. */
  readonly configFrom?: ServerConfigOptions['from'];
  /** Says who makes the requests that no key and no token says it of. */
  readonly authenticate?: AuthenticateHook | undefined;
};

/**
 * Starts everything; when it resolves, `/health/ready` answers 200. Rejects with `AuthenticationError`, `InsecureListenError`,
 * `StorageOpenError`, `GatewayListenError` or `UwsLoadError`, and leaves nothing open.
 */
export async function startCallboard(
  config: Config,
  logging: Logging,
  parts: CallboardParts = {},
): Promise<Callboard> {
  const { log, ring } = logging;
  if (config.databaseUrl === undefined && !existsSync(config.dataFolder)) {
    // A store that is not there knows no keys. So a start that is refused makes none.
    const configured = configuredAuthentication(config, parts.authenticate);
    const { open } = authenticationMode({ setting: config.authentication, configured, since: null });
    isReachedByOthers({ host: config.host, open, insecure: config.insecure === 'on' });
  }
  const opened = await openStorage({
    dataFolder: config.dataFolder,
    sqliteSynchronous: config.sqliteSynchronous,
    log,
    lockWaitMs: config.shutdownGraceMs + limits.processLockExtraMs,
    onTakenOver: parts.onTakenOver,
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
  });
  const storage = parts.wrapStorage?.(opened) ?? opened;
  let system: LiveSystem | undefined;
  let gateway: Gateway | undefined;
  let inspection: Inspection | undefined;
  let ready = false;
  let stopRetention = () => {};
  let stopTracePurge = () => {};
  let stopSearchBackfill = () => {};
  let stopFileRounds = () => {};
  let toolServers: McpToolBox | undefined;
  let inForce = config;
  let calls: RemoteCalls | undefined;
  let storedKeys: StoredKeys | undefined;
  let adminSocket: AdminSocket | undefined;
  const limitRefusals = new LimitRefusals(systemClock);
  limitRefusals.onLine(loggedRefusals(log));
  const refusedByLimit = (kind: LimitKind, principal: SessionOwner) =>
    limitRefusals.refused(kind, { of: 'principal', principal });
  const stop = async (): Promise<boolean> => {
    ready = false;
    stopRetention();
    stopTracePurge();
    stopSearchBackfill();
    stopFileRounds();
    inspection?.inspectors.stop();
    await adminSocket?.close();
    await system?.drain(inForce.shutdownGraceMs);
    await gateway?.close();
    limitRefusals.tell();
    const flushed = (await system?.stop()) ?? true;
    await storedKeys?.stop();
    await storage.close();
    await toolServers?.stop();
    await calls?.stop();
    return flushed;
  };
  try {
    const mcpTools = startMcpToolBox(config.mcpServers, { clock: systemClock, log });
    toolServers = mcpTools;
    const accesses = new SessionAccesses((id) => storage.readModel.sessionAccess(id));
    const authentications = await startAuthentication({
      config,
      hook: parts.authenticate,
      storage,
      clock: systemClock,
      log,
    });
    const { authenticator, makeToken, mode } = authentications;
    if (isReachedByOthers({ host: config.host, open: mode.open, insecure: config.insecure === 'on' })) {
      log.warn(`Whoever reaches ${config.host} may do everything: ${mode.reason}`);
    }
    gateway = createGateway({
      accesses,
      authenticator,
      clientLimits: () => inForce,
      limitRefusals,
      trustedProxies: config.trustedProxies,
      host: config.host,
      port: config.port,
      allowedHosts: config.allowedHosts,
      allowedOrigins: config.allowedOrigins,
      idleTimeoutSeconds: config.idleTimeoutSeconds,
      ...connectionBounds(log),
      eventLog: storage.eventLog,
      newestSeq: (await storage.eventLog.range()).newest,
      streamFlushMs: config.streamFlushMs,
      bounds: { previewUnitsMax: config.previewUnitsMax },
      busyShare: eventLoopLoad(),
      requestAdmission: new FairAdmission({ clock: measuringClock }),
      socketAdmission: new FairAdmission({ clock: measuringClock }),
      compression: config.compression === 'on',
      clock: systemClock,
      log,
    });
    const builtIn = createBuiltInToolBox({ clock: systemClock });
    calls = remoteCalls({
      clock: systemClock,
      random: Math.random,
      privateNetworks: config.toolPrivateNetworks,
    });
    const registered = registeredToolBox({
      calls,
      key: storage.toolSecretKey,
      clock: systemClock,
      holderOf: (name) => (builtIn.find(name) === undefined ? mcpTools.serverOf(name) : 'a built-in tool'),
    });
    const keys = authentications.storedKeys;
    storedKeys = keys;
    authentications.closeRevoked(gateway.revoke);
    const { epoch } = storage.eventLog;
    const openedFiles = await openFiles({ dataFolder: config.dataFolder, epoch, log });
    const fileStore = parts.wrapFiles?.(openedFiles) ?? openedFiles;
    let files: StoredFiles | undefined;
    const keepFile = async ({ name, bytes }: ReturnedFile, session: SessionId) => {
      if (files === undefined) return refused(refusal('unavailable', 'Files are not available yet'));
      if (bytes.length > inForce.fileBytesMax) {
        return refused(refusal('body_too_large', `more than ${inForce.fileBytesMax} bytes`));
      }
      const owner = await storage.readModel.sessionAccess(session);
      return await files.store({
        name: harmlessFileName(name),
        body: oneChunk(bytes),
        owner: owner && ownerIn(owner),
      });
    };
    const answeringParts = {
      files: fileStore,
      toolBoxes: [builtIn, mcpTools, registered],
      engine: parts.engine,
      tools: parts.tools,
      clock: systemClock,
      log,
    };
    let answering = answeringOf(config, answeringParts);
    system = await startLiveSystem(
      {
        journal: storage.journal,
        readModel: storage.readModel,
        files: { file: storage.files.file, access: storage.files.access, keep: keepFile },
        publisher: gateway.publisher,
        ...answering.ports,
        registeredTools: registered,
        keys,
        clock: systemClock,
        ids: systemIds,
        leases: leasesOf(storage.leaseSecret),
        owners: accesses,
        fairAdmission: new FairAdmission({ clock: measuringClock }),
        log,
        random: Math.random,
      },
      {
        configDefaults: configDefaults(config),
        leaseMs: config.agentLeaseMs,
        tokenLimit: { perDayMax: () => inForce.principalTokensPerDayMax, refused: refusedByLimit },
        storedByteLimit: { max: () => inForce.ownerStoredBytesMax, refused: refusedByLimit },
        storedSessionLimit: { max: () => inForce.ownerStoredSessionsMax, refused: refusedByLimit },
        ownerLimits: { settings: () => inForce, refused: refusedByLimit },
        ...answering.options,
      },
    );
    const live = system;
    limitRefusals.onLine(auditedRefusals(live.audit));
    const configFile = serverConfig({
      config,
      from: parts.configFrom,
      apply: (next) => {
        inForce = next;
        logging.setLevel(next.logLevel);
        mcpTools.change(next.mcpServers);
        answering = answeringOf(next, answeringParts);
        live.answerWith(answering.ports, answering.options);
      },
      admission: () => live.registry.admission(),
      outbox: live.outbox,
      tell: () => live.door.updateConfig({}, 'config-file'),
      clock: systemClock,
      log,
    });
    const { door, executionTrees, outbox, purgeTraces, registry } = system;
    files = new StoredFiles({
      store: fileStore,
      bytes: live.storedBytes,
      records: storage.files,
      createProbe: createContentProbe,
      outbox,
      readModel: storage.readModel,
      admission: () => registry.admission(),
      clock: systemClock,
      ids: systemIds,
      log,
    });
    logging.onEntries(gateway.publisher.volatile);
    // Resumed turns need their tools.
    await toolServers.settled();
    await system.recover();
    const pages =
      config.web === 'on'
        ? createWebPages({ cacheFolders: [packageCacheFolder, join(config.dataFolder, 'pages')], log })
        : undefined;
    inspection = createInspection({
      live: system.actors,
      readModel: storage.readModel,
      eventLog: storage.eventLog,
      clock: systemClock,
      previewUnitsMax: config.previewUnitsMax,
      recordingTemplate: pages?.recording,
    });
    const port = await gateway.listen(
      {
        door,
        readModel: storage.readModel,
        inspection,
        providers: { list: (to) => answering.shownCatalog(to) },
        configFile: { ...configFile, schema: configSchemaDocument },
        files: {
          store: files.store,
          file: files.file,
          open: files.open,
          get bytesMax() {
            return inForce.fileBytesMax;
          },
        },
        tools: () =>
          toolCatalog({
            builtIn,
            mcp: mcpTools,
            registered: door.registeredTools,
            offered: answering.ports.tools,
          }),
        keys,
        executionTree: (id) => executionTrees.tree(id),
        previewUnitsMax: config.previewUnitsMax,
        get importBytesMax() {
          return inForce.importBytesMax;
        },
        messageBounds: {
          get contentCharactersMax() {
            return inForce.contentCharactersMax;
          },
          messageCharactersMax: config.messageCharactersMax,
        },
        logs: { entries: (offset, limit) => ring.entries(offset, limit), emitManual: logging.emitManual },
        authorize: authorizeBy(accesses, storage.readModel, storage.files, (data) =>
          live.audit.record({ type: 'session.commanded', data }),
        ),
        makeToken: auditedTokens(makeToken, live.audit),
        unready: () => (ready ? live.registry.admission() : refusal('unavailable', 'Server is not ready')),
      },
      pages,
    );
    adminSocket = await openAdminSocket({ dataFolder: config.dataFolder, services: { door, keys }, log });
    const warning = authentications.nobodyEnters();
    if (warning !== null) log.warn(warning);
    ready = true;
    // Builds the pages ahead of the first visitor, without delaying the start.
    void pages?.warm();
    stopRetention = startRetentionRounds({
      retention: storage.retention,
      clock: systemClock,
      log,
      keepMs: config.retentionDays * dayMs,
    });
    stopTracePurge = startTracePurgeRounds({
      purge: purgeTraces,
      clock: systemClock,
      log,
      keepMs: config.traceRetentionDays * dayMs,
    });
    stopFileRounds = startFileRounds({ files, clock: systemClock, log, graceMs: config.fileGraceMs });
    stopSearchBackfill = startSearchBackfill({ step: storage.searchBackfill, clock: systemClock, log });
    return { port, storage: storage.kind, stop, reloadConfig: configFile.reload };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

function ownerIn({ owner, tenant }: SessionOwner): SessionOwner {
  return { owner, tenant };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function configDefaults(config: Config) {
  return patchedRuntimeConfig(defaultRuntimeConfig, {
    apiUrl: config.apiUrl,
    websocketUrl: config.websocketUrl,
  });
}
