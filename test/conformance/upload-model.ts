import fc from 'fast-check'
import type { Test } from 'tap'
import { DraftWire } from '../support/draft-wire.ts'
import type { LastingService } from '../support/lasting-service.ts'
import { TusWire } from '../support/tus-wire.ts'
import {
  type Choice,
  COMMANDS,
  type Command,
  CRASHES,
  compare,
  createUpload,
  type ModelUpload,
  type RealServer,
} from '../support/upload-model.ts'

// An upload as a few lines of memory, and the server beside it: random commands of both protocols go to both, and both have to say the
// same. RUNS is how many sequences, each of up to LENGTH commands and then a crash; a failure prints the REPLAY that repeats it.

const RUNS = Number(process.env['RUNS'] ?? 2)
const LENGTH = Number(process.env['LENGTH'] ?? 40)
const { replayPath, ...replay }: { seed?: number; path?: string; replayPath?: string } = JSON.parse(
  process.env['REPLAY'] ?? '{}',
)
/** How often each plain command is there for each crash, which takes a second. */
const CRASH_WEIGHT = 2
/** Milliseconds for which a failure is made smaller. */
const SHRINK_LIMIT = 60_000

type Uploads = ModelUpload[]
type Step = fc.AsyncCommand<Uploads, RealServer>

const choice = fc.record<Choice>({
  which: fc.nat(3),
  size: fc.option(fc.nat(5000), { nil: undefined }),
  seed: fc.nat(9999),
  flag: fc.boolean(),
})

const describe = ({ which, size, seed, flag }: Choice) => `${which}, ${size ?? 'all'}, ${seed}, ${flag}`

const creation = choice.map(
  (choice): Step => ({
    check: () => true,
    run: async (uploads: Uploads, real: RealServer) => {
      const upload = await createUpload(real, choice)
      uploads.push(upload)
      await compare(real, upload)
    },
    toString: () => `create(${describe(choice)})`,
  }),
)

const command = ([name, run]: [string, Command]) =>
  choice.map(
    (choice): Step => ({
      check: (uploads: Readonly<Uploads>) => uploads.length > 0,
      run: async (uploads: Uploads, real: RealServer) => {
        const upload = uploads[uploads.length - 1 - (choice.which % uploads.length)]!
        await run(real, upload, choice)
        await compare(real, upload)
      },
      toString: () => `${name}(${describe(choice)})`,
    }),
  )

const plain = Object.entries(COMMANDS).map(command)
const commands = fc.commands<Uploads, RealServer, false>(
  [
    ...Array.from({ length: CRASH_WEIGHT }, () => [creation, ...plain]).flat(),
    ...Object.entries(CRASHES).map(command),
  ],
  { maxCommands: LENGTH, size: 'max', ...(replayPath && { replayPath }) },
)

/** Plays the sequences of commands on a service, which is killed again and again. */
export async function modelOfUploads(t: Test, server: LastingService): Promise<void> {
  const { url: origin, dataDir } = server.service
  let crashes = 0
  const real: RealServer = {
    origin,
    dataDir,
    tus: new TusWire(origin),
    draft: new DraftWire(origin),
    async crash() {
      crashes++
      await server.service.kill()
      await server.startAgain()
    },
  }
  let ran = 0
  let failed = Number.POSITIVE_INFINITY
  const property = fc.asyncProperty(commands, async commands => {
    // Not by `interruptAfterTimeLimit`: that leaves the sequence that is under way to itself, on a slow machine also where nothing has failed.
    if (performance.now() > failed + SHRINK_LIMIT) return
    const uploads: Uploads = []
    try {
      await fc.asyncModelRun(() => ({ model: uploads, real }), commands)
      ran += [...commands].length
      await real.crash()
      for (const upload of uploads) await compare(real, upload)
    } catch (error) {
      failed = Math.min(failed, performance.now())
      throw error
    }
  })
  const details = await fc.check(property, {
    numRuns: RUNS,
    // What is repeated is small already.
    endOnFailure: replay.path !== undefined,
    ...replay,
  })
  t.notOk(details.failed, await report(details))
  t.comment(`seed ${details.seed}: ${details.numRuns} sequences, ${ran} commands, ${crashes} crashes`)
}

/** What failed, as short as it could be made, and how to run it again. */
async function report(details: fc.RunDetails<[Iterable<Step>]>): Promise<string> {
  if (!details.failed) return 'the server and the model agree'
  const said = await fc.asyncDefaultReportMessage(details)
  const [, replayPath] = /replayPath="([^"]*)"/.exec(String(details.counterexample?.[0])) ?? []
  const again = { seed: details.seed, path: details.counterexamplePath, replayPath }
  return `${said}\nREPLAY='${JSON.stringify(again)}'`
}
