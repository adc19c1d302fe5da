/** A component whose code is loaded when it is first shown. */
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';

type LazyProps = {
  /** Called when the code cannot be loaded. */
  readonly onFailed?: () => void;
};

/** Shows nothing until the code is there, nor when it cannot be loaded; the next time it is shown, that is tried again. */
export function lazily<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props & LazyProps> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props & LazyProps & JSX.IntrinsicAttributes) {
    const [, redraw] = useState(0);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (component) => {
          loaded = component;
          redraw((count) => count + 1);
        },
        () => props.onFailed?.(),
      );
    }, []);
    const Shown = loaded;
    return Shown === undefined ? null : <Shown {...props} />;
  };
}
