import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SETTINGS, type Setting } from '../src/config/settings.ts'

export const CONFIGURATION_FILE = fileURLToPath(new URL('../docs/configuration.md', import.meta.url))

/** The text of docs/configuration.md. `npm run settings` writes it. */
export function configurationDocument(): string {
  const rows = Object.entries<Setting<unknown>>(SETTINGS).map(
    ([name, setting]) => `| \`${name}\` | ${shownDefault(setting)} | ${setting.help} |`,
  )
  return `# Configuration

Settings are environment variables, or lines of a file \`.env\` for \`./scripts/start\` and Compose. With an invalid value the service
does not start, and a message names the variable. Sizes are bytes or like \`500MB\`, \`50GiB\`; times are seconds or like \`90s\`, \`30m\`, \`24h\`, \`7d\`.

| variable | default | meaning |
| --- | --- | --- |
${rows.join('\n')}

The log goes to stderr, as JSON lines, or as readable lines at a terminal, where \`LOG_LEVEL=debug\` shows each request. Each request has an id (\`X-Request-Id\`). Every log line that
results from the request, in workers too, has it as \`request_id\`.

This page is generated from [src/config/settings.ts](../src/config/settings.ts) by \`npm run settings\`.
`
}

function shownDefault(setting: Setting<unknown>): string {
  return setting.shownDefault ?? (setting.default ? `\`${setting.default}\`` : '')
}

if (import.meta.main) await writeFile(CONFIGURATION_FILE, configurationDocument())
