import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.tsx'

/** What stands where there is nothing to show: why, and what to do about it. */
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
