/** Runs the journal's contract against every backend. */
import {
  memoryBackend,
  postgresBackend,
  postgresIsTested,
  sqliteBackend,
  sqliteInMemoryBackend,
} from './journal-backend.ts';
import { journalContract } from './journal-contract.ts';

journalContract(memoryBackend);
journalContract(sqliteInMemoryBackend);
journalContract(sqliteBackend);
if (postgresIsTested('the journal contract on PostgreSQL')) journalContract(postgresBackend);
