/**
 * A long list that renders only its visible rows: rows of equal height in a scrolling box. One row is active; keys
 * move it, and assistive technology is told about it while the focus stays on the box.
 */
import type { ComponentChildren, HTMLAttributes } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

export type VirtualListProps = {
  readonly label: string;
  readonly role: 'tree' | 'listbox';
  readonly count: number;
  /** In CSS pixels. */
  readonly rowHeight: number;
  /** Index of the active row; -1: none. */
  readonly active: number;
  readonly onActive: (index: number) => void;
  /** Called for keys other than those that move the active row. Returns true when it handled the key. */
  readonly onKey?: (key: string) => boolean;
  /** Keeps the list at its end while rows are added, unless the user scrolls up. */
  readonly followsEnd?: boolean;
  readonly row: (index: number) => ComponentChildren;
  /** Attributes of the row's element. */
  readonly rowAttributes?: (index: number) => HTMLAttributes<HTMLDivElement>;
  readonly empty?: ComponentChildren;
};

/** Extra rows rendered beyond the edges, so that scrolling shows no gaps. */
const overscan = 6;

export function VirtualList(props: VirtualListProps) {
  const { count, rowHeight, active, onActive, followsEnd = false } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && followsEnd && isAtEnd.current) element.scrollTop = element.scrollHeight;
  }, [count, followsEnd, height]);

  useEffect(() => {
    const element = box.current;
    if (element === null || active < 0) return;
    const from = active * rowHeight;
    if (from < element.scrollTop) element.scrollTop = from;
    else if (from + rowHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = from + rowHeight - element.clientHeight;
    }
  }, [active, rowHeight]);

  const page = Math.max(1, Math.floor(height / rowHeight) - 1);
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(count - 1, active + 1),
    ArrowUp: active < 0 ? count - 1 : Math.max(0, active - 1),
    PageDown: Math.min(count - 1, active + page),
    PageUp: Math.max(0, active - page),
    Home: 0,
    End: count - 1,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = moves[event.key];
    if (target !== undefined && count > 0) onActive(target);
    else if (props.onKey?.(event.key) !== true) return;
    event.preventDefault();
    event.stopPropagation();
  };

  const first = Math.max(0, Math.floor(top / rowHeight) - overscan);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + overscan);
  const rows = Array.from({ length: Math.max(0, last - first) }, (_, place) => {
    const index = first + place;
    const attributes: HTMLAttributes<HTMLDivElement> = {
      role: props.role === 'tree' ? 'treeitem' : 'option',
      'aria-selected': index === active,
      'aria-setsize': count,
      'aria-posinset': index + 1,
      onClick: () => onActive(index),
      ...props.rowAttributes?.(index),
    };
    return (
      <div
        key={index}
        id={`${id}-${index}`}
        class={`virtual-row ${index === active ? 'is-active' : ''}`}
        style={{ height: `${rowHeight}px` }}
        {...attributes}
      >
        {props.row(index)}
      </div>
    );
  });
  if (count === 0) return <div class="virtual-empty">{props.empty}</div>;
  const attributes: HTMLAttributes<HTMLDivElement> = {
    role: props.role,
    tabIndex: 0,
    'aria-label': props.label,
    'aria-activedescendant': active >= first && active < last ? `${id}-${active}` : undefined,
    onKeyDown,
  };
  return (
    <div
      ref={box}
      class="virtual-list"
      onScroll={(event) => {
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - rowHeight;
        setTop(scrollTop);
      }}
      {...attributes}
    >
      <div role="presentation" class="virtual-space" style={{ height: `${count * rowHeight}px` }}>
        <div
          role="presentation"
          class="virtual-window"
          style={{ transform: `translateY(${first * rowHeight}px)` }}
        >
          {rows}
        </div>
      </div>
    </div>
  );
}
