/** Asks for the key that lets one inspect. */
import { useState } from 'preact/hooks';
import { Dialog } from '../design/dialog.tsx';
import type { Refused } from './inspector.ts';

const reasons: Readonly<Record<NonNullable<Refused>, string>> = {
  unauthorized: 'This server asks for an API key.',
  forbidden: 'That key does not let you inspect. Use one that is listed in inspectKeys.',
};

export function KeyDialog(props: {
  readonly reason: NonNullable<Refused>;
  readonly onKey: (key: string) => void;
}) {
  const [key, setKey] = useState('');
  return (
    <Dialog title="Key" confirm="Inspect" isBusy={key === ''} onConfirm={() => props.onKey(key)}>
      <p>{reasons[props.reason]} It is kept until this tab is closed.</p>
      <label class="field">
        API key
        <input
          type="password"
          autocomplete="off"
          autofocus
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
    </Dialog>
  );
}
