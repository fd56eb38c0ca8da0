/** Resolves where a page is served. @throws Error for another status than success, or without an answer */
export async function askPage(
  url: string,
  { signal, headers }: { readonly signal: AbortSignal; readonly headers?: Record<string, string> },
): Promise<void> {
  const answer = await fetch(url, { signal, ...(headers && { headers }) });
  if (!answer.ok) throw new Error(`it answered with status ${answer.status}`);
}
