/** Asks for the server's key. */
import { useState } from 'preact/hooks';
import { Dialog } from '../design/dialog.tsx';
import { keepApiKey } from './api-key.ts';

export type KeyDialogProps = {
  readonly wasWrong: boolean;
  /** What was wrong with the last key. */
  readonly fault?: string;
  /** The name of the server setting that lists the keys. */
  readonly setting?: string;
  readonly onKey: () => void;
};

export function KeyDialog({
  wasWrong,
  fault = 'The server does not know the key.',
  setting = 'CALLBOARD_API_KEYS',
  onKey,
}: KeyDialogProps) {
  const [key, setKey] = useState('');
  const [isKept, setKept] = useState(false);
  return (
    <Dialog
      title="This server asks for a key"
      confirm="Continue"
      isBusy={key.trim() === ''}
      onConfirm={() => {
        keepApiKey(key.trim(), isKept ? 'device' : 'tab');
        onKey();
      }}
    >
      <p>
        The valid keys are in the server’s setting <code>{setting}</code>.
      </p>
      {wasWrong ? (
        <p class="failure" role="alert">
          {fault}
        </p>
      ) : null}
      <label class="field">
        API key
        <input
          type="password"
          value={key}
          autocomplete="off"
          spellcheck={false}
          autofocus
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <label class="check">
        <input type="checkbox" checked={isKept} onChange={(event) => setKept(event.currentTarget.checked)} />
        Keep it on this device; otherwise it is forgotten when this tab closes
      </label>
    </Dialog>
  );
}
