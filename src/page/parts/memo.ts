import { Component, type ComponentChild, type ComponentType, h } from 'preact'

/** Renders again only if a property has changed. @param keys the properties to compare; all by default */
export function memo<P extends object>(
  view: (props: P) => ComponentChild,
  keys?: readonly (keyof P)[],
): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      return (keys ?? (Object.keys(next) as (keyof P)[])).some(key => next[key] !== this.props[key])
    }
    override render(): ComponentChild {
      return h(view, this.props as P & { children?: never })
    }
  }
}
