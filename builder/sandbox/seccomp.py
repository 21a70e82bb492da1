"""The system calls a sandboxed program may make: a list of what is allowed, the rest answers "no such call".

Made for the architecture it runs on, as a BPF program for bubblewrap. Left out on purpose: everything that mounts,
makes or joins namespaces, looks into other processes, loads code into the kernel, or reaches a rarely audited part of
it (io_uring, bpf, perf, keyrings, userfaultfd). System V shared memory and queues are out because no limit counts them.
"""

import errno
import tempfile
from functools import cache

_FILES = """
access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate
fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat
fstatfs fsync ftruncate futimesat getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1
inotify_rm_watch ioctl lchown lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir
mkdirat mknod mknodat newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read
readahead readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice stat statfs
statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink unlinkat utime utimensat utimes write
writev
"""
_MEMORY = """
brk cachestat madvise memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock munlockall
munmap pkey_alloc pkey_free pkey_mprotect membarrier map_shadow_stack get_mempolicy
"""
_PROCESSES = """
alarm arch_prctl capget capset execve execveat exit exit_group fork getegid geteuid getgid getgroups getpgid getpgrp
getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill
pause pidfd_open pidfd_send_signal prctl prlimit64 restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask
rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max
sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp set_robust_list get_robust_list
set_tid_address setfsgid setfsuid setgid setgroups setpgid setpriority setregid setresgid setresuid setreuid setrlimit
setsid setuid sigaltstack tgkill time times tkill uname vfork wait4 waitid getcpu sysinfo landlock_create_ruleset
landlock_add_rule landlock_restrict_self
"""
_WAITING = """
clock_getres clock_gettime clock_nanosleep epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait
eventfd eventfd2 futex futex_requeue futex_wait futex_waitv futex_wake getitimer getrandom gettimeofday nanosleep poll
ppoll pselect6 select setitimer signalfd signalfd4 timer_create timer_delete timer_getoverrun timer_gettime
timer_settime timerfd_create timerfd_gettime timerfd_settime io_setup io_submit io_getevents io_cancel io_destroy
semctl semget semop semtimedop
"""
_SOCKETS = """
accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg sendmmsg sendmsg sendto
setsockopt shutdown socketpair
"""
ALLOWED = tuple(f"{_FILES} {_MEMORY} {_PROCESSES} {_WAITING} {_SOCKETS}".split())

FAMILIES = (1, 2, 10)  # AF_UNIX, AF_INET, AF_INET6: in a network of the sandbox's own, with nothing but loopback
_NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}
_PERSONALITIES = (0x0, 0xFFFFFFFF)  # Linux itself, and asking which one it is


@cache
def filter_program() -> bytes:
    import pyseccomp  # loads libseccomp, which may be missing: `detect` says so

    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.ENOSYS))
    for name in ALLOWED:
        _allow(rules, name)
    # clone3 passes its flags in memory, where a filter can't look: libc falls back to clone.
    _allow(rules, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _NEW_NAMESPACES, 0))
    for personality in _PERSONALITIES:
        _allow(rules, "personality", pyseccomp.Arg(0, pyseccomp.EQ, personality))
    for family in range(max(FAMILIES) + 1):
        verdict = pyseccomp.ALLOW if family in FAMILIES else pyseccomp.ERRNO(errno.EAFNOSUPPORT)
        rules.add_rule(verdict, "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    rules.add_rule(pyseccomp.ERRNO(errno.EAFNOSUPPORT), "socket", pyseccomp.Arg(0, pyseccomp.GT, max(FAMILIES)))
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _allow(rules: object, name: str, *conditions: object) -> None:
    import pyseccomp

    try:
        rules.add_rule(pyseccomp.ALLOW, name, *conditions)  # type: ignore[attr-defined]
    except (ValueError, OSError) as error:
        # Newer than this libseccomp, or not of this architecture: then it stays refused.
        if isinstance(error, OSError) and error.errno not in (errno.EINVAL, errno.EFAULT, errno.EDOM):
            raise
