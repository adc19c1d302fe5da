/**
 * Turn: one answer to one message, from its first model call to its outcome (I4, I5, I8, I11).
 *
 * Goal: whatever the model and its tools do, the turn reaches one outcome and closes everything it opened: the
 * answer's final `message.updated`, a `tool.result` for every call, a terminal trace, `agent.activity` idle. Method:
 * the outcomes are final states whose entry actions do the closing, so no path can forget it. The engine sends text
 * straight to the `answer` actor; the turn only receives its beginning and its end.
 */
import { turnChart } from './turn-actions.ts';
import { decidedIn } from './turn-calls.ts';
import { initialTurn } from './turn-context.ts';

export const turnMachine = turnChart.createMachine({
  id: 'turn',
  context: ({ input }) => initialTurn(input),
  entry: ['announceStart', 'startTrace'],
  initial: 'beginning',
  states: {
    beginning: {
      always: [
        { guard: 'isPushed', target: 'receiving', actions: 'restoreAnswer' },
        { guard: 'isResumed', target: 'runningTools', actions: 'restoreAnswer' },
        { guard: 'isOffered', target: 'offered', actions: 'reopenAnswer' },
        { guard: 'continues', target: 'modelCall', actions: 'reopenAnswer' },
        { target: 'modelCall' },
      ],
    },
    modelCall: {
      entry: ['announceThinking', 'noteCalled'],
      initial: 'calling',
      after: { turnTimeLimit: { target: 'failed', actions: 'noteOutOfTime' } },
      states: {
        calling: {
          invoke: {
            id: 'engine',
            src: 'engine',
            input: ({ context }) => ({
              sessionId: context.sessionId,
              promptId: context.promptId,
              answerId: context.answerId,
              step: context.step,
              attempt: context.attempt,
              continuesAt: context.continuesAt,
              options: context.options ?? {},
              scopes: context.scopes,
              steps: context.steps,
              results: context.earlierCalls,
            }),
          },
          exit: 'tellModelCall',
          initial: 'requesting',
          states: {
            requesting: {
              on: {
                'engine.began': { target: 'streaming', actions: ['moveTime', 'ensureAnswer'] },
                'engine.failed': [
                  {
                    guard: 'mayRetry',
                    target: '#turn.modelCall.waitingToRetry',
                    actions: ['moveTime', 'noteRetry', 'announceRetry'],
                  },
                  { target: '#turn.failed', actions: ['moveTime', 'noteReason'] },
                ],
              },
            },
            streaming: {
              on: { 'engine.failed': { target: '#turn.failed', actions: ['moveTime', 'noteReason'] } },
            },
          },
        },
        waitingToRetry: {
          after: { retryDelay: 'calling' },
        },
      },
      on: {
        'engine.starting': { actions: ['moveTime', 'noteAttempt', 'announceStep'] },
        'answer.opened': { actions: ['moveTime', 'noteAnswerOpened', 'tellMessageAdded'] },
        'answer.spoke': { actions: ['moveTime', 'noteAnswerSpoke'] },
        'engine.toolCall': [
          { guard: 'isRepeatedCall', actions: 'moveTime' },
          { guard: 'asksTooMuch', target: 'failed', actions: ['moveTime', 'noteTooManyCalls'] },
          { actions: ['moveTime', 'noteCall'] },
        ],
        'engine.finished': [
          {
            guard: 'asksForTools',
            target: 'runningTools',
            actions: ['moveTime', 'refuseUnfinishedCall', 'endStep'],
          },
          { guard: 'hasAnswer', target: 'completed', actions: ['moveTime', 'dropCalls', 'endStep'] },
          { target: 'failed', actions: ['moveTime', 'dropCalls', 'endStep', 'noteEmptyAnswer'] },
        ],
      },
    },
    runningTools: {
      entry: ['noteCallParts', 'announceTool', 'startCalls'],
      on: {
        'xstate.done.actor.toolCall.*': [
          {
            guard: 'endsLastCall',
            target: 'decidingNextStep',
            actions: ['noteResult', 'announceToolError', 'noteToolTime'],
          },
          { actions: ['noteResult', 'announceToolError'] },
        ],
        'turn.interrupt': [
          // A turn that waits for a person outlives the process: the rows keep it, and the next start resumes it
          // (I11).
          { guard: 'awaitsDecision', actions: ['moveTime', 'interruptRunningCalls'] },
          { target: 'interrupted', actions: ['moveTime', 'noteReason'] },
        ],
      },
    },
    offered: {
      entry: ['announceThinking', 'offer'],
      exit: 'withdraw',
      after: { claimTimeLimit: { target: 'failed', actions: 'noteUnclaimed' } },
      on: {
        'turn.claim': [
          { guard: 'mayClaim', target: 'receiving', actions: ['moveTime', 'claim'] },
          { actions: 'refuseClaim' },
        ],
        // The next process offers it again (I11).
        'turn.interrupt': { actions: 'moveTime' },
      },
    },
    receiving: {
      entry: ['noteCallParts', 'resumePushedCalls', 'announceReceiving'],
      invoke: {
        id: 'source',
        src: 'source',
        input: ({ context, self }) => ({
          sessionId: context.sessionId,
          turnId: context.turnId,
          leaseMs: context.pushed?.leaseMs ?? 0,
          received: context.resumed?.received ?? 0,
          turn: self,
        }),
      },
      on: {
        'source.began': { actions: ['moveTime', 'ensureAnswer'] },
        'answer.opened': { actions: ['moveTime', 'noteAnswerOpened', 'tellMessageAdded'] },
        'answer.spoke': { actions: ['moveTime', 'noteAnswerSpoke'] },
        'source.step': {
          actions: ['moveTime', 'endStep', 'nextStep', 'noteCallParts', 'announceThinking', 'announceStep'],
        },
        // What was said before a call is stored with it.
        'source.toolCall': {
          actions: ['moveTime', 'noteCall', 'beginPushedCall', 'noteCallParts'],
        },
        'source.toolResult': { actions: ['moveTime', 'passResult'] },
        'source.received': { actions: ['moveTime', 'announceReceived'] },
        'source.finished': [
          { guard: 'hasAnswer', target: 'completed', actions: ['moveTime', 'failOpenCalls', 'endStep'] },
          { target: 'failed', actions: ['moveTime', 'failOpenCalls', 'endStep', 'noteEmptyAnswer'] },
        ],
        'source.failed': { target: 'failed', actions: ['moveTime', 'noteReason'] },
        // What was received is stored with the end, and only the source knows how much that is.
        'turn.cancel': { actions: ['moveTime', 'tellSource'] },
        'source.stopped': { target: 'cancelled', actions: ['moveTime', 'noteReason'] },
        'source.expired': { target: 'interrupted', actions: ['moveTime', 'noteReason'] },
        'xstate.done.actor.toolCall.*': { actions: ['noteResult', 'announceToolError'] },
        // It outlives the process: the rows keep it, and the next start resumes it (I11).
        'turn.interrupt': { actions: 'moveTime' },
      },
    },
    decidingNextStep: {
      always: [
        { guard: 'yields', target: 'completed' },
        { guard: 'isLastStep', target: 'failed', actions: 'noteTooManySteps' },
        { guard: 'isOutOfTokens', target: 'failed', actions: 'noteTooManyTokens' },
        { guard: 'isOutOfTime', target: 'failed', actions: 'noteOutOfTime' },
        { target: 'modelCall', actions: 'nextStep' },
      ],
    },
    completed: {
      type: 'final',
      entry: ['announceIdle', 'completeAnswer', 'tellCompleted', 'completeTrace', 'endAsCompleted'],
    },
    failed: {
      type: 'final',
      entry: [
        'cancelCalls',
        'tellFailed',
        'failTrace',
        'failAnswer',
        'announceError',
        'announceIdle',
        'endAsFailed',
      ],
    },
    cancelled: {
      type: 'final',
      entry: ['cancelCalls', 'cancelAnswer', 'tellCancelled', 'failTrace', 'announceIdle', 'endAsCancelled'],
    },
    interrupted: {
      type: 'final',
      entry: [
        'cancelCalls',
        'interruptAnswer',
        'tellInterrupted',
        'failTrace',
        'announceIdle',
        'endAsInterrupted',
      ],
    },
  },
  on: {
    'tool.approve': { actions: ['moveTime', 'decideCall'] },
    'tool.deny': { actions: ['moveTime', 'decideCall'] },
    'turn.claim': { actions: 'refuseClaim' },
    'turn.yield': { actions: ['moveTime', 'noteYield'] },
    'turn.cancel': { target: '.cancelled', actions: ['moveTime', 'noteReason'] },
    'turn.interrupt': { target: '.interrupted', actions: ['moveTime', 'noteReason'] },
    'xstate.error.actor.*': { target: '.failed', actions: 'noteReason' },
  },
  output: ({ context }) => ({
    turnId: context.turnId,
    outcome: context.outcome,
    at: context.now,
    decided: decidedIn(context),
  }),
});
