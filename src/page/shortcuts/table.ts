import { mark } from '../locale/say.ts'

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
    title: mark('Everywhere'),
    views: /^/,
    shortcuts: [
      row('?', mark('Show these shortcuts')),
      row('Mod+V', mark('Upload the files on the clipboard')),
      row('Escape', mark('Close a dialog or a menu')),
    ],
  },
  {
    title: mark('Library'),
    views: /^\/$/,
    shortcuts: [
      row('/', mark('Search')),
      row('ArrowDown', mark('From the search to the videos')),
      row('ArrowLeft ArrowRight ArrowUp ArrowDown', mark('Move among the videos')),
      row('Home End', mark('First or last video')),
      row('Enter', mark('Open the video')),
      row('X', mark('Select the video')),
      row('Shift+X', mark('Select all from the last selected video')),
      row('Delete', mark('Move to the bin')),
      row('Escape', mark('Clear the search or the selection')),
    ],
  },
  {
    title: mark('Player'),
    views: /^\/watch\//,
    shortcuts: [
      row('K Space', mark('Play or pause')),
      row('J L', mark('10 seconds back or forward')),
      row('ArrowLeft ArrowRight', mark('5 seconds back or forward')),
      row('0 5 9', mark('Jump to 0, 50 or 90 %')),
      row('PageUp PageDown', mark('On the seek bar: 30 seconds forward or back')),
      row('< >', mark('Slower or faster')),
      row('M', mark('Sound on or off')),
      row('C', mark('Captions on or off')),
      row('T', mark('Player over the whole width')),
      row('F', mark('Full screen')),
      row('ArrowUp ArrowDown', mark('In full screen: louder or quieter')),
    ],
  },
  {
    title: mark('Transcript'),
    views: /^\/watch\//,
    shortcuts: [
      row('ArrowUp ArrowDown', mark('Move among the lines')),
      row('Home End', mark('First or last line')),
      row('Enter', mark('Play from the line')),
      row('Enter Shift+Enter', mark('In the search: next or previous match')),
    ],
  },
  {
    title: mark('Editing a transcript'),
    views: /^\/watch\//,
    shortcuts: [
      row('Enter', mark('Finish the line and open the next one')),
      row('Escape', mark('Leave the line as it was')),
      row('Mod+Enter', mark('Split the line at the cursor')),
      row('Backspace', mark('At the beginning of a text: join it with the line before')),
      row('Delete', mark('At the end of a text: join it with the next line')),
      row('ArrowUp ArrowDown', mark('In a time: a tenth of a second later or earlier')),
      row('Enter', mark('In “Replace with”: replace the match')),
      row('Mod+Z', mark('Undo')),
      row('Mod+Y Mod+Shift+Z', mark('Redo')),
      row('Mod+S', mark('Save')),
    ],
  },
]
