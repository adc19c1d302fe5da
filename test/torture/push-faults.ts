/** Finds faults in what outside agents pushed: each piece, call and end is there, once, and nothing else ([PSH5], [PSH8]). */
import type { JournalEntry, ReadModel } from '../../actors/ports.ts';
import { type MessageId, sessionIdSchema } from '../../schema/ids.ts';

/** What an agent said in one turn that it has finished. */
export type SaidAnswer = {
  readonly sessionId: string;
  readonly turnId: string;
  readonly answerId: MessageId;
  /** Each is unlike all others. */
  readonly pieces: readonly string[];
  readonly calls: readonly { readonly callId: string; readonly result: string }[];
  /** How it was told that its turn had ended. */
  readonly told: string;
};

export type PushFaults = { readonly lost: readonly string[]; readonly duplicated: readonly string[] };

export async function pushFaults(
  readModel: Pick<ReadModel, 'message'>,
  log: readonly JournalEntry[],
  answers: readonly SaidAnswer[],
): Promise<PushFaults> {
  const lost: string[] = [];
  const duplicated: string[] = [];
  for (const said of answers) {
    const about = (fault: string) => `turn ${said.turnId} of an agent: ${fault}`;
    const once = (what: string, times: number) => {
      if (times === 0) lost.push(about(`${what} is gone`));
      if (times > 1) duplicated.push(about(`${what} is there ${times} times`));
    };
    const content =
      (await readModel.message(sessionIdSchema.parse(said.sessionId), said.answerId))?.content ?? '';
    for (const piece of said.pieces) once(`"${piece}"`, content.split(piece).length - 1);
    if (content !== said.pieces.join('')) lost.push(about(`it says "${content}"`));
    const own = log.filter(({ sessionId }) => sessionId === said.sessionId);
    for (const { callId, result } of said.calls) {
      const results = own.flatMap((entry) =>
        entry.type === 'tool.result' && entry.record.modelCallId === callId ? [entry.record.result] : [],
      );
      once(`the result of ${callId}`, results.length);
      if (results.some((one) => one !== result)) lost.push(about(`${callId} has another result`));
    }
    const called = own.filter(({ type, data }) => type === 'tool.call' && data.progress === undefined);
    if (called.length > said.calls.length) duplicated.push(about(`${called.length} calls`));
    const ends = own.flatMap((entry) => (entry.type === 'turn.ended' ? [entry.data] : []));
    once('the end', ends.filter(({ turnId }) => turnId === said.turnId).length);
    if (ends.some(({ turnId }) => turnId !== said.turnId)) duplicated.push(about('another turn ended'));
    if (ends.some(({ outcome }) => outcome !== 'completed') || said.told !== 'completed') {
      lost.push(about(`it was told ${said.told}, and ended as ${ends.map(({ outcome }) => outcome)}`));
    }
  }
  return { lost, duplicated };
}
