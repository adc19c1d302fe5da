/** Contains a fault: what cannot be drawn is replaced, and everything around it stays. */
import { Component, type ComponentChildren } from 'preact';

type ContainedProps = {
  /** What is drawn instead. */
  readonly instead: ComponentChildren;
  /** With another value, it is tried again. */
  readonly of: unknown;
  readonly children: ComponentChildren;
};

export class Contained extends Component<
  ContainedProps,
  { readonly failed: { readonly of: unknown } | null }
> {
  override state = { failed: null };

  override componentDidCatch(): void {
    this.setState({ failed: { of: this.props.of } });
  }

  override render({ instead, of, children }: ContainedProps) {
    const { failed } = this.state as { readonly failed: { readonly of: unknown } | null };
    return failed !== null && failed.of === of ? instead : children;
  }
}
