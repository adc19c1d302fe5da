/** A component that is loaded when it is first shown. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export type LazyProps<Props> = {
  readonly load: () => Promise<ComponentType<Props>>;
  readonly props: Props;
  /** Called when it cannot be loaded. */
  readonly onFailed: () => void;
};

export function Lazy<Props extends object>({ load, props, onFailed }: LazyProps<Props>) {
  const [loaded, setLoaded] = useState<{ readonly View: ComponentType<Props> }>();
  useEffect(() => {
    load().then((View) => setLoaded({ View }), onFailed);
  }, []);
  return loaded === undefined ? null : <loaded.View {...props} />;
}
