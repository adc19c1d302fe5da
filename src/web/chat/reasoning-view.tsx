/** The model's reasoning before an answer. */
export function ReasoningView({ text, isGrowing }: { readonly text: string; readonly isGrowing: boolean }) {
  return (
    <details class="reasoning" open={isGrowing}>
      <summary>{isGrowing ? 'Reasoning…' : 'Reasoning'}</summary>
      <div class="plain">{text}</div>
    </details>
  );
}
