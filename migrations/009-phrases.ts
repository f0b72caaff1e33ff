/**
 * This migration used to rewrite the search index with the code of that version. Now the service rewrites every row that an older version has
 * written (025).
 */
export async function up(): Promise<void> {}
