import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, which } from 'zx';

/** Answers for the system's clock, some seconds later than it is. */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static time_t ahead(void) {
  const char *text = getenv("CLOCK_AHEAD_SECONDS");
  return text ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*own)(clockid_t, struct timespec *);
  if (!own) own = dlsym(RTLD_NEXT, "clock_gettime");
  int result = own(clock, time);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) time->tv_sec += ahead();
  return result;
}

int gettimeofday(struct timeval *time, void *zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
`;

/** Whether this machine can build what makes a process see another time. */
export const canShiftClocks =
  process.platform === 'linux' && (await which('cc', { nothrow: true })) !== null;

/** The variables with which a process sees the time some seconds later than it is. */
export interface ClockAhead extends AsyncDisposable {
  readonly environment: Readonly<Record<string, string>>;
}

/** Builds what shifts the clock of a process; keep it for as long as the process runs. */
export async function clockAhead(seconds: number): Promise<ClockAhead> {
  const folder = await mkdtemp(join(tmpdir(), 'provehouse-clock-'));
  const [source, library] = [join(folder, 'clock.c'), join(folder, 'clock.so')];
  await writeFile(source, SOURCE);
  await $({ quiet: true })`cc -shared -fPIC -O1 -o ${library} ${source} -ldl`;
  return {
    environment: { LD_PRELOAD: library, CLOCK_AHEAD_SECONDS: String(seconds) },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
