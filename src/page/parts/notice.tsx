import type { ComponentChildren } from 'preact'
import { Icon, type IconName } from './icons.tsx'

/** Takes the place of missing content: says why it is missing, and what to do about it. */
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
