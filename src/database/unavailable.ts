/** Whether an error says that the database cannot be reached now, and not that something is wrong with the statement. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as { code?: string; message?: string }
  // SQLSTATE class 08 is a broken connection, 57P01 to 57P03 a server that stops or starts (PostgreSQL, appendix A).
  return (
    /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/.test(code) ||
    /^Connection terminated|timeout exceeded when trying to connect/.test(message)
  )
}
