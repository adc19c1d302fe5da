/** Asks for the server's key. */
import { useState } from 'preact/hooks';
import { Dialog } from '../design/dialog.tsx';
import { keepApiKey } from './api-key.ts';

export function KeyDialog({ wasWrong, onKey }: { readonly wasWrong: boolean; readonly onKey: () => void }) {
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
        It is one of those in the server’s setting <code>CALLBOARD_API_KEYS</code>.
      </p>
      {wasWrong ? (
        <p class="failure" role="alert">
          The server does not know the key that was used.
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
        Keep it on this device; otherwise it is forgotten with this tab
      </label>
    </Dialog>
  );
}
