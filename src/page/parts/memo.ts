import { Component, type ComponentChild, type ComponentType, h } from 'preact'

/** Renders again only where one of the properties is another. @param keys those that count; all where absent. */
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
