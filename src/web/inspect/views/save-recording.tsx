/** Saves the shown recording as a file, after it was said what the file holds. */
import { useSignal } from '@preact/signals';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import { saveFile } from '../../design/save-file.ts';
import type { Inspector } from '../inspector.ts';

export function SaveRecording({ inspector }: { readonly inspector: Inspector }) {
  const isAsked = useSignal(false);
  const isBusy = useSignal(false);
  const save = async () => {
    const { sessionId } = inspector.place.value;
    if (sessionId === null) return;
    isBusy.value = true;
    const found = await inspector.recordingFile(sessionId);
    if (found !== null) saveFile(found.name, found.file);
    isBusy.value = false;
    isAsked.value = false;
  };
  return (
    <>
      <Button
        icon="download"
        onClick={() => {
          isAsked.value = true;
        }}
      >
        Save as a file
      </Button>
      {isAsked.value ? (
        <Dialog
          title="Save this recording as a file?"
          confirm={isBusy.value ? 'Writing…' : 'Save'}
          isBusy={isBusy.value}
          onConfirm={() => void save()}
          onCancel={() => {
            isAsked.value = false;
          }}
        >
          <p>
            <b>The file holds the whole conversation in plain text</b>: every message, what the model thought,
            and what tools were given and returned, with secrets that were said in them.
          </p>
          <p>
            Any browser shows it, step by step, without a server. Whoever has the file can read all of it; no
            key protects it.
          </p>
        </Dialog>
      ) : null}
    </>
  );
}
