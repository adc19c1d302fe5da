/** The settings about how much one client may do. They are part of the table in `settings.ts`; in each, 0 is no bound. */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { networkRange } from './network-range.ts';
import { settingWords, wholeNumberFrom } from './setting-words.ts';

const bound = (variable: string, standard: number, description: string) =>
  wholeNumberFrom(0, limits.clientLimitLegalMax)
    .default(standard)
    .register(settingWords, {
      variable,
      kind: 'number',
      reload: 'live',
      allowed: `a whole number from 0 to ${limits.clientLimitLegalMax}`,
      description: `${description} 0: no bound.`,
    });

export const limitSettings = {
  trustedProxies: z
    .array(
      z
        .string()
        .max(64)
        .refine((text) => networkRange(text) !== null),
    )
    .max(limits.trustedProxiesMax)
    .default([])
    .register(settingWords, {
      variable: 'CALLBOARD_TRUSTED_PROXIES',
      kind: 'list',
      reload: 'restart',
      allowed: `a list of at most ${limits.trustedProxiesMax} IP addresses or ranges such as 10.1.0.0/16`,
      description:
        'Proxies whose `X-Forwarded-For` is believed; without any, each client is counted by the address that connects.',
    }),
  addressRequestsPerMinuteMax: bound(
    'CALLBOARD_ADDRESS_REQUESTS_PER_MINUTE_MAX',
    limits.requestsPerMinute,
    'Requests of one address in a minute, sockets included; more is refused before its credentials are looked at.',
  ),
  addressFailedLoginsPerMinuteMax: bound(
    'CALLBOARD_ADDRESS_FAILED_LOGINS_PER_MINUTE_MAX',
    limits.failedLoginsPerMinute,
    'Wrong credentials of one address in a minute; then none of it are looked at, right ones neither.',
  ),
  addressSocketsMax: bound(
    'CALLBOARD_ADDRESS_SOCKETS_MAX',
    0,
    'Open sockets and SSE streams of one address.',
  ),
  principalRequestsPerMinuteMax: bound(
    'CALLBOARD_PRINCIPAL_REQUESTS_PER_MINUTE_MAX',
    limits.requestsPerMinute,
    'Requests of one principal in a minute, sockets included; not of `local`, like the next three.',
  ),
  principalCommandsPerMinuteMax: bound(
    'CALLBOARD_PRINCIPAL_COMMANDS_PER_MINUTE_MAX',
    limits.commandsPerMinute,
    'Commands of one principal in a minute, over REST and sockets together; parts of pushed answers not counted.',
  ),
  principalSocketsMax: bound(
    'CALLBOARD_PRINCIPAL_SOCKETS_MAX',
    0,
    'Open sockets and SSE streams of one principal.',
  ),
  ownerLiveSessionsMax: bound(
    'CALLBOARD_OWNER_LIVE_SESSIONS_MAX',
    0,
    'Sessions of one owner in memory; an idle one leaves for a new one, and a new one is refused when all are busy.',
  ),
  ownerRunningTurnsMax: bound(
    'CALLBOARD_OWNER_RUNNING_TURNS_MAX',
    0,
    'Turns that run at a time in all sessions of one owner.',
  ),
  ownerWaitingTurnsMax: bound(
    'CALLBOARD_OWNER_WAITING_TURNS_MAX',
    0,
    'Turns that wait in all sessions of one owner, behind those that run.',
  ),
  principalTokensPerDayMax: bound(
    'CALLBOARD_PRINCIPAL_TOKENS_PER_DAY_MAX',
    0,
    'Tokens that the turns of one principal may cost in a day of UTC; then no turn begins for it until midnight.',
  ),
  ownerStoredSessionsMax: bound(
    'CALLBOARD_OWNER_STORED_SESSIONS_MAX',
    0,
    'Sessions of one owner in the store; more are refused until one is deleted.',
  ),
  ownerStoredBytesMax: bound(
    'CALLBOARD_OWNER_STORED_BYTES_MAX',
    0,
    'Bytes of one owner in the store, files and text of sessions together; more are refused until some are deleted.',
  ),
};
