/** Whether the page's theme is a light or a dark one. */
import { useEffect, useState } from 'preact/hooks';
import type { DiagramScheme } from './diagram-messages.ts';

export function usePageScheme(): DiagramScheme {
  const [scheme, setScheme] = useState(pageScheme);
  useEffect(() => {
    const watch = new MutationObserver(() => setScheme(pageScheme()));
    watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => watch.disconnect();
  }, []);
  return scheme;
}

function pageScheme(): DiagramScheme {
  return getComputedStyle(document.documentElement).colorScheme.includes('dark') ? 'dark' : 'light';
}
