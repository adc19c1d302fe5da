/**
 * The file in which the server process tells the load client when the tokens of a run were emitted: JSON, then
 * doubles.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const headSchema = z.array(z.tuple([z.string(), z.number().int()]));

export function writeEmissions(file: string, emissions: ReadonlyMap<string, Float64Array>): void {
  const head = Buffer.from(JSON.stringify([...emissions].map(([key, times]) => [key, times.length])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  writeFileSync(
    file,
    Buffer.concat([length, head, ...[...emissions.values()].map((times) => Buffer.from(times.buffer))]),
  );
}

export function readEmissions(file: string): ReadonlyMap<string, Float64Array> {
  const bytes = readFileSync(file);
  const headEnd = 4 + bytes.readUInt32LE(0);
  const head = headSchema.parse(JSON.parse(bytes.toString('utf8', 4, headEnd)));
  const emissions = new Map<string, Float64Array>();
  let at = headEnd;
  for (const [key, count] of head) {
    const times = new Float64Array(count);
    for (let index = 0; index < count; index++, at += 8) times[index] = bytes.readDoubleLE(at);
    emissions.set(key, times);
  }
  return emissions;
}
