/** Lists the keyboard shortcuts. */
import { Dialog } from '../design/dialog.tsx';
import type { Permissions } from './permissions.ts';
import { shortcuts } from './shortcuts.ts';

export function ShortcutsDialog(props: { readonly permissions: Permissions; readonly onClose: () => void }) {
  const { permissions, onClose } = props;
  const offered = shortcuts.filter(([, , needs]) => needs === undefined || permissions[needs]);
  return (
    <Dialog title="Keyboard" confirm="Close" look="plain" onConfirm={onClose} onCancel={onClose}>
      <dl class="shortcuts">
        {offered.map(([keys, what]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
