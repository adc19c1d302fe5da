/**
 * A text in Markdown. What reads it is loaded beside the page's first paint: until it is there, and where it fails, the
 * text is shown as it was written. A text that cannot be drawn takes no other along.
 */
import { signal } from '@preact/signals';
import { Contained } from '../design/contained.tsx';
import { PlainText } from '../design/plain-text.tsx';
import type { MarkdownView } from './markdown-view.tsx';

const view = signal<typeof MarkdownView | undefined>(undefined);
import('./markdown-view.tsx').then(
  (loaded) => {
    view.value = loaded.MarkdownView;
  },
  // Every text stays as it was written.
  () => {},
);

/** `growing` means that more text may follow. */
export function Markdown({ text, growing }: { readonly text: string; readonly growing: boolean }) {
  const plain = (
    <div class="plain">
      <PlainText text={text} />
    </div>
  );
  const { value: View } = view;
  if (View === undefined) return plain;
  return (
    <Contained of={text} instead={plain}>
      <View text={text} growing={growing} />
    </Contained>
  );
}
