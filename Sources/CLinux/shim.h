// glibc declares these with _GNU_SOURCE only, which Swift's Glibc module does not set.
int syncfs(int fd);
int renameat2(int olddirfd, const char *oldpath, int newdirfd, const char *newpath, unsigned int flags);
int sync_file_range(int fd, long offset, long count, unsigned int flags);
int unshare(int flags);
