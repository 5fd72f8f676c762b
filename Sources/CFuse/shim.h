#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <sys/mount.h>
// glibc declares it with _GNU_SOURCE only, which Swift's Glibc module does not set.
ssize_t splice(int fdin, off_t *offin, int fdout, off_t *offout, size_t len, unsigned int flags);
