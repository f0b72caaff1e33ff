import { getPriority, setPriority } from 'node:os'

/** Lowers the priority of this process. One that is lower already stays, because only root may raise it. @param niceness 1 to 19. */
export function lowerPriority(niceness: number): void {
  if (getPriority() < niceness) setPriority(niceness)
}
