/**
 * Turn: one answer to one message, from its first model call to its outcome (I4, I5, I8, I11).
 *
 * Goal: whatever the model and its tools do, the turn reaches one outcome and closes everything it opened: the
 * answer's final `message.updated`, a `tool.result` for every call, a terminal trace, `agent.activity` idle.
 * Method: the outcomes are final states whose entry actions do the closing, so no path can forget it. Text goes
 * from the engine straight to the `answer` actor; the turn hears of its beginning and end only.
 */
import { turnChart } from './turn-actions.ts';
import { initialTurn } from './turn-context.ts';

export const turnMachine = turnChart.createMachine({
  id: 'turn',
  context: ({ input }) => initialTurn(input),
  entry: ['announceStart', 'startTrace'],
  initial: 'modelCall',
  states: {
    modelCall: {
      entry: 'announceThinking',
      invoke: {
        id: 'engine',
        src: 'engine',
        input: ({ context }) => ({
          sessionId: context.sessionId,
          promptId: context.promptId,
          step: context.step,
          results: context.earlierCalls,
        }),
      },
      initial: 'requesting',
      states: {
        requesting: {
          on: { 'engine.began': { target: 'streaming', actions: ['moveTime', 'ensureAnswer'] } },
        },
        streaming: {},
      },
      on: {
        'engine.starting': { actions: ['moveTime', 'announceStep'] },
        'answer.opened': { actions: ['moveTime', 'noteAnswerOpened', 'tellMessageAdded'] },
        'engine.toolCall': [
          { guard: 'asksTooMuch', target: 'failed', actions: ['moveTime', 'noteTooManyCalls'] },
          { actions: ['moveTime', 'noteCall'] },
        ],
        'engine.finished': [
          { guard: 'asksForTools', target: 'runningTools', actions: 'moveTime' },
          { guard: 'hasAnswer', target: 'completed', actions: 'moveTime' },
          { target: 'failed', actions: ['moveTime', 'noteEmptyAnswer'] },
        ],
        'engine.failed': { target: 'failed', actions: ['moveTime', 'noteReason'] },
      },
    },
    runningTools: {
      entry: ['announceTool', 'startCalls'],
      on: {
        'xstate.done.actor.toolCall.*': [
          {
            guard: 'endsLastCall',
            target: 'decidingNextStep',
            actions: ['noteResult', 'announceToolError'],
          },
          { actions: ['noteResult', 'announceToolError'] },
        ],
      },
    },
    decidingNextStep: {
      always: [
        { guard: 'isLastStep', target: 'failed', actions: 'noteTooManySteps' },
        { target: 'modelCall', actions: 'nextStep' },
      ],
    },
    completed: {
      type: 'final',
      entry: ['announceIdle', 'endAnswer', 'completeTrace', 'endAsCompleted'],
    },
    failed: {
      type: 'final',
      entry: [
        'cancelCalls',
        'failTrace',
        'endAnswer',
        'sayFailure',
        'announceError',
        'announceIdle',
        'endAsFailed',
      ],
    },
    cancelled: {
      type: 'final',
      entry: ['cancelCalls', 'endAnswer', 'failTrace', 'announceIdle', 'endAsCancelled'],
    },
    interrupted: {
      type: 'final',
      entry: ['cancelCalls', 'endAnswer', 'failTrace', 'announceIdle', 'endAsInterrupted'],
    },
  },
  on: {
    'turn.cancel': { target: '.cancelled', actions: ['moveTime', 'noteReason'] },
    'turn.interrupt': { target: '.interrupted', actions: ['moveTime', 'noteReason'] },
    'xstate.error.actor.*': { target: '.failed', actions: 'noteReason' },
  },
  output: ({ context }) => ({ turnId: context.turnId, outcome: context.outcome, at: context.now }),
});
