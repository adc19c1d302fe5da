/** Explains in one line, to the person who starts the server, why storage could not be opened. */
export class StorageOpenError extends Error {
  override readonly name = 'StorageOpenError';
}

/** Another process has the store open. */
export class StoreInUseError extends StorageOpenError {}

/** The system's code of an error, such as `EACCES`, or PostgreSQL's SQLSTATE. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
