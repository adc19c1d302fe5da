/** What somebody decides about a tool call that waits for a person. It is asked of the server, and shown as it says. */
import { useState } from 'preact/hooks';
import { limits } from '../../../schema/limits.ts';
import { Button } from '../design/button.tsx';

export type CallDecision = 'approve' | 'deny';

export type CallApprovalProps = {
  readonly name: string;
  /** Resolves when it is decided, or cannot be; that is told elsewhere. */
  readonly onDecide: (decision: CallDecision, reason: string) => Promise<void>;
};

export function CallApproval({ name, onDecide }: CallApprovalProps) {
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
          maxLength={limits.decisionReasonCharactersMax}
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
