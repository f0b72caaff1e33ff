import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.tsx'

/** Replaces missing content: explains why it is missing and what the user can do. */
export function Notice({
  icon,
  title,
  children,
  alert = false,
}: {
  icon: IconName
  title: string
  children?: ComponentChildren
  alert?: boolean
}) {
  return (
    <div class="notice" role={alert ? 'alert' : undefined}>
      <Icon name={icon} />
      <h2>{title}</h2>
      {children}
    </div>
  )
}
