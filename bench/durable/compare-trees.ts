/**
 * The cost of a change in commands, one-token turns and bytes: compares this tree with another one, such as an
 * unpacked older commit. Both trees' code runs in one process, taking turns of a few milliseconds, so that other load
 * on the machine affects both. Compares processor time, by the medians of each pair.
 *
 * node bench/durable/compare-trees.ts OTHER_TREE [pairs]
 */
import { fileURLToPath } from 'node:url';
import { type LoadKind, loadKinds, type TreeLoad, treeLoad } from './tree-load.ts';

const warmUpGroups = 15;
const groupsPerPair = 15;

const [otherTree, pairs = '10'] = process.argv.slice(2);
if (otherTree === undefined) throw new Error('usage: node bench/durable/compare-trees.ts OTHER_TREE [pairs]');
const thisTree = fileURLToPath(new URL('../../', import.meta.url));

for (const kind of loadKinds) {
  const [other, own] = [await treeLoad(otherTree), await treeLoad(thisTree)];
  await pairOf(kind, other, own, warmUpGroups);
  const changes: number[] = [];
  const figures = { before: 0, after: 0 };
  for (let count = 0; count < Number(pairs); count++) {
    const { before, after } = await pairOf(kind, other, own, groupsPerPair);
    changes.push((after / before - 1) * 100);
    Object.assign(figures, { before, after });
  }
  const shown = changes.map((change) => change.toFixed(1)).join(' ');
  const [bytesBefore, bytesAfter] = [await other.end(), await own.end()];
  print(`${kind}: ${figures.before.toFixed(0)} → ${figures.after.toFixed(0)} µs in the last pair`);
  print(`  change in %, each pair: ${shown}; median ${median(changes).toFixed(1)}`);
  const more = (bytesAfter / bytesBefore - 1) * 100;
  print(`  bytes: ${bytesBefore.toFixed(0)} → ${bytesAfter.toFixed(0)}, ${more.toFixed(1)} %`);
}

async function pairOf(kind: LoadKind, other: TreeLoad, own: TreeLoad, groups: number) {
  const [before, after]: [number[], number[]] = [[], []];
  for (let count = 0; count < groups; count++) {
    // The tree that begins alternates, too.
    if (count % 2 === 0) before.push(await other.group(kind));
    after.push(await own.group(kind));
    if (count % 2 === 1) before.push(await other.group(kind));
  }
  return { before: median(before), after: median(after) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
