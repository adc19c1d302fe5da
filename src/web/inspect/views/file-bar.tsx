/** The bar at the top of a recording in a file: what the file is, and what is wrong with it. */
import { useEffect } from 'preact/hooks';
import { Badge } from '../../design/badge.tsx';
import type { RecordingFile } from '../inspect-source.ts';

export function FileBar({ file: { head, remarks } }: { readonly file: RecordingFile }) {
  const title = head.title ?? `Session ${head.sessionId.slice(0, 8)}`;
  useEffect(() => {
    document.title = `${title} · Callboard recording`;
  }, [title]);
  return (
    <>
      <h1>
        Callboard <span>Recording</span>
      </h1>
      <p class="file-title" dir="auto" title={head.sessionId}>
        {title}
      </p>
      <p class="file-facts">
        saved {new Date(head.savedAt).toLocaleString()} from Callboard {head.server}; holds the whole
        conversation in plain text
      </p>
      {remarks.value.length === 0 ? null : (
        <div role="alert" class="file-remarks">
          {remarks.value.map((remark) => (
            <Badge key={remark} tone="warn">
              {remark}
            </Badge>
          ))}
        </div>
      )}
    </>
  );
}
