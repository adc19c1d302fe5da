/** A tool call: its present state, its arguments and result, and the question whether it may run. */
import { useState } from 'preact/hooks';
import type { ToolCall } from '../../client/administration.ts';
import type { ShownToolCall } from '../../client/followed.ts';
import { Badge, type BadgeTone } from '../design/badge.tsx';
import { Button } from '../design/button.tsx';
import { Icon } from '../design/icon.tsx';
import { CallApprovalView, type CallDecision } from './call-approval-view.tsx';
import { durationWords } from './duration-words.ts';
import { prettyPreview } from './pretty-preview.ts';

/** The actions on a session's tool calls. */
export type CallActions = {
  /** `undefined`: the user may not. */
  readonly decide: ((callId: string, decision: CallDecision, reason: string) => Promise<void>) | undefined;
  /** Reads the call with its whole arguments and result; `undefined`: it cannot be read now. */
  readonly readWhole: (callId: string) => Promise<ToolCall | undefined>;
};

export function ToolCallView(props: { readonly call: ShownToolCall; readonly actions: CallActions }) {
  const { call, actions } = props;
  const { name, status } = call;
  const { decide } = actions;
  const [whole, setWhole] = useState<ToolCall>();
  const { tone, words } = statusShown(status);
  const isWaiting = status === 'awaitingApproval';
  const isRunning = status === 'running';
  const given = whole?.arguments ?? call.arguments;
  // A call that was read while it ran had no result yet.
  const result = whole?.result ?? call.result;
  const took = Date.parse(call.timestamp) - Date.parse(call.startedAt);
  const isCut = (part: 'arguments' | 'result') => whole === undefined && call.cut?.includes(part) === true;
  const readWhole = async () => setWhole(await actions.readWhole(call.id));
  return (
    // Open, because the user must see the arguments to decide.
    <details class="tool-call" data-status={status} open={isWaiting}>
      <summary>
        <Icon name="tool" />
        <span class="name">{name}</span>
        <Badge tone={tone} busy={isRunning}>
          {words}
        </Badge>
        {isRunning || isWaiting ? null : <span class="duration">{durationWords(took)}</span>}
        {isRunning && call.progress !== undefined ? <Progress progress={call.progress} /> : null}
        {/* Closed, it still tells what came out. */}
        <span class="glimpse">{result ?? given ?? ''}</span>
      </summary>
      <dl>
        <dt>Arguments</dt>
        <dd>
          <pre>{prettyPreview(given) ?? 'none'}</pre>
          {isCut('arguments') ? <Button onClick={() => void readWhole()}>Show whole arguments</Button> : null}
        </dd>
        <dt>Result</dt>
        <dd>
          <pre>{prettyPreview(result) ?? (isRunning || isWaiting ? 'not yet' : 'none')}</pre>
          {isCut('result') ? <Button onClick={() => void readWhole()}>Show whole result</Button> : null}
        </dd>
        {call.approval === undefined ? null : (
          <>
            <dt>Decision</dt>
            <dd>
              {call.approval.decision === 'approved' ? 'Approved' : 'Denied'}
              {call.approval.reason === undefined ? '' : `: ${call.approval.reason}`}
            </dd>
          </>
        )}
      </dl>
      {isWaiting && decide !== undefined ? (
        <CallApprovalView name={name} onDecide={(decision, reason) => decide(call.id, decision, reason)} />
      ) : null}
    </details>
  );
}

function Progress({ progress }: { readonly progress: NonNullable<ShownToolCall['progress']> }) {
  const { message, done, total } = progress;
  const words = message ?? (total === undefined ? `${done ?? ''}` : `${done ?? 0} of ${total}`);
  return (
    <span class="progress">
      {done !== undefined && total !== undefined && total > 0 ? (
        <progress value={done} max={total} aria-label="Progress" />
      ) : null}
      {words}
    </span>
  );
}

function statusShown(status: ShownToolCall['status']): { readonly tone: BadgeTone; readonly words: string } {
  switch (status) {
    case 'awaitingApproval':
      return { tone: 'warn', words: 'Needs approval' };
    case 'running':
      return { tone: 'warn', words: 'Running' };
    case 'completed':
      return { tone: 'good', words: 'Done' };
    case 'failed':
      return { tone: 'bad', words: 'Failed' };
  }
}
