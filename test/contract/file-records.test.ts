/** Runs the contract of the records of files against every backend. */
import { DatabaseSync } from 'node:sqlite';
import { memoryStorage } from '../fakes/memory-storage.ts';
import { type FileRecordsBackend, fileRecordsContract } from './file-records-contract.ts';
import { openPostgresStore, openSqliteStore, postgresIsTested } from './journal-backend.ts';

const memory: FileRecordsBackend = {
  name: 'memory fake',
  open: async () => {
    const storage = memoryStorage();
    return {
      ...storage,
      toolCall: storage.readModel.toolCall,
      refer: async (fileId, messageId, sessionId) =>
        storage.tables.files.refer({ fileId, messageId, sessionId }),
      close: async () => {},
    };
  },
};

const sqlite: FileRecordsBackend = {
  name: 'SQLite file',
  open: async () => {
    const store = await openSqliteStore();
    const shell = new DatabaseSync(store.path);
    return {
      journal: store.journal,
      files: store.storage.files,
      toolCall: (id) => store.storage.readModel.toolCall(id),
      refer: async (...row) => void shell.prepare('insert into file_references values (?, ?, ?)').run(...row),
      close: async () => {
        shell.close();
        await store.close();
      },
    };
  },
};

const postgres: FileRecordsBackend = {
  name: 'PostgreSQL',
  open: async () => {
    const store = await openPostgresStore();
    return {
      journal: store.journal,
      files: store.storage.files,
      toolCall: (id) => store.storage.readModel.toolCall(id),
      refer: async (...row) => {
        await store.schema.query('insert into file_references values ($1, $2, $3)', row);
      },
      close: store.close,
    };
  },
};

fileRecordsContract(memory);
fileRecordsContract(sqlite);
if (postgresIsTested('the contract of the records of files on PostgreSQL')) fileRecordsContract(postgres);
