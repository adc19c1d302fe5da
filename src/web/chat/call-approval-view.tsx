/** Asks the user whether a waiting tool call may run. The state shown afterwards is what the server reports. */
import { useState } from 'preact/hooks';
import { conversationLimits } from '../../../schema/conversation-limits.ts';
import { Button } from '../design/button.tsx';

export type CallDecision = 'approve' | 'deny';

export type CallApprovalViewProps = {
  readonly name: string;
  /** Resolves when the decision was made or failed; a failure is shown elsewhere. */
  readonly onDecide: (decision: CallDecision, reason: string) => Promise<void>;
};

export function CallApprovalView({ name, onDecide }: CallApprovalViewProps) {
  const [reason, setReason] = useState('');
  const [isBusy, setBusy] = useState(false);
  const decide = async (decision: CallDecision) => {
    setBusy(true);
    await onDecide(decision, reason.trim());
    setBusy(false);
  };
  return (
    <fieldset class="approval" disabled={isBusy}>
      <legend>May {name} run?</legend>
      <label class="field">
        Reason (optional; the model is told it when you deny)
        <input
          value={reason}
          maxLength={conversationLimits.decisionReasonCharactersMax}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <div class="actions">
        <Button look="danger" onClick={() => void decide('deny')}>
          Deny
        </Button>
        <Button look="primary" onClick={() => void decide('approve')}>
          Approve
        </Button>
      </div>
    </fieldset>
  );
}
