/** A tool call: its state as it is now, and what went in and came out. */
import type { ShownToolCall } from '../../client/client.ts';
import { Badge, type BadgeTone } from '../design/badge.tsx';
import { Button, type ButtonLook } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { durationWords } from './duration-words.ts';
import { prettyPreview } from './pretty-preview.ts';

/** What somebody may decide about a call. */
export type ToolCallAction = {
  readonly label: string;
  readonly look?: ButtonLook;
  readonly onClick: () => void;
};

export type ToolCallViewProps = {
  readonly call: ShownToolCall;
  /** While there are any, the call is shown open: somebody is waited for. */
  readonly actions?: readonly ToolCallAction[];
};

export function ToolCallView({ call, actions = [] }: ToolCallViewProps) {
  const { name, status, result } = call;
  const { tone, words } = statusShown(status);
  const isRunning = status === 'running';
  const took = Date.parse(call.timestamp) - Date.parse(call.startedAt);
  return (
    <details class="tool-call" data-status={status} open={actions.length > 0}>
      <summary>
        <Icon name="tool" />
        <span class="name">{name}</span>
        <Badge tone={tone} busy={isRunning}>
          {words}
        </Badge>
        {isRunning ? null : <span class="duration">{durationWords(took)}</span>}
        {/* Closed, it still tells what came out. */}
        <span class="glimpse">{result ?? call.arguments ?? ''}</span>
      </summary>
      <dl>
        <dt>Arguments</dt>
        <dd>
          <pre>{prettyPreview(call.arguments) ?? 'none'}</pre>
        </dd>
        <dt>Result</dt>
        <dd>
          <pre>{prettyPreview(result) ?? (isRunning ? 'not yet' : 'none')}</pre>
        </dd>
      </dl>
      {actions.length === 0 ? null : (
        <div class="actions">
          {actions.map(({ label, look = 'plain', onClick }) => (
            <Button key={label} look={look} onClick={onClick}>
              {label}
            </Button>
          ))}
        </div>
      )}
    </details>
  );
}

function statusShown(status: string): { readonly tone: BadgeTone; readonly words: string } {
  switch (status) {
    case 'running':
      return { tone: 'warn', words: 'Running' };
    case 'completed':
      return { tone: 'good', words: 'Done' };
    case 'failed':
      return { tone: 'bad', words: 'Failed' };
    default:
      return { tone: 'warn', words: status };
  }
}
