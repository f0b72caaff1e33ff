/** One action and its keys, as `KeyboardEvent.key` names them. `Mod` is Ctrl, or ⌘ on a Mac. */
export interface Shortcut {
  /** Alternatives. Keys that are pressed together are joined by `+`. */
  readonly keys: readonly string[]
  readonly does: string
}

export interface ShortcutGroup {
  readonly title: string
  /** The paths of the views that have these keys. */
  readonly views: RegExp
  readonly shortcuts: readonly Shortcut[]
}

const row = (keys: string, does: string): Shortcut => ({ keys: keys.split(' '), does })

/** All shortcuts of the page. A test presses each key in its view. */
export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: 'Everywhere',
    views: /^/,
    shortcuts: [
      row('?', 'Show these shortcuts'),
      row('Mod+V', 'Upload the files on the clipboard'),
      row('Escape', 'Close a dialog or a menu'),
    ],
  },
  {
    title: 'Library',
    views: /^\/$/,
    shortcuts: [
      row('/', 'Search'),
      row('ArrowDown', 'From the search to the videos'),
      row('ArrowLeft ArrowRight ArrowUp ArrowDown', 'Move among the videos'),
      row('Home End', 'First or last video'),
      row('Enter', 'Open the video'),
      row('X', 'Select the video'),
      row('Shift+X', 'Select all from the last selected video'),
      row('Delete', 'Move to the bin'),
      row('Escape', 'Clear the search or the selection'),
    ],
  },
  {
    title: 'Player',
    views: /^\/watch\//,
    shortcuts: [
      row('K Space', 'Play or pause'),
      row('J L', '10 seconds back or forward'),
      row('ArrowLeft ArrowRight', '5 seconds back or forward'),
      row('0 5 9', 'Jump to 0, 50 or 90 %'),
      row('< >', 'Slower or faster'),
      row('M', 'Sound on or off'),
      row('C', 'Captions on or off'),
      row('T', 'Player over the whole width'),
      row('F', 'Full screen'),
    ],
  },
  {
    title: 'Transcript',
    views: /^\/watch\//,
    shortcuts: [
      row('ArrowUp ArrowDown', 'Move among the lines'),
      row('Home End', 'First or last line'),
      row('Enter', 'Play from the line'),
      row('Enter Shift+Enter', 'In the search: next or previous match'),
    ],
  },
  {
    title: 'Editing a transcript',
    views: /^\/watch\//,
    shortcuts: [
      row('Enter', 'Finish the line and open the next one'),
      row('Escape', 'Leave the line as it was'),
      row('Mod+Z', 'Undo'),
      row('Mod+Y Mod+Shift+Z', 'Redo'),
      row('Mod+S', 'Save'),
    ],
  },
]
