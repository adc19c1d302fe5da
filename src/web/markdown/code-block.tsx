/** A block of code, with its language and a copy button. */
import { useRef, useState } from 'preact/hooks';
import { Icon } from '../design/icon.tsx';

/** How long the button says that it has copied, ms. */
const saidMs = 1500;

export function CodeBlock({
  code,
  language,
}: {
  readonly code: string;
  readonly language?: string | undefined;
}) {
  const [isCopied, setCopied] = useState(false);
  const timer = useRef<number>(undefined);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setCopied(false), saidMs);
  };
  const name = language === undefined || language === '' ? 'code' : language;
  return (
    <figure class="code-block">
      <figcaption>
        <span>{name}</span>
        {/* Browsers have no clipboard for pages that came over a plain network. */}
        {navigator.clipboard === undefined ? null : (
          <button type="button" onClick={() => void copy()}>
            <Icon name={isCopied ? 'check' : 'copy'} /> {isCopied ? 'Copied' : 'Copy'}
          </button>
        )}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable with the keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
    </figure>
  );
}
