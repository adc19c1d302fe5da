/** Runs the contracts of the journal, the event log and the read model against every backend. */
import { requestedCases } from '../effort.ts';
import { conversationContract } from './conversation-contract.ts';
import { eventLogContract } from './event-log-contract.ts';
import {
  memoryBackend,
  postgresBackend,
  postgresIsTested,
  sqliteBackend,
  sqliteInMemoryBackend,
} from './journal-backend.ts';
import { journalContract } from './journal-contract.ts';
import { keyContract } from './key-contract.ts';
import { messageIdsContract } from './message-ids-contract.ts';
import { messageTreeContract } from './message-tree-contract.ts';
import { readModelContract } from './read-model-contract.ts';
import { sessionOwnersContract } from './session-owners-contract.ts';
import { sessionSearchContract } from './session-search-contract.ts';
import { storedBytesContract } from './stored-bytes-contract.ts';
import { tokenSpendingContract } from './token-spending-contract.ts';
import { traceContract } from './trace-contract.ts';
import { transcriptContract } from './transcript-contract.ts';
import { turnsContract } from './turns-contract.ts';

const backends = [memoryBackend, sqliteInMemoryBackend, sqliteBackend];
if (postgresIsTested('the contracts of journal and read model on PostgreSQL')) backends.push(postgresBackend);

for (const backend of backends) {
  journalContract(backend);
  readModelContract(backend);
  turnsContract(backend);
  keyContract(backend);
  conversationContract(backend);
  traceContract(backend);
  messageTreeContract(backend, requestedCases({ quick: 10, full: 200 }));
  messageIdsContract(backend, requestedCases({ quick: 5, full: 100 }));
  sessionSearchContract(backend, requestedCases({ quick: 15, full: 300 }));
  sessionOwnersContract(backend, requestedCases({ quick: 10, full: 200 }));
  storedBytesContract(backend, requestedCases({ quick: 8, full: 200 }));
  tokenSpendingContract(backend, requestedCases({ quick: 6, full: 100 }));
  transcriptContract(backend, requestedCases({ quick: 6, full: 100 }));
  eventLogContract(backend, backend === postgresBackend ? 30 : 100);
}
