/** Every migration in the order in which it runs: names sort alphabetically, and a released one never changes. */
import type { Migration } from 'kysely/migration';
import * as initial from './migrations/0001-initial.ts';
import * as tools from './migrations/0002-tools.ts';
import * as causes from './migrations/0003-causes.ts';
import * as finishReasons from './migrations/0004-finish-reasons.ts';
import * as search from './migrations/0005-search.ts';
import * as files from './migrations/0006-files.ts';
import * as messageTree from './migrations/0007-message-tree.ts';
import * as titlesAndDeletions from './migrations/0008-titles-and-deletions.ts';
import * as toolCallFiles from './migrations/0009-tool-call-files.ts';
import * as pushedTurns from './migrations/0010-pushed-turns.ts';
import * as participants from './migrations/0011-participants.ts';
import * as tracesAndConfigHistory from './migrations/0012-traces-and-config-history.ts';
import * as registeredTools from './migrations/0013-registered-tools.ts';
import * as turnJournal from './migrations/0015-turn-journal.ts';
import * as principals from './migrations/0016-principals.ts';
import * as sessionOwners from './migrations/0017-session-owners.ts';
import * as tokenSpending from './migrations/0018-token-spending.ts';
import * as principalsOfFilesAndTurns from './migrations/0019-principals-of-files-and-turns.ts';
import * as messageIdsOfSessions from './migrations/0020-message-ids-of-sessions.ts';
import * as apiKeys from './migrations/0021-api-keys.ts';
import * as storedBytes from './migrations/0022-stored-bytes.ts';
import * as traceOwners from './migrations/0023-trace-owners.ts';
import * as ownersInSessions from './migrations/0024-owners-in-sessions.ts';
import * as messageAuthors from './migrations/0025-message-authors.ts';

export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-tools': tools,
  '0003-causes': causes,
  '0004-finish-reasons': finishReasons,
  '0005-search': search,
  '0006-files': files,
  '0007-message-tree': messageTree,
  '0008-titles-and-deletions': titlesAndDeletions,
  '0009-tool-call-files': toolCallFiles,
  '0010-pushed-turns': pushedTurns,
  '0011-participants': participants,
  '0012-traces-and-config-history': tracesAndConfigHistory,
  '0013-registered-tools': registeredTools,
  '0015-turn-journal': turnJournal,
  '0016-principals': principals,
  '0017-session-owners': sessionOwners,
  '0018-token-spending': tokenSpending,
  '0019-principals-of-files-and-turns': principalsOfFilesAndTurns,
  '0020-message-ids-of-sessions': messageIdsOfSessions,
  '0021-api-keys': apiKeys,
  '0022-stored-bytes': storedBytes,
  '0023-trace-owners': traceOwners,
  '0024-owners-in-sessions': ownersInSessions,
  '0025-message-authors': messageAuthors,
};
