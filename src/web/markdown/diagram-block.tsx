/** A block of code in Mermaid's language: shown as a diagram, or as its code where it cannot be drawn. */
import { useState } from 'preact/hooks';
import { lazily } from '../design/lazily.tsx';
import { whyTooLarge } from '../diagram/diagram-messages.ts';
import { CodeBlock } from './code-block.tsx';

const Diagram = lazily(() => import('../diagram/diagram-view.tsx').then(({ DiagramView }) => DiagramView));

type Progress =
  | { readonly is: 'drawn'; readonly code: string }
  | { readonly is: 'failed'; readonly code: string; readonly reason: string };

export function DiagramBlock({ code }: { readonly code: string }) {
  const [progress, setProgress] = useState<Progress>();
  const [isCodeWanted, setCodeWanted] = useState(false);
  // What became of another text does not count.
  const known = progress?.code === code ? progress : undefined;
  const fault = whyTooLarge(code) ?? (known?.is === 'failed' ? known.reason : undefined);
  const isDrawn = known?.is === 'drawn';
  const isShown = isDrawn && !isCodeWanted;
  return (
    <CodeBlock
      code={code}
      language="mermaid"
      isHidden={isShown}
      tools={
        isDrawn ? (
          <button type="button" aria-pressed={isCodeWanted} onClick={() => setCodeWanted(!isCodeWanted)}>
            Code
          </button>
        ) : null
      }
    >
      {fault !== undefined ? (
        <Fault reason={fault} />
      ) : (
        <Diagram
          key={code}
          text={code}
          isShown={isShown}
          onDrawn={() => setProgress({ is: 'drawn', code })}
          onFault={(reason) => setProgress({ is: 'failed', code, reason })}
        />
      )}
    </CodeBlock>
  );
}

function Fault({ reason }: { readonly reason: string }) {
  return (
    <div class="diagram-fault">
      This diagram cannot be drawn.
      <details>
        <summary>Details</summary>
        <p>{reason}</p>
      </details>
    </div>
  );
}
