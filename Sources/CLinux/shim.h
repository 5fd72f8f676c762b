#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

// glibc declares these with _GNU_SOURCE only, which Swift's Glibc module does not set.
int malloc_trim(size_t pad);
int syncfs(int fd);
int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags);
int sync_file_range(int fd, long offset, long count, unsigned int flags);
int unshare(int flags);
ssize_t splice(int fdin, off_t *offin, int fdout, off_t *offout, size_t len, unsigned int flags);
ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags);

// Bits of the processors the calling thread may run on (sched_getaffinity(2)): bytes written, or -1.
static inline long allowed_processors(unsigned long *mask, size_t byte_count) {
    return syscall(SYS_sched_getaffinity, 0, byte_count, mask);
}

// Keeps the calling thread on these processors (sched_setaffinity(2)): 0, or -1.
static inline long stay_on_processors(const unsigned long *mask, size_t byte_count) {
    return syscall(SYS_sched_setaffinity, 0, byte_count, mask);
}

// Orphans below the calling process become its children (prctl(2), which Swift cannot call: it takes any number of arguments).
static inline int become_subreaper(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}
