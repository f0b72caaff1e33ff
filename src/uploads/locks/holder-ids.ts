/**
 * The ids of processes in the column `lock_holder`. Each process has two UUIDs, which differ in the last digit: one for uploads that only this
 * process writes to, and one for uploads that it took over from a process that may still write to the same file.
 */
export function processOf(holder: string): string {
  return `${holder.slice(0, -1)}0`
}

/** @param holder either id of a process. @returns its id for uploads whose files another process may still write to. */
export function unsettledOf(holder: string): string {
  return `${holder.slice(0, -1)}1`
}
