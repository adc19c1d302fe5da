/** When a run says nothing about the server: the client was the bottleneck, or texts did not come. */
import type { Round } from './rig.ts';

/** Of one processor, over the measured time. */
export const clientCpuShareMax = 0.9;
/** 99th percentile of how late the client's event loop was, in a run whose latency counts. */
export const clientLagMsMax = 20;

export function whyInvalid(round: Round, options: { readonly latencyCounts: boolean }): readonly string[] {
  const reasons: string[] = [];
  const share = round.clientCpuMs / round.wallMs;
  if (share > clientCpuShareMax) {
    reasons.push(`the client was saturated: ${Math.round(share * 100)} % of its processor`);
  }
  if (options.latencyCounts && round.clientLagMs > clientLagMsMax) {
    reasons.push(`the client was late: its event loop by ${round.clientLagMs.toFixed(0)} ms (p99)`);
  }
  if (round.complete < round.subscribers) {
    reasons.push(`${round.subscribers - round.complete} of ${round.subscribers} texts did not come in time`);
  }
  return reasons;
}
