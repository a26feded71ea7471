// Loaded before SQLite (LD_PRELOAD) into a program under test: each statement that it prepares is written to the file
// that SEEN_STATEMENTS names, with a zero byte behind it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

typedef int (*Prepare)(void*, const char*, int, unsigned, void**, const char**);

static int file = -1;
static Prepare real;

__attribute__((constructor)) static void open_file(void) {
  const char* const name = getenv("SEEN_STATEMENTS");
  file = name == NULL ? -1 : open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  real = (Prepare)dlsym(RTLD_NEXT, "sqlite3_prepare_v3");
  if (file < 0 || real == NULL) abort();
}

int sqlite3_prepare_v3(void* database, const char* sql, int bytes, unsigned flags, void** statement,
                       const char** rest) {
  const struct iovec parts[] = {{(void*)sql, bytes < 0 ? strlen(sql) : strnlen(sql, (size_t)bytes)}, {"", 1}};
  // In one call, so that threads do not write into each other's.
  if (writev(file, parts, 2) < 0) abort();
  return real(database, sql, bytes, flags, statement, rest);
}
