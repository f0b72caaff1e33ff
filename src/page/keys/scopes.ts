import type { Scope } from '../api/keys.ts'

/** The combinations of scopes to choose from. */
export const ROLES: readonly { readonly label: string; readonly scopes: readonly Scope[] }[] = [
  { label: 'Watch and upload', scopes: ['read', 'write'] },
  { label: 'Watch only', scopes: ['read'] },
  { label: 'Upload only', scopes: ['write'] },
  { label: 'Everything, for everyone’s videos (admin)', scopes: ['admin'] },
]

/** The permissions of a key, as a text to show. */
export function scopesText(scopes: readonly Scope[]): string {
  if (scopes.includes('admin')) return 'Admin'
  const role = ROLES.find(
    each => each.scopes.length === scopes.length && each.scopes.every(s => scopes.includes(s)),
  )
  return role?.label ?? scopes.join(', ')
}
