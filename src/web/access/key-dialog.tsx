/** Asks for the server's key. */
import { useState } from 'preact/hooks';
import { Checkbox } from '../design/checkbox.tsx';
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
      title="Sign in"
      confirm="Continue"
      isBusy={key.trim() === ''}
      onConfirm={() => {
        keepApiKey(key.trim(), isKept ? 'device' : 'tab');
        onKey();
      }}
    >
      <p>
        This server asks for a key, or for a token that a program gave you. Whoever runs the server finds its
        keys in the setting <code>{setting}</code>.
      </p>
      {wasWrong ? (
        <p class="failure" role="alert">
          {fault}
        </p>
      ) : null}
      <label class="field">
        API key or token
        <input
          type="password"
          value={key}
          autocomplete="off"
          spellcheck={false}
          autofocus
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <Checkbox isChecked={isKept} onChange={setKept}>
        Keep it on this device; otherwise it is forgotten when this tab closes
      </Checkbox>
    </Dialog>
  );
}
