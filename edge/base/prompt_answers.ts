/**
 * Sends several requests at once, some of which may get no answer.
 *
 * @module
 */

/**
 * The answers that come within `graceMs` after the first one, in the order in which they came.
 * The others are left out, and so are faults.
 *
 * @throws The fault of the first request, if there is no answer at all.
 */
export async function promptAnswers<T>(
  requests: readonly Promise<T>[],
  graceMs: number,
): Promise<readonly T[]> {
  const answers: T[] = [];
  const asked = requests.map(async (it) => void answers.push(await it));
  await Promise.any(asked)
    .catch((error: AggregateError) => Promise.reject(error.errors[0]));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.allSettled(asked), late]);
  clearTimeout(timer);
  return [...answers];
}
