/** The error that a promise ends in. @throws Error where it ends in none. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`There was no error, but ${JSON.stringify(value)}`)
}
