/**
 * A dialog of the browser's own: it keeps the focus inside, Escape closes it, and the focus goes back to where it was.
 */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Button, type ButtonLook } from './button.tsx';

export type DialogProps = {
  readonly title: string;
  /** Text of the button that does it. */
  readonly confirm: string;
  readonly look?: ButtonLook;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
  /** Escape, the other button. Absent: it can only be confirmed. */
  readonly onCancel?: () => void;
  readonly children: ComponentChildren;
};

/** Shown while it is rendered. An element with `autofocus` gets the focus. */
export function Dialog({
  title,
  confirm,
  look = 'primary',
  isBusy,
  onConfirm,
  onCancel,
  children,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // At once, before anything else can take the focus: the browser gives it back to whoever has it now.
  useLayoutEffect(() => {
    const { current: shown } = dialog;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onCancel?.();
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <h2 id={titleId}>{title}</h2>
        {children}
        <div class="actions">
          {onCancel === undefined ? null : (
            <Button look="quiet" onClick={onCancel}>
              Cancel
            </Button>
          )}
          <Button type="submit" look={look} disabled={isBusy === true}>
            {confirm}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
