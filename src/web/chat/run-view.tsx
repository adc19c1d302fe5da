/** The work done for a message: its tool calls, and the trace of the run. */
import { useEffect, useState } from 'preact/hooks';
import { runEndReasons } from '../../../schema/run-end-reasons.ts';
import type { SessionRun } from '../../client/followed.ts';
import { Icon } from '../design/icon.tsx';
import { durationWords } from './duration-words.ts';
import { type CallActions, ToolCallView } from './tool-call-view.tsx';

export function RunView({ run, actions }: { readonly run: SessionRun; readonly actions: CallActions }) {
  const { trace, toolCalls } = run;
  const model = trace.metadata?.['model'];
  const wasCancelled = trace.status === 'failed' && trace.metadata?.['error'] === runEndReasons.cancelled;
  return (
    <div class="run" data-status={trace.status}>
      {toolCalls.map((call) => (
        <ToolCallView key={call.id} call={call} actions={actions} />
      ))}
      <details class="trace">
        <summary>
          <Icon name="trace" />
          <span class="name">Details</span>
          {trace.durationMs === undefined ? (
            <RunningFor since={trace.createdAt} isRunning={trace.status === 'running'} />
          ) : (
            <span class="duration">{durationWords(trace.durationMs)}</span>
          )}
          {typeof model === 'string' ? <span class="model">{model}</span> : null}
        </summary>
        <p class="run-name">
          {trace.name}{' '}
          <span class={`status ${wasCancelled ? 'cancelled' : trace.status}`}>
            {wasCancelled ? 'cancelled' : trace.status}
          </span>
        </p>
        <pre>{JSON.stringify({ id: trace.id, ...trace.metadata }, null, 2)}</pre>
      </details>
    </div>
  );
}

/** Seconds since the run began, while it runs. */
function RunningFor({ since, isRunning }: { readonly since: string; readonly isRunning: boolean }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  const seconds = Math.floor((now - Date.parse(since)) / 1000);
  return isRunning && seconds > 0 ? <span class="duration">{seconds} s</span> : null;
}
