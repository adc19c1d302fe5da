/**
 * Reads the resources of a process from outside, so that measuring costs it nothing: the processor time of all its
 * threads in ns (`/proc/PID/task/TID/schedstat`) and its greatest resident memory. `NaN` where the system has no
 * `/proc`.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of processor time of all living threads. */
export function cpuMs(pid: number): number {
  const threads = `/proc/${pid}/task`;
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(threads)) {
      nanoseconds += Number(readFileSync(`${threads}/${thread}/schedstat`, 'latin1').split(' ')[0]);
    }
  } catch {
    return Number.NaN;
  }
  return nanoseconds / 1e6;
}

export function peakBytes(pid: number): number {
  return statusBytes(pid, 'VmHWM');
}

export function residentBytes(pid: number): number {
  return statusBytes(pid, 'VmRSS');
}

function statusBytes(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN) * 1024;
  } catch {
    return Number.NaN;
  }
}
