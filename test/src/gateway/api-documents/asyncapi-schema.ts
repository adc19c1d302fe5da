/** The schema of AsyncAPI 3.0 documents that the authors of AsyncAPI publish. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The version for validators that resolve references themselves. */
export function asyncApiSchema(): object {
  const path = createRequire(import.meta.url).resolve('@asyncapi/specs/schemas/3.0.0-without-$id.json');
  const schema: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof schema !== 'object' || schema === null) throw new Error('the schema of AsyncAPI is no object');
  return schema;
}
