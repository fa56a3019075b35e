import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds of processor time that a process, all its threads and its children have used since it started. */
export function cpuMs(pid: number): number {
  return familyOf(pid).reduce((total, each) => total + ownCpuMs(each), 0);
}

/** The most memory that a process and its children have held at once since their start or the last reset, in megabytes. */
export function peakMemoryMb(pid: number): number {
  return memoryMb(pid, 'VmHWM');
}

/** Begins the peak of a process anew. Source: proc_pid_clear_refs(5). */
export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** The memory that a process and its children hold, in megabytes. */
export function residentMemoryMb(pid: number): number {
  return memoryMb(pid, 'VmRSS');
}

function memoryMb(pid: number, field: string): number {
  return familyOf(pid).reduce((total, each) => {
    const line = new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(readFileSync(`/proc/${each}/status`, 'utf8'));
    return total + Number(line?.[1] ?? 0) / 1024;
  }, 0);
}

/**
 * Watches what the machine does besides this process and its children, from now on. Measurements on a machine that
 * others use say little.
 *
 * @returns a function that tells the share of all processors that others had until now, from 0 to 1
 */
export function watchOthers(): () => number {
  const before = { all: machineCpuMs(), own: cpuMs(process.pid), at: performance.now() };
  return () => {
    const others = machineCpuMs() - before.all - (cpuMs(process.pid) - before.own);
    return Math.max(0, others / (performance.now() - before.at) / availableParallelism());
  };
}

/** Time of all processes, and what the machine's host has taken away. Source: proc_stat(5). */
function machineCpuMs(): number {
  const [user = 0, nice = 0, system = 0, , , , , stolen = 0] = (
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? ''
  )
    .split(' ')
    .map(Number);
  return ((user + nice + system + stolen) * 1000) / ticksPerSecond;
}

/** The times of all threads together, and of children that have ended. Source: proc_pid_stat(5). */
function ownCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may have spaces; utime is the 12th field after it, then come stime, cutime and cstime.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((total, field) => total + Number(field), 0);
  return (ticks * 1000) / ticksPerSecond;
}

function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}
