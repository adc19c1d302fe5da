/** The messages of a session's current branch, each followed by the work done for it, then those that wait. */
import { useMemo } from 'preact/hooks';
import type { SessionSnapshot } from '../../client/client.ts';
import type { SessionRun, TurnOffered, TurnRetrying } from '../../client/followed.ts';
import { AnswerEnding } from './answer-ending.tsx';
import { EarlierMessages } from './earlier-messages.tsx';
import type { MessageTools } from './message-bar.tsx';
import { soughtMessage } from './message-place.ts';
import { MessageTurn, type MessageTurnProps } from './message-turn.tsx';
import type { MessageVersions } from './message-versions.ts';
import { useNewest } from './newest-messages.ts';
import { ReasoningView } from './reasoning-view.tsx';
import { RetryView } from './retry-view.tsx';
import { RunView } from './run-view.tsx';
import { shownExchanges } from './shown-exchanges.ts';
import type { SpeakerOf } from './speakers.ts';
import type { CallActions } from './tool-call-view.tsx';
import { WaitingView } from './waiting-view.tsx';

type Activity = SessionSnapshot['activity'];

export type ThreadProps = {
  readonly snapshot: SessionSnapshot;
  readonly runs: readonly SessionRun[];
  /** `undefined`: nothing waits for an outside agent. */
  readonly offer: TurnOffered | undefined;
  /** `undefined`: no model call is made again. */
  readonly retry: TurnRetrying | undefined;
  readonly versions: MessageVersions;
  readonly tools: MessageTools;
  readonly speakerOf: SpeakerOf;
  readonly drafts: MessageTurnProps['drafts'];
  readonly actions: CallActions;
};

export function Thread(props: ThreadProps) {
  const { snapshot, runs, offer, retry, versions, tools, speakerOf, drafts, actions } = props;
  const { messages, reasoning, activity, info } = snapshot;
  const canAsk = activity === 'idle' && info?.closedAt === undefined;
  const said = messages.filter(({ queueRank }) => queueRank === undefined);
  const waiting = messages.filter(({ queueRank }) => queueRank !== undefined);
  const runsOf = useMemo(() => Map.groupBy(runs, ({ messageId }) => messageId), [runs]);
  const isWaiting = runs.at(-1)?.toolCalls.some(({ status }) => status === 'awaitingApproval') === true;
  const isWriting = said.at(-1)?.streaming === true && said.at(-1)?.content !== '' && !isWaiting;
  const exchanges = shownExchanges(said, runsOf);
  const { from, more, isBusy } = useNewest(said, soughtMessage.value);
  const inPage = new Set(from === 0 ? said : said.slice(from));
  const parts = exchanges.flatMap((exchange) => {
    const shown = exchange.messages.filter((message) => inPage.has(message));
    if (shown.length === 0) return [];
    return [
      ...shown.map((message) => (
        <SaidTurn
          key={message.id}
          message={message}
          runs={runsOf.get(message.id)}
          live={reasoning.get(message.id)}
          tools={tools}
          versions={versions.get(message.id)}
          speakerOf={speakerOf}
          drafts={drafts}
          actions={actions}
        />
      )),
      <AnswerEnding
        key={`end ${exchange.messages[0]?.id}`}
        exchange={exchange}
        actions={exchange === exchanges.at(-1) && canAsk ? tools.actions : undefined}
      />,
    ];
  });
  return (
    <>
      {from === 0 || isBusy ? null : <EarlierMessages from={from} onMore={more} />}
      {parts}
      {activity !== 'idle' && !isWriting ? (
        <p class="activity">
          <span class="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {isWaiting ? (
            approvalWords(actions)
          ) : retry === undefined ? (
            activityWords(activity, offer)
          ) : (
            <RetryView retry={retry} />
          )}
        </p>
      ) : null}
      {waiting.map((message) => (
        <WaitingView key={message.id} message={message} tools={tools} speakerOf={speakerOf} drafts={drafts} />
      ))}
    </>
  );
}

type SaidTurnProps = Pick<MessageTurnProps, 'message' | 'tools' | 'versions' | 'speakerOf' | 'drafts'> & {
  readonly runs: readonly SessionRun[] | undefined;
  readonly live: ReturnType<SessionSnapshot['reasoning']['get']>;
  readonly actions: CallActions;
};

/** Drawn again only when something of it is another object: the page draws the thread with each frame of an answer. */
function SaidTurn(props: SaidTurnProps) {
  const { message, runs, live, tools, versions, speakerOf, drafts, actions } = props;
  return useMemo(
    () => (
      <MessageTurn
        message={message}
        tools={tools}
        versions={versions}
        speakerOf={speakerOf}
        drafts={drafts}
        before={<ReasoningView message={message} live={live} />}
      >
        {runs?.map((run) => (
          <RunView key={run.trace.id} run={run} actions={actions} />
        ))}
      </MessageTurn>
    ),
    [message, runs, live, tools, versions, speakerOf, drafts, actions],
  );
}

function approvalWords({ decide }: CallActions): string {
  return decide === undefined ? 'Waiting for an approval…' : 'Waiting for your approval…';
}

function activityWords(activity: Exclude<Activity, 'idle'>, offer: TurnOffered | undefined): string {
  if (offer === undefined) return workWords[activity];
  return offer.agent === null ? 'Waiting for an agent…' : `Waiting for the agent ${offer.agent}…`;
}

const workWords: Readonly<Record<Exclude<Activity, 'idle'>, string>> = {
  thinking: 'Thinking…',
  tool: 'Using a tool…',
  'tool-error': 'A tool failed; going on…',
  error: 'Something went wrong…',
};
