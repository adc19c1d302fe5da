/** Goal: every wrong configuration is refused with a line that says what to change. Method: real files in a folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { everyOption } from '../../../schema/client-choices.ts';
import { type LoadedConfig, loadConfig } from '../../../src/config/load-config.ts';
import { settings } from '../../../src/config/settings-list.ts';
import { version } from '../../../src/config/version.ts';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'callboard-config-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const noEngineSettings = {
  providers: {},
  modelOptions: {},
  tools: {},
  mcpServers: {},
  clientOptions: everyOption,
};

type Input = { argv?: string[]; env?: Record<string, string>; file?: unknown };

function load({ argv = [], env = {}, file }: Input): LoadedConfig {
  if (file !== undefined) {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    writeFileSync(join(cwd, 'callboard.config.json'), text);
  }
  return loadConfig({ argv, env, cwd });
}

function messageOf(input: Input): string {
  const loaded = load(input);
  if (loaded.ok !== false) throw new Error('the configuration was accepted');
  return loaded.message;
}

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(load({})).toEqual({
      ok: true,
      config: {
        host: '127.0.0.1',
        port: 3000,
        dataFolder: join(cwd, '.callboard'),
        sqliteSynchronous: 'normal',
        apiKeys: [],
        authentication: 'auto',
        inspectKeys: [],
        allowedHosts: [],
        allowedOrigins: [],
        insecure: 'off',
        trustedProxies: [],
        addressRequestsPerMinuteMax: 600_000,
        addressFailedLoginsPerMinuteMax: 60,
        addressSocketsMax: 0,
        principalRequestsPerMinuteMax: 600_000,
        principalCommandsPerMinuteMax: 300_000,
        principalSocketsMax: 0,
        ownerLiveSessionsMax: 0,
        ownerRunningTurnsMax: 0,
        ownerWaitingTurnsMax: 0,
        principalTokensPerDayMax: 0,
        ownerStoredSessionsMax: 0,
        ownerStoredBytesMax: 0,
        clientRoles: 'scope',
        logLevel: 'info',
        rehearsal: 'off',
        rehearsalTokens: 60,
        rehearsalDelayMs: 15,
        defaultModel: 'rehearsal',
        previewUnitsMax: 2000,
        contentCharactersMax: 4000,
        messageCharactersMax: 200_000,
        turnStepsMax: 8,
        turnTokensMax: 1_000_000,
        turnMsMax: 900_000,
        modelSilenceMsMax: 60_000,
        modelMsMax: 600_000,
        fileBytesMax: 33_554_432,
        importBytesMax: 8_388_608,
        fileGraceMs: 86_400_000,
        idleTimeoutSeconds: 120,
        retentionDays: 30,
        toolPrivateNetworks: [],
        traceRetentionDays: 0,
        streamFlushMs: 30,
        compression: 'off',
        web: 'on',
        shutdownGraceMs: 10_000,
        agentLeaseMs: 60_000,
        claimMsMax: 600_000,
        ...noEngineSettings,
      },
    });
  });

  it('takes the flag before the environment, the environment before the file, the file before the default', () => {
    const file = { port: 1, host: 'file', logLevel: 'warn', dataFolder: 'file' };
    const env = { PORT: '2', HOST: 'env' };
    expect(load({ argv: ['--port', '3'], env, file })).toMatchObject({
      ok: true,
      config: { port: 3, host: 'env', logLevel: 'warn', rehearsalTokens: 60 },
    });
  });

  it('reads every setting from its variable and from the file', () => {
    const values = {
      host: '0.0.0.0',
      port: 0,
      dataFolder: '/data',
      databaseUrl: 'postgres://a:b@localhost:5432/c',
      sqliteSynchronous: 'full',
      apiKeys: ['one', 'two'],
      adminKey: 'root',
      authentication: 'on',
      inspectKeys: ['three'],
      allowedHosts: ['callboard.example', '[fd00::1]'],
      allowedOrigins: ['https://app.example', 'https://*.example.org:8443'],
      signInUrl: 'https://login.example.com/in?to=chat',
      insecure: 'on',
      trustedProxies: ['10.1.0.0/16', '::1'],
      addressRequestsPerMinuteMax: 1,
      addressFailedLoginsPerMinuteMax: 2,
      addressSocketsMax: 3,
      principalRequestsPerMinuteMax: 4,
      principalCommandsPerMinuteMax: 5,
      principalSocketsMax: 6,
      ownerLiveSessionsMax: 7,
      ownerRunningTurnsMax: 8,
      ownerWaitingTurnsMax: 9,
      principalTokensPerDayMax: 10,
      ownerStoredSessionsMax: 11,
      ownerStoredBytesMax: 12,
      clientRoles: 'any',
      logLevel: 'trace',
      apiUrl: 'https://example.org/api',
      websocketUrl: 'wss://example.org',
      rehearsal: 'on',
      rehearsalTokens: 5,
      rehearsalDelayMs: 0,
      defaultModel: 'rehearsal',
      titleModel: 'rehearsal',
      previewUnitsMax: 100,
      contentCharactersMax: 9,
      messageCharactersMax: 10,
      turnStepsMax: 3,
      turnTokensMax: 4,
      turnMsMax: 5,
      modelSilenceMsMax: 6,
      modelMsMax: 8,
      fileBytesMax: 9,
      importBytesMax: 9,
      fileGraceMs: 1000,
      idleTimeoutSeconds: 0,
      retentionDays: 7,
      toolPrivateNetworks: ['10.1.0.0/16', '127.0.0.1'],
      traceRetentionDays: 90,
      streamFlushMs: 0,
      compression: 'on',
      web: 'off',
      shutdownGraceMs: 1,
      agentLeaseMs: 1000,
      claimMsMax: 1,
    };
    expect(Object.keys(values)).toEqual(settings.map((setting) => setting.key));
    const config = { ...values, ...noEngineSettings };
    expect(load({ file: values })).toEqual({ ok: true, config });
    rmSync(join(cwd, 'callboard.config.json'));
    const env = Object.fromEntries(
      settings.map(({ key, variable }) => [variable, String(Reflect.get(values, key))]),
    );
    expect(load({ env })).toEqual({ ok: true, config });
  });

  it('takes an empty variable as not set, and trims the parts of a list', () => {
    expect(load({ env: { PORT: '', HOST: '', CALLBOARD_API_KEYS: ' a, b ,,' } })).toMatchObject({
      config: { port: 3000, host: '127.0.0.1', apiKeys: ['a', 'b'] },
    });
  });

  it('counts a relative folder from the working directory, in a file from the folder of the file', () => {
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(join(cwd, 'etc/my.json'), '\uFEFF{"dataFolder": "db", "port": 5}');
    expect(load({ argv: ['--config', 'etc/my.json'] })).toMatchObject({
      config: { dataFolder: join(cwd, 'etc/db'), port: 5 },
    });
    expect(load({ argv: ['--config=etc/my.json', '--data', 'db'] })).toMatchObject({
      config: { dataFolder: join(cwd, 'db') },
    });
  });

  it.each<[Input, string]>([
    [
      { argv: ['--port', '70000'] },
      'port must be a whole number from 0 to 65535; --port gives another value (70000)',
    ],
    [{ argv: ['--port=-1'] }, '--port gives another value (-1)'],
    [{ env: { PORT: '0x10' } }, 'PORT gives another value ("0x10")'],
    [{ env: { PORT: '3.5' } }, 'PORT gives another value ("3.5")'],
    [{ file: { port: '3000' } }, 'callboard.config.json gives another value ("3000")'],
    [{ file: { port: null } }, 'callboard.config.json gives another value (null)'],
    [{ env: { HOST: 'a b' } }, 'host must be a host name or an IP address'],
    [
      { env: { CALLBOARD_LOG_LEVEL: 'loud' } },
      'logLevel must be one of trace, debug, info, warn, error, silent',
    ],
    [{ env: { CALLBOARD_IDLE_TIMEOUT_SECONDS: '7' } }, 'must be 0, or a whole number from 8 to 960'],
    [{ env: { CALLBOARD_IDLE_TIMEOUT_SECONDS: '961' } }, 'idleTimeoutSeconds must be'],
    [{ env: { CALLBOARD_API_URL: 'localhost:3000' } }, 'apiUrl must be an http:// or https:// URL'],
    [{ env: { CALLBOARD_REHEARSAL_TOKENS: '100001' } }, 'rehearsalTokens must be'],
    [{ argv: ['--prot', '1'] }, "unknown option '--prot'\n(Did you mean --port?)"],
    [{ argv: ['--port'] }, 'argument missing'],
    [{ argv: ['start'] }, 'too many arguments'],
    [{ argv: ['--config', 'none.json'] }, 'cannot read the config file none.json: there is no such file'],
    [{ argv: ['--config', '.'] }, 'cannot read the config file .: EISDIR'],
    [{ file: { prot: 1 } }, 'callboard.config.json has an unknown key "prot"; did you mean "port"?'],
    [{ file: { DataFolder: 'x' } }, 'did you mean "dataFolder"?'],
    [{ file: { colour: 1 } }, 'has an unknown key "colour"; there are host, port'],
    [{ file: '{"__proto__": 1}' }, 'has an unknown key "__proto__"'],
    [{ file: '[]' }, 'callboard.config.json must hold one JSON object'],
    [{ file: '{"port": 1,\n}' }, 'callboard.config.json is not JSON (line 2 column 1)'],
  ])('refuses %j', (input, expected) => {
    expect(messageOf(input)).toContain(expected);
  });

  it('names every mistake at once, one per line', () => {
    const message = messageOf({ env: { PORT: 'x', HOST: ' ' }, file: { logLevel: 1, extra: 1 } });
    expect(message.split('\n')).toHaveLength(4);
  });

  it('never shows a secret', () => {
    expect(messageOf({ env: { DATABASE_URL: 'mysql://u:hunter2@h' } })).not.toContain('hunter2');
    expect(messageOf({ file: { apiKeys: ['hunter2 '] } })).not.toContain('hunter2');
    expect(messageOf({ file: { databaseUrl: ['hunter2'] } })).not.toContain('hunter2');
    expect(messageOf({ file: '{"apiKeys": ["hunter2", }' })).not.toContain('hunter2');
  });

  it('prints help and version', () => {
    expect(load({ argv: ['--version'] })).toEqual({ ok: 'exit', text: version });
    const help = load({ argv: ['--help', '--port', '3'] });
    if (help.ok !== 'exit') throw new Error('help was not printed');
    for (const setting of settings) {
      expect(help.text).toContain(setting.variable);
      expect(help.text).toContain(setting.key);
    }
    for (const flag of ['--port', '--host', '--data', '--config', '--help', '--version']) {
      expect(help.text).toContain(flag);
    }
  });

  it('answers with a value, never an exception, whatever it is given', () => {
    const variables = fc.constantFrom(...settings.map((setting) => setting.variable));
    const keys = fc.oneof(fc.string(), fc.constantFrom(...settings.map((setting) => setting.key)));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.constantFrom('--port', '--data', '--', '-h', '--host'))),
        fc.dictionary(variables, fc.string({ unit: 'binary' })),
        fc.dictionary(keys, fc.jsonValue()),
        (argv, env, file) => {
          expect([true, false, 'exit']).toContain(load({ argv, env, file }).ok);
        },
      ),
    );
  });
});
