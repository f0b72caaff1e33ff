/**
 * This migration used to rewrite the search index with the code of the service of its day. The service does it now: it rewrites every row
 * that an older version has written (025).
 */
export async function up(): Promise<void> {}
