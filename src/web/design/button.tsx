/** Buttons. A button that shows only an icon has a `label`, which is also its tooltip. */
import type { ComponentChildren, Ref } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export type ButtonLook = 'plain' | 'primary' | 'danger' | 'quiet';

export type ButtonProps = {
  readonly look?: ButtonLook;
  readonly icon?: IconName;
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
  readonly onClick?: (event: MouseEvent) => void;
  readonly focus?: Ref<HTMLButtonElement>;
  readonly class?: string;
  /** Whether the menu that it opens is open; absent: it opens none. */
  readonly hasMenu?: boolean;
} & (
  | { readonly children: ComponentChildren; readonly label?: string }
  | { readonly children?: undefined; readonly label: string }
);

export function Button({
  look = 'plain',
  icon,
  type = 'button',
  focus,
  children,
  label,
  hasMenu,
  ...rest
}: ButtonProps) {
  const isBare = children === undefined;
  return (
    <button
      {...rest}
      ref={focus ?? null}
      type={type}
      class={`button ${look} ${isBare ? 'icon-only' : ''} ${rest.class ?? ''}`}
      aria-label={label}
      aria-haspopup={hasMenu === undefined ? undefined : 'menu'}
      aria-expanded={hasMenu}
      title={isBare ? label : undefined}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}
