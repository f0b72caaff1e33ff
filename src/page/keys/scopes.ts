import type { Scope } from '../api/keys.ts'
import { mark, say } from '../locale/say.ts'

/** The combinations of scopes to choose from. */
export const ROLES: readonly { readonly label: string; readonly scopes: readonly Scope[] }[] = [
  { label: mark('Watch and upload'), scopes: ['read', 'write'] },
  { label: mark('Watch only'), scopes: ['read'] },
  { label: mark('Upload only'), scopes: ['write'] },
  { label: mark('Everything, for everyone’s videos (admin)'), scopes: ['admin'] },
]

/** The permissions of a key, as a text to show. */
export function scopesText(scopes: readonly Scope[]): string {
  if (scopes.includes('admin')) return say('Admin')
  const role = ROLES.find(
    each => each.scopes.length === scopes.length && each.scopes.every(s => scopes.includes(s)),
  )
  return role ? say(role.label) : scopes.join(', ')
}
