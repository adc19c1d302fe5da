/** The bytes of chosen files until the server has them, in the browser's database: they survive a reload. */

const name = 'callboard';
const store = 'files';

/** Without a database, files that are under way do not survive a reload; everything else works. */
async function inStore<Result>(
  mode: IDBTransactionMode,
  act: (files: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result | undefined> {
  try {
    const database = await opened();
    try {
      return await settled(act(database.transaction(store, mode).objectStore(store)));
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}

function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(store);
  return settled(request);
}

function settled<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function keepBytes(id: string, file: Blob): Promise<void> {
  await inStore('readwrite', (files) => files.put(file, id));
}

export async function keptBytes(id: string): Promise<Blob | undefined> {
  const found: unknown = await inStore<unknown>('readonly', (files) => files.get(id));
  return found instanceof Blob ? found : undefined;
}

/** Somebody else uses the browser now. */
export async function forgetAllBytes(): Promise<void> {
  await inStore('readwrite', (files) => files.clear());
}

export async function forgetBytes(id: string): Promise<void> {
  await inStore('readwrite', (files) => files.delete(id));
}
