/**
 * When a run says nothing about the server: the client or the provider was the bottleneck, or texts did not arrive. And when
 * its times say nothing: others had the server's processor.
 */
import { processorUse, starvedShare } from '../process/starvation.ts';
import type { Round } from './rig.ts';

/** The greatest share of the client, or of the provider, of one processor, or of its event loop, over the measured time. */
export const clientCpuShareMax = 0.9;
/** The greatest 99th percentile of the client's event loop delay, ms, in a run whose latency is measured. */
export const clientLagMsMax = 20;
/** The same for how late the provider wrote its events. */
export const providerLateMsMax = 20;
/** The greatest share of the time in which a server may wait for its processor while others have it. */
export const starvedShareMax = 0.1;

export function whyInvalid(
  round: Pick<
    Round,
    | 'serverCpuMs'
    | 'clientCpuMs'
    | 'wallMs'
    | 'clientBusyShare'
    | 'clientLagMs'
    | 'complete'
    | 'subscribers'
    | 'provider'
  >,
  options: { readonly latencyCounts: boolean },
): readonly string[] {
  const reasons: string[] = [];
  // A client that waits for its processor uses little of it, and is late all the same.
  const share = Math.max(round.clientCpuMs / round.wallMs, round.clientBusyShare);
  // In runs as fast as possible, client or server is always busy: it must be the server.
  const serverIsBusier = !options.latencyCounts && (round.serverCpuMs ?? 0) > round.clientCpuMs;
  if (share > clientCpuShareMax && !serverIsBusier) {
    reasons.push(`the client was saturated: ${Math.round(share * 100)} % busy`);
  }
  if (options.latencyCounts && round.clientLagMs > clientLagMsMax) {
    reasons.push(`the client was late: its event loop by ${round.clientLagMs.toFixed(0)} ms (p99)`);
  }
  reasons.push(...whyProviderStarved(round, options));
  if (round.complete < round.subscribers) {
    reasons.push(`${round.subscribers - round.complete} of ${round.subscribers} texts did not come in time`);
  }
  return reasons;
}

/** A provider that cannot write fast enough, or not in time, measures itself. */
function whyProviderStarved(
  { provider, serverCpuMs }: Pick<Round, 'provider' | 'serverCpuMs'>,
  { latencyCounts }: { readonly latencyCounts: boolean },
): readonly string[] {
  if (provider === undefined) return [];
  const { busyShare, lateMs, cpuMs } = provider;
  const serverIsBusier = !latencyCounts && (serverCpuMs ?? 0) > cpuMs;
  return [
    ...(busyShare > clientCpuShareMax && !serverIsBusier
      ? [`the provider was saturated: ${Math.round(busyShare * 100)} % busy`]
      : []),
    ...(latencyCounts && lateMs > providerLateMsMax
      ? [`the provider was late: its events by ${lateMs.toFixed(0)} ms (p99)`]
      : []),
  ];
}

/** Why the times of a run with these shares must not be used; see `starvation.ts`. */
export function whyStarved(shares: readonly (number | null)[]): readonly string[] {
  const share = Math.max(0, ...shares.map((each) => each ?? 0));
  if (share <= starvedShareMax) return [];
  return [
    `the server was starved: others had its processor for ${Math.round(share * 100)} % of the time while it waited`,
  ];
}

/** Does the work, and says why its times must not be used, if the process with this id was starved meanwhile. */
export async function watched<Value>(
  pid: number,
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly starved: readonly string[] }> {
  const began = processorUse(pid);
  const value = await work();
  return { value, starved: whyStarved([starvedShare(began, processorUse(pid))]) };
}
