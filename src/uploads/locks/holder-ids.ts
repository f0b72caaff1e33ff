/**
 * The ids of processes in the column `lock_holder`. Each process has two UUIDs, which differ in their last digit: one for an upload to which
 * it alone writes, and one for an upload that it took over from a process that may still write to the same file.
 */
export function processOf(holder: string): string {
  return `${holder.slice(0, -1)}0`
}

/** @param holder either id of a process. @returns the one for uploads whose files another process may write to. */
export function unsettledOf(holder: string): string {
  return `${holder.slice(0, -1)}1`
}
