/** The context of the selected actor, and what is different from the step before. */
import { useSignal } from '@preact/signals';
import { prettyPreview } from '../../chat/pretty-preview.ts';
import { Checkbox } from '../../design/checkbox.tsx';
import type { Inspector } from '../inspector.ts';
import { type ChangedLine, changedLines } from '../log/changed-lines.ts';

export function ContextView({ inspector }: { readonly inspector: Inspector }) {
  const showsChanges = useSignal(false);
  const context = inspector.selected.value?.context ?? null;
  const before = inspector.contextBefore.value;
  const text = prettyPreview(context);
  if (text === undefined) return <p class="hint">Its context is not known.</p>;
  if (before === undefined) return <pre class="json">{text}</pre>;
  const lines = changedLines(prettyPreview(before) ?? '', text);
  const count = lines.filter(({ change }) => change !== 'same').length;
  return (
    <>
      <div class="context-bar">
        <p role="status">{wordsOf(before, count)}</p>
        <Checkbox
          isChecked={showsChanges.value}
          onChange={(isChecked) => {
            showsChanges.value = isChecked;
          }}
        >
          only what changed
        </Checkbox>
      </div>
      <pre class="json">
        {lines
          .filter(({ change }) => !showsChanges.value || change !== 'same')
          .map((line, index) => (
            <Line key={index} line={line} />
          ))}
      </pre>
    </>
  );
}

function wordsOf(before: string | null, count: number): string {
  if (before === null) return 'The actor was not there at the step before.';
  if (count === 0) return 'As at the step before.';
  return `${count === 1 ? '1 line differs' : `${count} lines differ`} from the step before.`;
}

function Line({ line: { change, text } }: { readonly line: ChangedLine }) {
  switch (change) {
    case 'same':
      return <span class="line">{`  ${text}\n`}</span>;
    case 'added':
      return <ins class="line">{`+ ${text}\n`}</ins>;
    case 'removed':
      return <del class="line">{`− ${text}\n`}</del>;
  }
}
