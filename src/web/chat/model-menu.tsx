/** A menu of the models that can answer again. It lies above the page, so that no box cuts it off. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export type ModelMenuProps = {
  readonly choices: readonly { readonly model: string; readonly label: string }[];
  /** The button that opened it; it gets the focus back. */
  readonly anchor: RefObject<HTMLElement | null>;
  /** `undefined`: the model that is chosen for the session. */
  readonly onChoose: (model: string | undefined) => void;
  readonly onClose: () => void;
};

/** Between the menu and its button, and between it and the edge of the window, px. */
const gapPx = 6;

export function ModelMenu({ choices, anchor, onChoose, onClose }: ModelMenuProps) {
  const menu = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const { current: shown } = menu;
    const { current: button } = anchor;
    if (shown === null || button === null) return;
    shown.showPopover();
    const [box, own] = [button.getBoundingClientRect(), shown.getBoundingClientRect()];
    const isBelow = box.bottom + own.height + gapPx < window.innerHeight;
    const top = isBelow ? box.bottom + gapPx : box.top - own.height - gapPx;
    shown.style.top = `${Math.max(gapPx, top)}px`;
    shown.style.left = `${Math.max(gapPx, Math.min(box.left, window.innerWidth - own.width - gapPx))}px`;
    items(shown)[0]?.focus();
    // A press on the button closes it, too, but the button does that itself.
    const isElsewhere = ({ target }: Event) =>
      target instanceof Node && !shown.contains(target) && !button.contains(target);
    const left = (event: Event) => {
      if (isElsewhere(event)) onClose();
    };
    document.addEventListener('pointerdown', left);
    document.addEventListener('focusin', left);
    return () => {
      document.removeEventListener('pointerdown', left);
      document.removeEventListener('focusin', left);
    };
  }, []);

  const close = () => {
    anchor.current?.focus();
    onClose();
  };
  const choose = (model: string | undefined) => {
    onChoose(model);
    close();
  };
  const move = (event: KeyboardEvent) => {
    const { current: shown } = menu;
    if (shown === null) return;
    // The page has keys of its own, Escape among them.
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') return close();
    const all = items(shown);
    const at = all.findIndex((item) => item.matches(':focus'));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  };
  return (
    <div
      ref={menu}
      class="menu"
      popover="manual"
      role="menu"
      tabIndex={-1}
      aria-label="Answer again with"
      onKeyDown={move}
    >
      <button type="button" role="menuitem" tabIndex={-1} onClick={() => choose(undefined)}>
        The session’s model
      </button>
      {choices.map(({ model, label }) => (
        <button key={model} type="button" role="menuitem" tabIndex={-1} onClick={() => choose(model)}>
          {label}
        </button>
      ))}
    </div>
  );
}

function items(menu: HTMLElement): readonly HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
}
