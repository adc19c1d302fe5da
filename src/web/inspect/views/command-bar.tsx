/** The commands that an operator may give to the session now; each asks for confirmation. */
import { useSignal } from '@preact/signals';
import type { OperatorCommand } from '../../../../schema/operator-command.ts';
import { Button } from '../../design/button.tsx';
import { Dialog } from '../../design/dialog.tsx';
import type { Inspector } from '../inspector.ts';

export function CommandBar({ inspector }: { readonly inspector: Inspector }) {
  const asked = useSignal<OperatorCommand | null>(null);
  const isBusy = useSignal(false);
  const obey = async (command: OperatorCommand) => {
    isBusy.value = true;
    await inspector.obey(command);
    isBusy.value = false;
    asked.value = null;
  };
  return (
    <div class="commands">
      {inspector.commands.value.map((command) => (
        <Button
          key={`${command.command} ${command.request.path}`}
          look={command.destructive ? 'danger' : 'plain'}
          disabled={!command.allowed || !command.effective}
          onClick={() => {
            asked.value = command;
          }}
        >
          {command.label}
        </Button>
      ))}
      {asked.value === null ? null : (
        <Confirmation
          command={asked.value}
          isBusy={isBusy.value}
          onConfirm={(command) => void obey(command)}
          onCancel={() => {
            asked.value = null;
          }}
        />
      )}
    </div>
  );
}

function Confirmation(props: {
  readonly command: OperatorCommand;
  readonly isBusy: boolean;
  readonly onConfirm: (command: OperatorCommand) => void;
  readonly onCancel: () => void;
}) {
  const { command, isBusy, onConfirm, onCancel } = props;
  const { method, path } = command.request;
  return (
    <Dialog
      title={`${command.label}?`}
      confirm={command.label}
      look={command.destructive ? 'danger' : 'primary'}
      isBusy={isBusy}
      onConfirm={() => onConfirm(command)}
      onCancel={onCancel}
    >
      <p>{command.destructive ? 'This cannot be undone. ' : ''}The server is sent:</p>
      <p>
        <code>
          {method} {path}
        </code>
      </p>
    </Dialog>
  );
}
