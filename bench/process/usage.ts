/**
 * Reads the resources of a process from outside, so that measuring costs it nothing: the processor time of all its
 * threads in ns (`/proc/PID/task/TID/schedstat`) and its memory. `NaN` where the system has no `/proc`.
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

/** Resident memory, and its share of it: a page that several processes have counts for each by its part. */
export function mappedBytes(pid: number): { readonly resident: number; readonly proportional: number } {
  return {
    resident: fieldBytes(`/proc/${pid}/smaps_rollup`, 'Rss'),
    proportional: fieldBytes(`/proc/${pid}/smaps_rollup`, 'Pss'),
  };
}

function statusBytes(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  return fieldBytes(`/proc/${pid}/status`, field);
}

function fieldBytes(file: string, field: string): number {
  try {
    const text = readFileSync(file, 'latin1');
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN) * 1024;
  } catch {
    return Number.NaN;
  }
}
