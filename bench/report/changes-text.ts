/** What has changed since an earlier run, for the terminal. */
import { systems } from '../systems/systems.ts';
import { type Change, marginOfChange } from './changes.ts';
import { numberText } from './number-text.ts';
import type { Results } from './results-schema.ts';
import { aligned } from './text-table.ts';

const margin = `${marginOfChange * 100} %`;
const verdicts: Readonly<Record<Change['verdict'], string>> = {
  worse: 'WORSE',
  same: '',
  better: 'better',
  unjudged: 'not judged',
};

export function changesText(changes: readonly Change[], then: Results, now: Results): string {
  const head = ['figure', 'now', 'then', '× as bad', 'noise', ''];
  const body = changes.map((change) => [
    nameOf(change),
    numberText(change.present),
    numberText(change.past),
    numberText(change.factor),
    `${numberText(change.noise * 100)} %`,
    verdicts[change.verdict] + (change.verdict === 'worse' && change.as.kind === 'alone' ? '?' : ''),
  ]);
  const lines = [
    `### Since ${then.at}`,
    '',
    ...aligned([head, ...body]),
    '',
    ...otherMachine(then, now).map((line) => `WARNING: ${line}`),
    'A time is told as a multiple of that of a peer in the same repetition, where a peer took part: other work on the',
    'machine makes both longer. Times "alone" are absolute figures of different moments: they compare only if the machine',
    'was as quiet then as now. "Noise" is how far the repetitions of each run are apart, of both runs together.',
    '"Not judged": fewer than two repetitions of one of the runs are valid.',
    '',
    ...named(`Worse by more than the noise and ${margin}:`, changes, (change) => change.as.kind !== 'alone'),
    ...named(`So are these, or the machine was busier than then:`, changes, ({ as }) => as.kind === 'alone'),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function named(
  title: string,
  changes: readonly Change[],
  isMeant: (change: Change) => boolean,
): readonly string[] {
  const worse = changes.filter((change) => change.verdict === 'worse' && isMeant(change));
  const list = worse.map((change) => `- ${nameOf(change)}: ${numberText(change.factor)} times as bad`);
  return [worse.length === 0 ? `${title} nothing` : title, ...list, ''];
}

function nameOf({ scenario, size, system, metric, as }: Change): string {
  const unit = metric.unit === '' || as.kind === 'beside' ? '' : `, ${metric.unit}`;
  const peer = Object.values(systems).find(({ name }) => as.kind === 'beside' && name === as.peer);
  const how = as.kind === 'beside' ? ` × ${peer?.title ?? as.peer}` : as.kind === 'alone' ? ' (alone)' : '';
  return `${scenario} ${size}: ${system}: ${metric.title}${unit}${how}`;
}

/** Why the two runs may not compare at all. */
function otherMachine(then: Results, now: Results): readonly string[] {
  const facts = ['model', 'processors', 'memoryGigabytes', 'system', 'node', 'notPinned'] as const;
  return facts
    .filter((fact) => then.machine[fact] !== now.machine[fact])
    .map((fact) => `${fact} was ${then.machine[fact] ?? 'none'}, is ${now.machine[fact] ?? 'none'}`)
    .concat(then.seed === now.seed ? [] : [`seed was ${then.seed}, is ${now.seed}`]);
}
