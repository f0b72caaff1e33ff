import type { Outcome, Watcher } from '../../src/importing/import-all.ts'
import type { Import } from '../../src/importing/item.ts'
import { bytesText, openTerminal, percentText, printable } from '../command-line/terminal.ts'

const LABELS = { problem: 'Problem: ', skipped: 'Skipped: ', note: 'Note: ' } as const

/** The command's output: progress on stderr, results on stdout. */
export interface Report extends Watcher {
  begin(source: Import): void
  /** @returns the exit code. */
  end(outcome: Outcome): number
  interrupted(): void
}

export function openReport({ dryRun, json }: { dryRun: boolean; json: boolean }): Report {
  const terminal = openTerminal(process.stderr)
  let count = 0
  const print = (text: string, object: object) =>
    process.stdout.write(`${json ? JSON.stringify(object) : printable(text)}\n`)
  return {
    begin(source) {
      count = source.count
      for (const finding of source.findings) print(`Found: ${finding}`, { found: finding })
    },
    onProgress({ done, totals, copying }) {
      const now = copying ? `, ${copying.name}: ${bytesText(copying.bytes)}` : ''
      terminal.status(
        `${done} of ${count} (${percentText(done, count)}), ${totals.imported} imported, ${bytesText(totals.bytes)}${now}`,
      )
    },
    end({ totals, remarks }) {
      if (process.stderr.isTTY) terminal.status('')
      for (const { kind, text } of remarks) print(`${LABELS[kind]}${text}`, { [kind]: text })
      const problems = remarks.filter(({ kind }) => kind === 'problem').length
      const { imported, known, skipped, bytes } = totals
      print(
        `${imported} ${dryRun ? 'can be' : 'were'} imported (${bytesText(bytes)}), ${known} were imported before, ${skipped} were skipped, ${problems} ${problems === 1 ? 'problem' : 'problems'}.`,
        { end: { imported, known, skipped, problems, bytes } },
      )
      return problems > 0 ? 1 : 0
    },
    interrupted() {
      terminal.line('Interrupted. Run the same command again to resume.')
    },
  }
}
