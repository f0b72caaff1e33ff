import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** An entry of the report of `npm audit --json` (npm documentation, npm-audit, audit report version 2). */
interface Vulnerability {
  readonly name: string
  readonly severity: string
  /** False if no release fixes the fault. */
  readonly fixAvailable: boolean | { readonly name: string; readonly version: string }
  /** Advisories about the package itself, or names of vulnerable packages on which it depends. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[]
}

interface Report {
  readonly vulnerabilities?: Record<string, Vulnerability>
  readonly message?: string
}

/** Lines to print, and whether an update would fix a fault. A fault without a fix must not stop the work. */
export function judge(report: Report): { readonly lines: string[]; readonly failed: boolean } {
  if (!report.vulnerabilities) {
    return { lines: [`Not audited: ${report.message ?? 'npm returned no report'}.`], failed: false }
  }
  const found = Object.values(report.vulnerabilities)
  const lines = found.map(({ name, severity, fixAvailable, via }) => {
    const fix =
      typeof fixAvailable === 'object'
        ? `fixed by ${fixAvailable.name} ${fixAvailable.version}`
        : 'a fix is available'
    const causes = via.map(cause => (typeof cause === 'string' ? cause : `${cause.title} (${cause.url})`))
    return `${name}: ${severity}, ${fixAvailable ? fix : 'no fix yet'}: ${causes.join(', ')}`
  })
  if (found.length === 0) lines.push('No known vulnerabilities.')
  return { lines, failed: found.some(({ fixAvailable }) => fixAvailable) }
}

/** Audits the packages in the lock file of the current directory. */
async function audit(): Promise<Report> {
  const args = ['audit', '--json', '--fetch-retries=0', '--fetch-timeout=20000']
  try {
    const { stdout } = await promisify(execFile)('npm', args, { maxBuffer: 2 ** 26 })
    return JSON.parse(stdout)
  } catch (error) {
    // If npm finds vulnerabilities, it exits with 1, but still prints its report.
    const { stdout = '' } = error as { stdout?: string }
    return stdout.startsWith('{') ? JSON.parse(stdout) : { message: 'npm audit could not run' }
  }
}

if (import.meta.main) {
  const { lines, failed } = judge(await audit())
  for (const line of lines) console.log(line)
  process.exitCode = failed ? 1 : 0
}
