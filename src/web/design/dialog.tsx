/**
 * A dialog made with the `<dialog>` element: it keeps the focus inside, Escape closes it, and the focus then returns
 * to where it was.
 */
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { Button, type ButtonLook } from './button.tsx';

export type DialogProps = {
  readonly title: string;
  /** The text of the confirming button. */
  readonly confirm: string;
  readonly look?: ButtonLook;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
  /** Called by Escape and by the other button. Absent: the dialog can only be confirmed. */
  readonly onCancel?: () => void;
  readonly children: ComponentChildren;
};

/** The dialog is open while it is rendered. An element with `autofocus` gets the focus. */
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
  // In the layout effect, before another element can take the focus: the browser returns it to the element that has
  // it now.
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
